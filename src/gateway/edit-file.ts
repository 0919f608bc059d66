/**
 * The edit tool on a cell: read, replace, write. What the file will be is known before it is written, so that after a
 * crash the file itself tells whether the edit was done.
 */
import { type JsonObject, sha256Hex } from '../base/json.ts';
import type { Cell } from '../cells/cell.ts';
import { type EditOutcome, editText } from './edit-text.ts';
import type { ExpectedEdit } from './tape-event.ts';
import { done, problem, type ToolOutput } from './tool-output.ts';
import { pathOf } from './tool-path.ts';

export async function editFile(cell: Cell, input: JsonObject): Promise<ToolOutput> {
  const path = pathOf(input.path);
  const read = await cell.readFile(path);
  if (!read.ok) return problem(read.message);
  const edited = edit(read.value, input);
  if (!edited.ok) return problem(edited.message);
  const written = await cell.writeFile(path, edited.text);
  if (!written.ok) return problem(written.message);
  return edits(path, edited.replacements);
}

/** Null: the edit will fail, and change nothing. */
export async function foreseeEdit(cell: Cell, input: JsonObject): Promise<ExpectedEdit | null> {
  const read = await cell.readFile(pathOf(input.path));
  if (!read.ok) return null;
  const edited = edit(read.value, input);
  return edited.ok ? { before: sha256Hex(read.value), after: sha256Hex(edited.text) } : null;
}

/** Of an edit that was cut off: its result when the file tells it, null when it was not done and may run now. */
export async function findOutEdit(
  cell: Cell,
  input: JsonObject,
  expects: ExpectedEdit | null,
): Promise<ToolOutput | null> {
  if (expects === null) return null;
  const path = pathOf(input.path);
  const read = await cell.readFile(path);
  const found = read.ok ? sha256Hex(read.value) : '';
  if (found === expects.before) return null;
  if (found === expects.after) return done(`edited ${path}`);
  return problem(
    `interrupted, outcome unknown: ${path} is neither as it was nor as the edit makes it; read it`,
  );
}

function edit(text: string, input: JsonObject): EditOutcome {
  return editText(text, {
    oldText: String(input.old_text),
    newText: String(input.new_text),
    replaceAll: input.replace_all === true,
  });
}

function edits(path: string, replacements: number): ToolOutput {
  return done(`edited ${path}${replacements > 1 ? ` in ${replacements} places` : ''}`);
}
