/** OpenCode takes a seat. */
import { describeRealAgent } from './real-agent.ts';

await describeRealAgent({
  name: 'opencode',
  package: 'opencode-ai',
  read: (path) => ({ name: 'read', input: { filePath: path } }),
  edit: (path, before, after) => ({
    name: 'edit',
    input: { filePath: path, oldString: before, newString: after },
  }),
  run: (command) => ({ name: 'bash', input: { command, description: 'Run it' } }),
  deliver: 'meshwright_deliver',
});
