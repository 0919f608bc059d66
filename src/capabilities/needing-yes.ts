/** Which of our tools may need the yes of people in a role's hands, and by which of its rules. Pure; a call is judged by judgeToolCall. */
import type { AskRule } from '../permissions/permission-rule.ts';
import { type CellTool, cellTools } from '../permissions/tool-name.ts';
import type { Role } from '../teams/team.ts';
import { concerns } from './path-scope.ts';

/** In the order of `cellTools`. */
export function toolsNeedingYes({ permissions }: Role): CellTool[] {
  return cellTools.filter((tool) => permissions.ask.some((rule) => mayAsk(rule, tool)));
}

/** Those of its rules that ask before one of these tools is used. */
export function rulesAskingFor({ permissions }: Role, tools: readonly CellTool[]): AskRule[] {
  return permissions.ask.filter((rule) => tools.some((tool) => mayAsk(rule, tool)));
}

/** What may not be read without a yes is left out of what a search finds, and nobody is asked for it there. */
function mayAsk(rule: AskRule, tool: CellTool): boolean {
  if (rule.part?.kind !== 'path') return rule.tools.includes(tool);
  return (tool === 'read' || tool === 'write' || tool === 'edit') && concerns(rule, tool);
}
