/** The tools that agents have, by our names. */

/** `shell` takes a command line, `run` an argument vector; `deliver` hands in a named artifact and is always allowed. */
export type ToolName = 'read' | 'write' | 'edit' | 'glob' | 'grep' | 'run' | 'shell';
export const toolNames: readonly ToolName[] = ['read', 'write', 'edit', 'glob', 'grep', 'run', 'shell'];

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
  ...Object.fromEntries(toolNames.map((name) => [name, [name]])),
};

export const writtenToolNames: readonly string[] = Object.keys(counterparts);

/** Undefined: there is no such tool. */
export function toolsCalled(written: string): readonly ToolName[] | undefined {
  return Object.hasOwn(counterparts, written) ? counterparts[written] : undefined;
}
