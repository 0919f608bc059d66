/**
 * Tools over a plain folder, for tests: no cell, no git, no people; but the real judges of tool calls, edits, plans, verdicts and
 * questions.
 * Knows nothing of scenarios.
 */
import { execFile } from 'node:child_process';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parsePlan } from '../../artifacts/parse-plan.ts';
import { parseVerdict } from '../../artifacts/parse-verdict.ts';
import type { JsonObject } from '../../base/json.ts';
import { judgeToolCall } from '../../capabilities/judge-tool-call.ts';
import { unwrittenStakeholders } from '../../policy/no-stakeholders.ts';
import { readAsk } from '../../questions/ask-input.ts';
import { labelOf } from '../../questions/settlement.ts';
import type { Role } from '../../teams/team.ts';
import { editText } from '../edit-text.ts';
import type { ToolCallPart, ToolResultPart } from '../model.ts';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));

export interface ToolFolder {
  dir: string;
  /** HOME of what is run. */
  home: string;
  role: Role;
}

export interface FolderRun {
  calls: { tool: string; output: string; isError: boolean }[];
  delivered: Map<string, string>;
  /** Path → new content. */
  changes: Map<string, string>;
}

/** Answers one tool call of an agent; what it changes and delivers is noted in `run`. */
export async function answerCall(
  folder: ToolFolder,
  run: FolderRun,
  call: ToolCallPart,
): Promise<ToolResultPart> {
  let answer: { output: string; isError: boolean };
  try {
    answer = { output: await callTool(folder, run, call), isError: false };
  } catch (error) {
    answer = { output: error instanceof Error ? error.message : String(error), isError: true };
  }
  run.calls.push({ tool: call.tool, ...answer });
  return { type: 'tool_result', id: call.id, tool: call.tool, ...answer };
}

async function callTool(
  { dir, home, role }: ToolFolder,
  run: FolderRun,
  call: ToolCallPart,
): Promise<string> {
  const { tool, input } = call;
  const judged = judgeToolCall({ role, tool, input, deliverables: role.writes, mayAsk: true });
  if (judged.decision !== 'allow') throw new Error(`refused: ${judged.reason}`);
  const text = (key: string): string => String(input[key] ?? '');
  const path = join(dir, text('path'));
  const save = async (content: string): Promise<string> => {
    await writeAll(dir, new Map([[text('path'), content]]));
    run.changes.set(text('path'), content);
    return `wrote ${text('path')}`;
  };
  switch (tool) {
    case 'read':
      return await readFile(path, 'utf8');
    case 'write':
      return await save(text('content'));
    case 'edit': {
      const edit = { oldText: text('old_text'), newText: text('new_text'), replaceAll: false };
      const edited = editText(await readFile(path, 'utf8'), edit);
      if (!edited.ok) throw new Error(edited.message);
      return await save(edited.text);
    }
    case 'glob':
      return (await pathsLike(dir, text('pattern'))).join('\n');
    case 'grep':
      return (await grep(dir, text('pattern'), text('glob'))).join('\n');
    case 'run':
      return await runCommand(dir, home, input.argv as string[]);
    case 'ask':
      return askPerson(input);
    default:
      return deliver(run, text('name'), text('content'));
  }
}

/** Whoever is asked takes the default; to a compliance question they say yes. */
function askPerson(input: JsonObject): string {
  const facts = { stakeholders: unwrittenStakeholders, item: 1, flow: 'feature', wasAsked: false };
  const read = readAsk(input, facts);
  if (!read.ok) throw new Error(`nobody was asked; put this right first: ${read.missing.join('; ')}`);
  const option = read.text.defaultOption ?? 1;
  return `Q-1 was answered by @sarah-pm: option ${option}, ${labelOf(read.text, option)}\nIt binds you.`;
}

function deliver(run: FolderRun, name: string, content: string): string {
  const { problems } = name === 'plan.json' ? parsePlan(content) : parseVerdict(content);
  if (problems.length > 0) throw new Error(`${name} was not accepted: ${problems.join('; ')}`);
  run.delivered.set(name, content);
  return `delivered ${name}`;
}

async function pathsLike(dir: string, pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern, { cwd: dir })) paths.push(path);
  return paths.sort();
}

async function grep(dir: string, pattern: string, fileGlob: string): Promise<string[]> {
  const hits: string[] = [];
  for (const path of await pathsLike(dir, fileGlob || '**/*.*')) {
    const lines = (await readFile(join(dir, path), 'utf8')).split('\n');
    for (const [index, line] of lines.entries()) {
      if (new RegExp(pattern).test(line)) hits.push(`${path}:${index + 1}: ${line}`);
    }
  }
  return hits;
}

/** `exit code N`, then what it printed; the environment is as bare as a cell's, with this repository's own Node. */
export function runCommand(dir: string, home: string, argv: readonly string[]): Promise<string> {
  const path = [join(repository, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH];
  const env = { PATH: path.join(delimiter), HOME: home, LANG: 'C.UTF-8' };
  const [program = '', ...rest] = argv;
  return new Promise((resolve) => {
    execFile(program, rest, { cwd: dir, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(`exit code ${error ? (error.code ?? 'unknown') : 0}\n${stdout}${stderr}`);
    });
  });
}

export async function writeAll(dir: string, changes: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, content] of changes) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}
