/** An outside agent is not run again: its record is compared with itself, metered or not, and that is said. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { replayItem } from '../../src/replay/replay-item.ts';
import {
  createOutsideProject,
  fakeAgent,
  installFakeAgent,
  scriptedModel,
} from '../outside/outside-project.ts';

let fake: ReturnType<typeof installFakeAgent>;
beforeAll(() => {
  fake = installFakeAgent();
});
afterAll(() => fake.remove());

const unmetered =
  'metered: false, env: { ANTHROPIC_BASE_URL: "{gateway_url}", ANTHROPIC_API_KEY: "{gateway_key}" }';

it.each([
  ['metered', 'protocol: anthropic', 1],
  ['not metered', unmetered, 0],
])('what an agent that is %s asked and got is whole, and nothing is run again', async (_, agent, calls) => {
  const project = await createOutsideProject({
    model: ({ messages }) => ({ text: `${messages.length} messages` }),
    mesh: [scriptedModel, fakeAgent(fake.program, 'works', agent)],
    agent: 'fake',
  });
  try {
    await project.add('Make a file');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    const replay = await replayItem(project.context, {
      item: 1,
      agent: null,
      isCurrent: false,
      runsTools: true,
      signal: AbortSignal.timeout(60_000),
    });
    expect(replay).toMatchObject({
      isIdentical: true,
      trees: [],
      agents: [
        {
          calls,
          tools: null,
          tree: null,
          artifacts: [{ name: 'notes.md', isIdentical: true }],
          notes: [expect.stringContaining('it is not run again')],
        },
      ],
    });
  } finally {
    await project.remove();
  }
});
