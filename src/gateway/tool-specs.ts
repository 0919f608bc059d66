/** How tools are described to a model: only those that the role may use, always in the same order, so that caches hit. */
import type { JsonObject } from '../base/json.ts';
import { permittedTools } from '../capabilities/judge-tool-call.ts';
import { type AnyToolName, type PlainTool, toolInputs } from '../capabilities/tool-input.ts';
import { type CellTool, cellTools } from '../permissions/tool-name.ts';
import { askSchema, declineSchema } from '../questions/ask-fields.ts';
import type { Role } from '../teams/team.ts';
import type { ToolSpec } from './model.ts';

const descriptions: Readonly<Record<AnyToolName, string>> = {
  read: 'Reads a text file of the workspace. Long files: state offset and limit.',
  write: 'Writes a whole file, new or over an old one.',
  edit: 'Replaces one exact piece of text in a file. Read the file first.',
  glob: 'Lists files whose path matches a glob.',
  grep: 'Searches files line by line with a regular expression.',
  run: 'Runs a program with arguments in the workspace, without a shell. Answers with exit code, output and errors.',
  shell: 'Runs a bash command line in the workspace. Answers with exit code, output and errors.',
  deliver:
    'Hands in a named artifact. It is checked at once; what is wrong is told, and it can be handed in again.',
  ask: 'Asks the person who decides it. Your work waits for the answer; a decision that already holds is told at once and asks nobody.',
  decline:
    'Says to a person that you will not do what you were asked, or cannot go on without more information. Your work waits for the answer.',
};

/** `mayAsk`: somebody hears what it asks. */
export function toolSpecs(role: Role, deliverables: readonly string[], mayAsk = false): ToolSpec[] {
  return permittedTools(role, deliverables, mayAsk).map((tool) => ({
    name: tool,
    description: descriptionOf(tool, role, deliverables),
    inputSchema: schemaOf(tool, deliverables),
  }));
}

function descriptionOf(tool: AnyToolName, role: Role, deliverables: readonly string[]): string {
  const names = tool === 'deliver' ? ` Asked for: ${deliverables.join(', ')}.` : '';
  return `${descriptions[tool]}${isCellTool(tool) ? limitsOf(tool, role) : ''}${names}`;
}

/** What the role's scopes and rules leave of a tool, so that it need not find out by being refused. */
function limitsOf(tool: CellTool, role: Role): string {
  const isWrite = tool === 'write' || tool === 'edit';
  const scope = tool === 'read' ? role.readPaths : isWrite ? role.writePaths : null;
  const paths = scope === null ? '' : ` Only these paths: ${scope.join(', ') || 'none'}.`;
  const changed = isWrite && role.onlyFiles !== null ? ' Only files that the item has changed.' : '';
  const lists = role.permissions.allow.map((rules) => rules.filter(({ tools }) => tools.includes(tool)));
  const parts = lists
    .filter((rules) => rules.length > 0 && rules.every(({ part }) => part !== null))
    .map((rules) => ` Only these parts: ${rules.map(({ text }) => text).join(', ')}.`);
  return `${paths}${changed}${parts.join('')}`;
}

function isCellTool(tool: AnyToolName): tool is CellTool {
  return (cellTools as readonly string[]).includes(tool);
}

function schemaOf(tool: AnyToolName, deliverables: readonly string[]): JsonObject {
  if (tool === 'ask') return askSchema;
  return tool === 'decline' ? declineSchema : plainSchemaOf(tool, deliverables);
}

function plainSchemaOf(tool: PlainTool, deliverables: readonly string[]): JsonObject {
  const fields = Object.entries(toolInputs[tool]);
  const properties: JsonObject = {};
  for (const [name, field] of fields) {
    properties[name] = { ...jsonTypes[field.type], description: field.description };
  }
  if (tool === 'deliver') properties.name = { type: 'string', enum: [...deliverables] };
  return {
    type: 'object',
    properties,
    required: fields.filter(([, field]) => field.isRequired).map(([name]) => name),
    additionalProperties: false,
  };
}

const jsonTypes: Readonly<Record<string, JsonObject>> = {
  string: { type: 'string' },
  integer: { type: 'integer', minimum: 1 },
  boolean: { type: 'boolean' },
  strings: { type: 'array', items: { type: 'string' }, minItems: 1 },
};
