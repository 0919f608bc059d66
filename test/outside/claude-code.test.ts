/** Claude Code takes a seat. */
import { describeRealAgent } from './real-agent.ts';

await describeRealAgent({
  name: 'claude-code',
  package: '@agentclientprotocol/claude-agent-acp',
  read: (path) => ({ name: 'Read', input: { file_path: path } }),
  edit: (path, before, after) => ({
    name: 'Edit',
    input: { file_path: path, old_string: before, new_string: after },
  }),
  run: (command) => ({ name: 'Bash', input: { command, description: 'Run it' } }),
  deliver: 'mcp__meshwright__deliver',
});
