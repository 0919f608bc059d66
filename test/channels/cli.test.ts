/** Channels from the command line: configured, checked, opened by `run` and closed with it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askingScenario } from '../cli/asking-project.ts';
import { type CliWorld, openCliWorld, transcript } from '../cli/run-cli.ts';
import { smallProject } from '../cli/small-project.ts';
import { freePort } from '../doubles/slack-emulator.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

const key = `whsec_${Buffer.from('a key of the tests, 32 bytes long').toString('base64')}`;

const stakeholders = `people:
  "@sarah-pm": {}
  "@tess": {}
escalation_routes:
  requirement_ambiguity: { primary: "@sarah-pm", channel: "#product-questions", sla_minutes: 60, clock: always }
`;

function makeProject(name: string, channels: string) {
  const files = smallProject({ project: name });
  files['.mesh/mesh.yaml'] += channels;
  files['.mesh/scenario.yaml'] = askingScenario();
  files['.mesh/stakeholders.yaml'] = stakeholders;
  const dir = world.makeRepository(name, files);
  return { cwd: dir, env: { MESHWRIGHT_PERSON: 'tess', MESH_HOOK: key } };
}

it('`run` asks through the webhook, takes the signed answer, and the item goes on', {
  timeout: 180_000,
}, async () => {
  const webhook = new Webhook(key);
  const received: Record<string, unknown>[] = [];
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    received.push(webhook.verify(body, request.headers as Record<string, string>) as Record<string, unknown>);
    response.end();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const port = await freePort();
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const options = makeProject(
    'hooked',
    `channels: { webhook: { url: "${url}", secret: { env: MESH_HOOK }, port: ${port} } }\n`,
  );
  await world.run(['add', 'Add b.txt to the repository'], options);
  const worker = world.start(['run'], options);
  await worker.waitFor(/Q-1/);
  await expect.poll(() => received.length, { timeout: 20_000 }).toBe(1);
  expect(received).toMatchObject([{ type: 'meshwright.ask', about: 'Q-1', notice: { to: '@sarah-pm' } }]);
  const answer = JSON.stringify({ question: 'Q-1', by: '@sarah-pm', answer: '2' });
  const at = new Date();
  const headers = {
    'webhook-id': 'answer-1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': webhook.sign('answer-1', at, answer),
  };
  const response = await fetch(`http://127.0.0.1:${port}/answers`, { method: 'POST', headers, body: answer });
  expect(await response.json()).toMatchObject({ isAccepted: true });
  await worker.waitFor(/READY/);
  worker.signal('SIGTERM');
  const ended = await worker.ended;
  expect(`${ended.out}${ended.err}`).not.toContain(key);
  await expect(fetch(`http://127.0.0.1:${port}/answers`)).rejects.toThrow();
  const doctor = await world.run(['doctor'], options);
  expect(doctor.out, transcript(doctor)).toMatch(/channel webhook of hooked.*0 waiting, 0 dead letters/);
  receiver.close();
});

it('without its token nothing is begun, and `check` says so before', { timeout: 60_000 }, async () => {
  const channels =
    'channels: { slack: { mode: socket, bot_token: { env: BOT }, app_token: { env: APP } } }\n';
  const options = makeProject('slackless', channels);
  const checked = await world.run(['check'], options);
  expect(checked.out + checked.err, transcript(checked)).toContain(
    'a channel has no SLACK_BOT_TOKEN: BOT is not set',
  );
  await world.run(['add', 'Add b.txt to the repository'], options);
  const run = await world.run(['run', '--until-idle'], options);
  expect(run.code, transcript(run)).toBe(2);
  expect(run.err).toContain('a channel needs SLACK_BOT_TOKEN: BOT is not set');
});

it('a route whose channel is nowhere set up is told by `check`', { timeout: 60_000 }, async () => {
  const checked = await world.run(['check'], makeProject('nowhere', ''));
  expect(checked.out + checked.err).toContain('routes go to #product-questions, but no channel is set up');
});
