/** The path of a judged tool call: the cell gets the very spelling that was judged. */
import { normalizeWorkspacePath } from '../capabilities/workspace-path.ts';

export function pathOf(value: unknown): string {
  const check = normalizeWorkspacePath(String(value));
  if (!check.ok) throw new Error(`a tool call was run that had not been judged: ${check.reason}`);
  return check.path;
}
