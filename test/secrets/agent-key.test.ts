/** The key by which an outside agent reaches its gateway is in its cell, and the agent may say it: nobody writes it down. */
import { expect, it, onTestFinished } from 'vitest';
import { createSecretKeeper, nothingHeld } from '../../src/secrets/held-secrets.ts';
import { journalText } from '../clients/wire-team.ts';
import { createOutsideProject, installFakeAgent, scriptedModel } from '../outside/outside-project.ts';

it('an outside agent’s own key is known as a secret as long as it opens anything', async () => {
  const fake = installFakeAgent();
  onTestFinished(() => fake.remove());
  const keeper = createSecretKeeper();
  const keys: string[] = [];
  const heard: string[] = [];
  const project = await createOutsideProject({
    model: ({ messages }) => {
      heard.push(JSON.stringify(messages));
      return { text: 'Keep it to yourself.' };
    },
    mesh: [
      scriptedModel,
      `agents: { fake: { command: [${JSON.stringify(fake.program)}, blurts], protocol: anthropic } }`,
    ],
    agent: 'fake',
    change: (context) => ({
      ...context,
      secrets: {
        ...nothingHeld,
        redactor: keeper.redactor,
        add: (secret) => {
          keys.push(secret.value);
          return keeper.add(secret);
        },
      },
    }),
  });
  onTestFinished(() => project.remove());
  await project.add('Say what you know');
  await project.run();
  const [key = ''] = keys;
  expect(key.length).toBeGreaterThan(20);
  const text = `${await journalText(project.journal)}\n${heard.join('\n')}`;
  expect(text).not.toContain(key);
  expect(text.split('My key is [secret:AGENT_KEY].').length).toBeGreaterThan(3);
  expect(keeper.redactor.isEmpty).toBe(true);
});
