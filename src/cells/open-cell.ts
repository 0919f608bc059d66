/** Makes the Cell port out of a started program: requests, time limits, the end. Knows nothing of how it is isolated. */
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import picomatch from 'picomatch';
import { z } from 'zod';
import { MeshwrightError } from '../base/errors.ts';
import type { Cell, CellSpec, FileOutcome } from './cell.ts';
import { CellClient } from './cell-client.ts';
import { spawnInCell } from './cell-process.ts';
import type { ExecParams } from './inside/protocol.ts';

/** Beyond a command's own limit: SIGTERM, SIGKILL and the last output take their time. */
const slackMs = 10_000;
const startTimeoutMs = 20_000;
const fileTimeoutMs = 60_000;

const execResult = z.object({
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  stdout: z.string(),
  stderr: z.string(),
  isTimedOut: z.boolean(),
  isTruncated: z.boolean(),
  durationMs: z.number(),
});

function outcomeOf<T>(value: z.ZodType<T>): z.ZodType<FileOutcome<T>> {
  return z.union([
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), message: z.string() }),
  ]) as unknown as z.ZodType<FileOutcome<T>>;
}

const textOutcome = outcomeOf(z.string());
const writeOutcome = outcomeOf(z.object({ isNew: z.boolean() }));
const pathsOutcome = outcomeOf(z.object({ paths: z.array(z.string()), isCut: z.boolean() }));
const hitsOutcome = outcomeOf(
  z.object({
    hits: z.array(z.object({ path: z.string(), line: z.number().int(), text: z.string() })),
    isCut: z.boolean(),
  }),
);

export interface StartedProgram {
  child: ChildProcess & { stdin: Writable; stdout: Readable; stderr: Readable };
  spec: CellSpec;
  /** Environment of every command. */
  env: Record<string, string>;
  isIsolated: boolean;
  /** As the program inside sees it. */
  egressSocket: string | null;
  /** As the program inside sees it. */
  gatewaySocket: string | null;
  /** Host pid of the cell's first process, once known. */
  pid: () => number;
  /** Kills every process of the cell and removes what is private to it. Called once. */
  dispose(): Promise<void>;
}

/**
 * Waits until the program answers; on failure everything is disposed of.
 * @throws MeshwrightError `cell_not_started` with what it printed.
 */
export async function openCell(started: StartedProgram): Promise<Cell> {
  const { child, spec } = started;
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString('utf8')).slice(-4_000);
  });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= started.dispose();
    client.end(endedError(spec.id, 'it was closed'));
    return closing;
  };
  const client = new CellClient(child, {
    id: spec.id,
    // Escapes can make a byte six characters long, for both streams or the largest file.
    lineBytes: 12 * (Math.max(spec.limits.outputBytes, spec.limits.fileBytes) + 4_096) + 1_048_576,
    onBroken: () => void close().catch(() => {}),
  });
  child.on('error', (error) => client.end(endedError(spec.id, error.message)));
  child.on('exit', (code, signal) => {
    client.end(endedError(spec.id, printed.trim().split('\n').at(-1) || `exit ${signal ?? code}`));
  });
  const { env, isIsolated, egressSocket, gatewaySocket } = started;
  const { workspace, limits } = spec;
  const params = { workspace, env, limits, isIsolated, egressSocket, gatewaySocket };
  let gatewayPort: number | null;
  try {
    const answer = await client.request('start', params, {
      schema: z.object({ pid: z.number(), gatewayPort: z.int().min(1).max(65_535).nullable() }),
      timeoutMs: startTimeoutMs,
    });
    gatewayPort = answer.gatewayPort;
  } catch (error) {
    await close();
    const why = printed.trim() || (error instanceof Error ? error.message : String(error));
    throw new MeshwrightError('cell_not_started', `cell ${spec.id} did not start: ${why}`, {
      hint: 'Run meshwright doctor: it says what the cells of this machine lack.',
    });
  }
  return cellOn(client, started, { close, gatewayPort });
}

function cellOn(
  client: CellClient,
  started: StartedProgram,
  { close, gatewayPort }: { close: () => Promise<void>; gatewayPort: number | null },
): Cell {
  const { spec } = started;
  return {
    id: spec.id,
    pid: started.pid(),
    gatewayPort,
    spawn: (request) => spawnInCell(client, request),
    exec: (request, signal) => {
      const timeoutMs = (request.timeoutMs ?? spec.limits.commandTimeoutMs) + slackMs;
      return client.request('exec', request as ExecParams, { schema: execResult, timeoutMs, signal });
    },
    readFile: (path) =>
      client.request('readFile', { path }, { schema: textOutcome, timeoutMs: fileTimeoutMs }),
    writeFile: (path, content) => {
      // JSON would carry a lone surrogate and UTF-8 would not: refused before it is changed on the way.
      if (!content.isWellFormed()) {
        return Promise.resolve({ ok: false, message: `${path}: the content is not valid Unicode` });
      }
      return client.request(
        'writeFile',
        { path, content },
        { schema: writeOutcome, timeoutMs: fileTimeoutMs },
      );
    },
    glob: async (pattern, limit) => {
      const expression = globExpression(pattern);
      if (!expression.ok) return expression;
      const params = { expression: expression.value, limit };
      return client.request('glob', params, { schema: pathsOutcome, timeoutMs: fileTimeoutMs });
    },
    grep: async (pattern, { glob, limit }) => {
      const expression = glob === undefined ? null : globExpression(glob);
      if (expression?.ok === false) return expression;
      const params = { pattern, expression: expression?.value ?? null, limit };
      return client.request('grep', params, { schema: hitsOutcome, timeoutMs: fileTimeoutMs });
    },
    close,
  };
}

/** Same syntax as the path scopes of roles. A pattern of another tree is refused instead of finding nothing. */
function globExpression(pattern: string): FileOutcome<string> {
  const relative = pattern.replace(/^(\.\/)+/, '');
  if (relative === '' || relative.startsWith('/') || relative.split('/').includes('..')) {
    return {
      ok: false,
      message: `${JSON.stringify(pattern)} is refused: name files relative to the workspace`,
    };
  }
  try {
    return { ok: true, value: picomatch.makeRe(relative, { dot: true }).source };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function endedError(id: string, why: string): MeshwrightError {
  return new MeshwrightError('cell_ended', `cell ${id} ended: ${why}`, {
    hint: 'The step starts again in a new cell.',
  });
}
