/**
 * The tools of a seat over MCP: its brief, its findings, its budget, and those of our tools that it is offered. The latter go
 * through the agent's gateway like any tool call; the former change nothing and only tell what the seat was given.
 */
import type { JsonObject } from '../../base/json.ts';
import { toolsNeedingYes } from '../../capabilities/needing-yes.ts';
import { describeBudget } from '../../ledger/budget.ts';
import type { FaceSeat } from '../http/face-seat.ts';
import type { ToolSpec } from '../model.ts';
import type { ToolOutput } from '../tool-output.ts';
import { done } from '../tool-output.ts';
import { toolSpecs } from '../tool-specs.ts';

const noInput: JsonObject = { type: 'object', properties: {}, additionalProperties: false };

const tellingTools: readonly ToolSpec[] = [
  {
    name: 'brief',
    description: 'What is to be done: title, text and success criteria.',
    inputSchema: noInput,
  },
  {
    name: 'findings',
    description: 'What was found wrong with earlier work on this step, to be put right now.',
    inputSchema: noInput,
  },
  {
    name: 'budget_left',
    description: 'How much may still be spent on model calls.',
    inputSchema: noInput,
  },
];

const whenApproved =
  'What needs the yes of people is not done at once: they are asked, and it is done after your turn, when they have said yes.';

export function listSeatTools({ role, deliverables, offeredTools }: FaceSeat): ToolSpec[] {
  const offered = toolSpecs(role, deliverables, true).filter(({ name }) =>
    offeredTools.some((each) => each === name),
  );
  const needingYes = toolsNeedingYes(role);
  const named = offered.map((spec) => {
    const isAsked = needingYes.some((tool) => tool === spec.name);
    return isAsked ? { ...spec, description: `${spec.description} ${whenApproved}` } : spec;
  });
  return [...tellingTools, ...named];
}

/** `id`: unique on the tape. @throws as the gateway does. */
export async function callSeatTool(
  seat: FaceSeat,
  call: { id: string; tool: string; input: JsonObject },
): Promise<ToolOutput> {
  switch (call.tool) {
    case 'brief':
      return done(describeBrief(seat.brief));
    case 'findings':
      return done(describeFindings(seat));
    case 'budget_left':
      return done(describeBudget(await seat.gateway.budget()) ?? 'no ceiling limits what may be spent');
    default:
      return seat.gateway.callToolAtOnce({ type: 'tool_call', ...call });
  }
}

function describeBrief({ title, text, criteria }: FaceSeat['brief']): string {
  const list = criteria.map((criterion) => `- ${criterion}`).join('\n');
  return [`# ${title}`, text.trim(), list && `# Success criteria\n\n${list}`].filter(Boolean).join('\n\n');
}

function describeFindings({ findings }: FaceSeat): string {
  if (findings.length === 0) return 'nothing was found wrong so far';
  return findings
    .map(({ source, file, line, message, output }) => {
      const place = file ? `${file}${line ? `:${line}` : ''} ` : '';
      return `- [${source}] ${place}${message}${output ? `\n${output.trimEnd()}` : ''}`;
    })
    .join('\n');
}
