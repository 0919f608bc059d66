/** The input of each tool, and the check that a model's input has that shape. Nothing is coerced: a wrong input is told back. */
import type { Json, JsonObject } from '../base/json.ts';
import type { CellTool, ToolName } from '../permissions/tool-name.ts';

export type AnyToolName = ToolName | 'deliver';

/** Those whose input is a flat list of fields; what a question must hold is told by questions/ask-input.ts. */
export type PlainTool = CellTool | 'deliver';

interface Field {
  type: 'string' | 'integer' | 'boolean' | 'strings';
  isRequired: boolean;
  description: string;
}

/** Field order is the order in which tools are described to models. */
export const toolInputs: Readonly<Record<PlainTool, Readonly<Record<string, Field>>>> = {
  read: {
    path: required('string', 'File, relative to the workspace.'),
    offset: optional('integer', 'First line to return, from 1.'),
    limit: optional('integer', 'How many lines to return.'),
  },
  write: {
    path: required('string', 'File, relative to the workspace; folders are created.'),
    content: required('string', 'The whole new content.'),
  },
  edit: {
    path: required('string', 'File, relative to the workspace.'),
    old_text: required(
      'string',
      'Text to replace, exactly as in the file, with enough around it to be unique.',
    ),
    new_text: required('string', 'Text to put in its place.'),
    replace_all: optional('boolean', 'Replace every occurrence instead of the only one.'),
  },
  glob: { pattern: required('string', 'Glob over workspace paths, e.g. src/**/*.ts.') },
  grep: {
    pattern: required('string', 'JavaScript regular expression, matched line by line.'),
    glob: optional('string', 'Only files whose path matches this glob.'),
  },
  run: {
    argv: required('strings', 'Program and arguments; no shell.'),
    cwd: optional('string', 'Folder to run in, relative to the workspace.'),
    timeout_seconds: optional('integer', 'Stop it after this time, at most 600.'),
  },
  shell: {
    command: required('string', 'A bash command line.'),
    cwd: optional('string', 'Folder to run in, relative to the workspace.'),
    timeout_seconds: optional('integer', 'Stop it after this time, at most 600.'),
  },
  deliver: {
    name: required('string', 'Name of the artifact.'),
    content: required('string', 'Its whole content.'),
  },
};

/** One sentence that says what is wrong and what is expected; null when the input fits. */
export function findInputProblem(tool: PlainTool, input: JsonObject): string | null {
  const fields = toolInputs[tool];
  for (const [name, field] of Object.entries(fields)) {
    const value = input[name];
    if (value === undefined || (value === null && !field.isRequired)) {
      if (field.isRequired) return `${tool} needs ${name}; it takes ${describeFields(tool)}`;
      continue;
    }
    if (!hasType(value, field.type)) {
      return `${name} of ${tool} must be ${typeNames[field.type]}; it takes ${describeFields(tool)}`;
    }
  }
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(fields, name));
  return unknown === undefined
    ? null
    : `${tool} has no input ${JSON.stringify(unknown)}; it takes ${describeFields(tool)}`;
}

const typeNames = {
  string: 'a string',
  integer: 'a positive whole number',
  boolean: 'true or false',
  strings: 'a non-empty list of strings',
} as const;

function hasType(value: Json, type: Field['type']): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && !value.includes('\0');
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
    case 'boolean':
      return typeof value === 'boolean';
    case 'strings':
      return (
        Array.isArray(value) &&
        value.length > 0 &&
        value[0] !== '' &&
        value.every((entry) => typeof entry === 'string' && !entry.includes('\0'))
      );
  }
}

function describeFields(tool: PlainTool): string {
  const parts = Object.entries(toolInputs[tool]).map(
    ([name, field]) => `${name}${field.isRequired ? '' : '?'} (${typeNames[field.type]})`,
  );
  return parts.join(', ');
}

function required(type: Field['type'], description: string): Field {
  return { type, isRequired: true, description };
}
function optional(type: Field['type'], description: string): Field {
  return { type, isRequired: false, description };
}
