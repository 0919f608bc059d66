/** The tools that agents have, by our names. */

/** Run in the cell. `shell` takes a command line, `run` an argument vector. */
export type CellTool = 'read' | 'write' | 'edit' | 'glob' | 'grep' | 'run' | 'shell';
export const cellTools: readonly CellTool[] = ['read', 'write', 'edit', 'glob', 'grep', 'run', 'shell'];

/** Reach a person: every agent with a model has them unless its role denies them, whatever tools it lists. */
export type AskingTool = 'ask' | 'decline';
export const askingTools: readonly AskingTool[] = ['ask', 'decline'];

export function isAskingTool(tool: string): tool is AskingTool {
  return (askingTools as readonly string[]).includes(tool);
}

/** What rules can be about; `deliver` hands in a named artifact and is always allowed. */
export type ToolName = CellTool | AskingTool;
export const toolNames: readonly ToolName[] = [...cellTools, ...askingTools];

/** Their counterparts in Claude Code's files and requests. What is not here does not exist. */
const counterparts: Readonly<Record<string, readonly ToolName[]>> = {
  Read: ['read'],
  Write: ['write'],
  Edit: ['edit'],
  MultiEdit: ['edit'],
  NotebookEdit: ['edit'],
  Glob: ['glob'],
  LS: ['glob'],
  Grep: ['grep'],
  Bash: ['run', 'shell'],
  AskUserQuestion: ['ask'],
  ...Object.fromEntries(toolNames.map((name) => [name, [name]])),
};

export const writtenToolNames: readonly string[] = Object.keys(counterparts);

/** Undefined: there is no such tool. */
export function toolsCalled(written: string): readonly ToolName[] | undefined {
  return Object.hasOwn(counterparts, written) ? counterparts[written] : undefined;
}
