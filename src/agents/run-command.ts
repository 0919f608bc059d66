/** A role that needs no model: its declared command runs once, through the same door as any tool call of an agent. */
import type { AgentGateway } from '../gateway/agent-gateway.ts';
import { type AgentOutcome, waitingOutcome } from './run-agent.ts';

const longestMessage = 2_000;

/** A command that fails, or that the role's capabilities refuse, fails the step with the end of what it said. */
export async function runCommand(gateway: AgentGateway, command: string): Promise<AgentOutcome> {
  const result = await gateway.callTool({
    type: 'tool_call',
    id: 'declared-command',
    tool: 'shell',
    input: { command },
  });
  if (result.type === 'waiting') return waitingOutcome(result);
  if (!result.isError) return { outcome: 'done', summary: command };
  return {
    outcome: 'command_failed',
    message: `${command}: ${result.output.slice(-longestMessage).toWellFormed()}`,
  };
}
