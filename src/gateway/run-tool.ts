/**
 * Runs one tool call, already judged, in the agent's cell and says what the model is told. `deliver` is not here: it
 * touches no cell. What comes out of a cell is hostile text and is treated as nothing but text.
 */
import type { JsonObject } from '../base/json.ts';
import { pathAllowed } from '../capabilities/path-scope.ts';
import type { Cell, ExecRequest } from '../cells/cell.ts';
import type { CellTool } from '../permissions/tool-name.ts';
import type { Redactor } from '../secrets/redactor.ts';
import type { Role } from '../teams/team.ts';
import { editFile } from './edit-file.ts';
import { cutMiddle, describeExec, done, problem, sliceLines, type ToolOutput } from './tool-output.ts';
import { pathOf } from './tool-path.ts';

export interface ToolRun {
  tool: CellTool;
  /** Has passed judgeToolCall. */
  input: JsonObject;
  cell: Cell;
  role: Role;
  /** Before anything is cut: half of a secret is not found any more. */
  redactor: Redactor;
  signal: AbortSignal;
}

const longestRead = 2_000;
const mostPaths = 500;
const mostHits = 200;
const longestTimeoutMs = 600_000;

export async function runTool(run: ToolRun): Promise<ToolOutput> {
  const { input, cell } = run;
  switch (run.tool) {
    case 'read':
      return readFile(run);
    case 'write':
      return writeFile(cell, input);
    case 'edit':
      return editFile(cell, input);
    case 'glob':
      return listPaths(run);
    case 'grep':
      return searchFiles(run);
    case 'run':
      return execute(run, (input.argv as string[]).slice());
    case 'shell':
      return execute(run, ['bash', '-c', String(input.command)]);
  }
}

async function readFile({ cell, input, redactor }: ToolRun): Promise<ToolOutput> {
  const read = await cell.readFile(pathOf(input.path));
  if (!read.ok) return problem(read.message);
  if (read.value === '') return done('(the file is empty)');
  return done(
    sliceLines(redactor.redact(read.value), Number(input.offset ?? 1), Number(input.limit ?? longestRead)),
  );
}

async function writeFile(cell: Cell, input: JsonObject): Promise<ToolOutput> {
  const path = pathOf(input.path);
  const written = await cell.writeFile(path, String(input.content));
  if (!written.ok) return problem(written.message);
  return done(`${written.value.isNew ? 'created' : 'replaced'} ${path}`);
}

async function listPaths({ input, cell, role }: ToolRun): Promise<ToolOutput> {
  const found = await cell.glob(String(input.pattern), mostPaths);
  if (!found.ok) return problem(found.message);
  const paths = found.value.paths.filter((path) => pathAllowed(role, 'glob', path));
  if (paths.length === 0) return done('no file matches');
  return done(
    cutMiddle(paths.join('\n')) + (found.value.isCut ? `\n(more than ${mostPaths}; narrow the glob)` : ''),
  );
}

async function searchFiles({ input, cell, role, redactor }: ToolRun): Promise<ToolOutput> {
  const glob = typeof input.glob === 'string' ? { glob: input.glob } : {};
  const found = await cell.grep(String(input.pattern), { ...glob, limit: mostHits });
  if (!found.ok) return problem(found.message);
  const hits = found.value.hits.filter((hit) => pathAllowed(role, 'grep', hit.path));
  if (hits.length === 0) return done('no line matches');
  const lines = hits.map((hit) => `${hit.path}:${hit.line}: ${cutMiddle(redactor.redact(hit.text), 400)}`);
  return done(
    cutMiddle(lines.join('\n')) + (found.value.isCut ? `\n(more than ${mostHits} hits; narrow it)` : ''),
  );
}

async function execute({ input, cell, signal }: ToolRun, argv: string[]): Promise<ToolOutput> {
  const request: ExecRequest = { argv };
  const cwd = typeof input.cwd === 'string' ? pathOf(input.cwd) : '';
  if (cwd !== '') request.cwd = cwd;
  if (typeof input.timeout_seconds === 'number') {
    request.timeoutMs = Math.min(input.timeout_seconds * 1000, longestTimeoutMs);
  }
  const result = await cell.exec(request, signal);
  return { output: describeExec(result), isError: result.exitCode !== 0 };
}
