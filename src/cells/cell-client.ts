/**
 * The host's end of the line to the program inside a cell. Everything that arrives is hostile: a line that is too
 * long or makes no sense ends the cell; nothing that arrives is executed or used as a path.
 */
import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { MeshwrightError } from '../base/errors.ts';
import type { HostLine } from './inside/protocol.ts';
import { lineSplitter } from './inside/split-lines.ts';

const cellLine = z.union([
  z.object({ id: z.string(), value: z.unknown() }),
  z.object({ id: z.string(), fault: z.string() }),
]);

type Method = Exclude<HostLine['method'], 'cancel'>;
type ParamsOf<M extends HostLine['method']> = Extract<HostLine, { method: M }>['params'];

export interface RequestOptions<T> {
  /** What the answer must look like. */
  schema: z.ZodType<T>;
  /** After this the program inside counts as stuck and the cell is broken. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

interface Pending {
  settle(outcome: { value: unknown } | { error: Error }): void;
}

/** How long a cancelled command may take until it is given up without its answer. */
const cancelMs = 3_000;

export class CellClient {
  readonly #stdin: Writable;
  readonly #cellId: string;
  readonly #onBroken: (error: MeshwrightError) => void;
  readonly #pending = new Map<string, Pending>();
  #failure: MeshwrightError | undefined;

  /** @param onBroken called once when the cell must be ended because it cannot be spoken with any more. */
  constructor(
    streams: { stdin: Writable; stdout: Readable },
    cell: { id: string; lineBytes: number; onBroken: (error: MeshwrightError) => void },
  ) {
    this.#stdin = streams.stdin;
    this.#cellId = cell.id;
    this.#onBroken = cell.onBroken;
    const feed = lineSplitter(
      cell.lineBytes,
      (line) => this.#receive(line),
      () => this.#break('it sent a line without end'),
    );
    streams.stdout.on('data', feed);
    streams.stdout.on('error', () => {});
    streams.stdin.on('error', () => {});
  }

  /** @throws MeshwrightError `cell_ended`, `cell_broken`; the signal's reason when it aborts. */
  async request<M extends Method, T>(method: M, params: ParamsOf<M>, options: RequestOptions<T>): Promise<T> {
    options.signal?.throwIfAborted();
    if (this.#failure) throw this.#failure;
    const id = randomBytes(12).toString('hex');
    const value = await new Promise<unknown>((resolve, reject) => {
      let isAborted = false;
      const finish = (outcome: { value: unknown } | { error: Error }) => {
        this.#pending.delete(id);
        clearTimeout(timer);
        clearTimeout(cancelTimer);
        options.signal?.removeEventListener('abort', onAbort);
        if (isAborted) reject(options.signal?.reason);
        else if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.value);
      };
      const timer = setTimeout(() => this.#break(`${method} had no answer in time`), options.timeoutMs);
      let cancelTimer: NodeJS.Timeout | undefined;
      const onAbort = () => {
        isAborted = true;
        this.#send({ id: randomBytes(12).toString('hex'), method: 'cancel', params: { target: id } });
        cancelTimer = setTimeout(() => finish({ value: null }), cancelMs);
      };
      options.signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, { settle: finish });
      this.#send({ id, method, params } as HostLine);
    });
    const parsed = options.schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw this.#break(`${method} had an answer that makes no sense`);
  }

  /** Rejects everything under way and to come. */
  end(error: MeshwrightError): void {
    this.#failure ??= error;
    for (const pending of [...this.#pending.values()]) pending.settle({ error: this.#failure });
  }

  #send(line: HostLine): void {
    if (this.#stdin.writable) this.#stdin.write(`${JSON.stringify(line)}\n`);
  }

  #receive(text: string): void {
    if (this.#failure) return;
    const line = cellLine.safeParse(parseJson(text));
    if (!line.success) {
      this.#break('it sent something else than an answer');
      return;
    }
    const pending = this.#pending.get(line.data.id);
    if ('fault' in line.data) {
      const why = `the program in cell ${this.#cellId} failed: ${line.data.fault}`;
      pending?.settle({ error: new MeshwrightError('cell_failed', why) });
    } else pending?.settle({ value: line.data.value });
  }

  #break(why: string): MeshwrightError {
    const error = new MeshwrightError('cell_broken', `cell ${this.#cellId} was ended: ${why}`, {
      hint: 'The step starts again in a new cell.',
    });
    if (!this.#failure) {
      this.end(error);
      this.#onBroken(error);
    }
    return error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
