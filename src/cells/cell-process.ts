/** The host's end of a long-lived program in a cell: two streams and an end, made of requests to the program inside. */
import { randomBytes } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { messageOf } from '../base/errors.ts';
import type { CellProcess, FileOutcome, ProcessExit, SpawnRequest } from './cell.ts';
import type { CellClient } from './cell-client.ts';

/** The program inside answers a question for output at least this often, if it lives. */
const outputTimeoutMs = 60_000;
const startTimeoutMs = 60_000;
/** A program may leave its input unread for as long as it works; the cell's end is what ends this wait. */
const inputTimeoutMs = 24 * 3_600_000;

const started = z.union([
  z.object({ ok: z.literal(true), value: z.null() }),
  z.object({ ok: z.literal(false), message: z.string() }),
]);
const output = z.object({
  data: z.string(),
  end: z
    .object({ exitCode: z.int().nullable(), signal: z.string().nullable(), stderr: z.string() })
    .nullable(),
});

/** @throws MeshwrightError `cell_ended`, `cell_broken`. */
export async function spawnInCell(
  client: CellClient,
  request: SpawnRequest,
): Promise<FileOutcome<CellProcess>> {
  const process = randomBytes(12).toString('hex');
  const params = { process, argv: request.argv, env: request.env };
  const answer = await client.request('spawn', params, { schema: started, timeoutMs: startTimeoutMs });
  if (!answer.ok) return answer;

  let settle: (exit: ProcessExit) => void;
  const exited = new Promise<ProcessExit>((resolve) => {
    settle = resolve;
  });
  const stdout = new Readable({
    read() {
      readOn().catch((error: unknown) => {
        settle({ exitCode: null, signal: null, stderr: messageOf(error) });
        stdout.push(null);
      });
    },
  });
  const readOn = async (): Promise<void> => {
    for (;;) {
      const options = { schema: output, timeoutMs: outputTimeoutMs };
      const { data, end } = await client.request('output', { process }, options);
      if (data !== '') {
        stdout.push(Buffer.from(data, 'base64'));
        return;
      }
      if (end === null) continue;
      settle(end);
      stdout.push(null);
      return;
    }
  };
  const send = (data: string | null, done: (error?: Error | null) => void) => {
    const options = { schema: z.null(), timeoutMs: inputTimeoutMs };
    client.request('input', { process, data }, options).then(() => done(), done);
  };
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => send(chunk.toString('base64'), done),
    final: (done) => send(null, done),
  });
  // Whoever writes learns of the cell's end from the write itself, or from `exited`.
  stdin.on('error', () => {});
  const kill = () => {
    client.request('end', { process }, { schema: z.null(), timeoutMs: startTimeoutMs }).catch(() => {});
  };
  return { ok: true, value: { stdin, stdout, exited, kill } };
}
