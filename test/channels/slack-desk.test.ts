/** Questions in Slack from end to end: the real worker and its desk on a real database, Bolt, the Web API, the emulator. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import { openPersonDoor } from '../../src/channels/inbound-requests.ts';
import { openSlack } from '../../src/channels/slack/open-slack.ts';
import { botToken, startSlackEmulator } from '../doubles/slack-emulator.ts';
import { SlackFront } from '../doubles/slack-front.ts';
import { minuteMs, openDeskWorld, project } from '../questions/desk-world.ts';
import { mapOf } from '../questions/people.ts';

const soon = { timeout: 30_000, interval: 50 };

async function openWorld() {
  const emulator = await startSlackEmulator(['sarah', 'alex', 'marketing', 'mallory'], ['product-questions']);
  onTestFinished(emulator.stop);
  const front = await SlackFront.start(emulator);
  onTestFinished(() => front.close());
  const map = mapOf(`
people:
  "@sarah-pm": { slack: ${await emulator.memberId('sarah')} }
  "@alex-engineering-lead": { role: engineering_lead, slack: ${await emulator.memberId('alex')} }
  "@marketing-ops": { slack: ${await emulator.memberId('marketing')} }
escalation_routes:
  requirement_ambiguity:
    primary: "@sarah-pm"
    channel: "#product-questions"
    sla_minutes: 60
    on_timeout: default_and_flag
    clock: always
  gtm_dependency:
    primary: "@marketing-ops"
    channel: "#product-questions"
    sla_minutes: 240
    non_blocking: true
    clock: always
`);
  const listen = { mode: 'socket', appToken: 'xapp-meshwright-test-token' } as const;
  const surroundings = { project, log: silentLog, nowMs: Date.now };
  const slack = openSlack({ botToken, listen, apiUrl: front.apiUrl }, surroundings);
  onTestFinished(slack.close);
  const world = await openDeskWorld({ map, channel: slack.channel });
  const { journal } = world;
  slack.listen(openPersonDoor({ journal, newId, project, nowMs: Date.now, stakeholders: async () => map }));
  world.work();
  await front.connected();
  const messages = () => emulator.messages('product-questions');
  const channel = await emulator.channelId('product-questions');
  return {
    world,
    front,
    emulator,
    messages,
    /** The first message about the first question. */
    posted: async () => {
      await vi.waitFor(async () => expect((await messages()).length).toBeGreaterThan(0), soon);
      const [first] = await messages();
      return { channel, threadTs: first?.ts ?? '', ts: first?.ts ?? '' };
    },
    /** A person's reply arrives. */
    reply: async (person: string, place: { channel: string; threadTs: string }, text: string) =>
      front.send('events_api', await front.say(person, { ...place, text })),
  };
}

async function hasButtons(messages: { blocks?: { type: string }[] }[]): Promise<boolean> {
  return messages.some(({ blocks = [] }) => blocks.some(({ type }) => type === 'actions'));
}

it('a thread answer from the right person rules, the message loses its buttons, and the answer is remembered', async () => {
  const { world, front, messages, posted, reply } = await openWorld();
  await world.ask('requirement_ambiguity');
  const place = await posted();
  await reply('mallory', place, '1');
  await reply('marketing', place, '3');
  await vi.waitFor(
    () => expect(front.calls.filter((each) => each === 'chat.postEphemeral').length).toBe(2),
    soon,
  );
  expect((await world.question(1)).status).toBe('notified');
  await reply('sarah', place, '2, for admins only');
  expect(await world.recorded(1)).toMatchObject({ status: 'answered', recorded: { decision: 'D-1' } });
  expect((await world.events('question:test/1' as never, 'question.answered'))[0]?.data).toMatchObject({
    by: '@sarah-pm',
    via: 'slack',
    answer: { option: 2, text: 'for admins only' },
  });
  await vi.waitFor(async () => expect(await hasButtons(await messages())).toBe(false), soon);
  // The stranger left no trace; who is listed but not asked did.
  const refused = await world.events('question:test/1' as never, 'question.answer_refused');
  expect(refused.map(({ data }) => [data.by, data.why])).toEqual([['@marketing-ops', 'not_theirs']]);
}, 90_000);

it('acknowledged by button, reminded in the thread, and taken by default when its time is up', async () => {
  const { world, front, messages, posted } = await openWorld();
  await world.ask('gtm_dependency', { topic: 'feature.name' });
  const place = await posted();
  world.advance(241 * minuteMs);
  await vi.waitFor(async () => expect((await messages()).length).toBe(2), soon);
  const [first, reminder] = await messages();
  expect(reminder?.thread_ts).toBe(first?.ts);
  expect(reminder?.text).toContain('Reminder');
  const actions = first?.blocks?.find(({ type }) => type === 'actions')?.elements ?? [];
  const acknowledge = actions.find(({ action_id }) => action_id === 'meshwright.acknowledge');
  const press = await front.press('marketing', { ...place, action: { ...acknowledge, block_id: 'b' } });
  await front.send('interactive', press);
  await vi.waitFor(async () => expect((await world.question(1)).status).toBe('acknowledged'), soon);
  const answer = actions.find(({ action_id }) => action_id === 'meshwright.answer.1');
  const pressed = await front.press('marketing', { ...place, action: { ...answer, block_id: 'b' } });
  await front.send('interactive', pressed);
  await front.send('interactive', pressed);
  expect(await world.recorded(1)).toMatchObject({ status: 'answered' });
  expect((await world.questionEvents(1)).filter((kind) => kind.startsWith('answer'))).toEqual(['answered']);
}, 90_000);

it('not mine, of another kind: it is asked there, of the other person', async () => {
  const { world, messages, posted, reply } = await openWorld();
  await world.ask('requirement_ambiguity');
  const place = await posted();
  await reply('sarah', place, 'not mine, gtm_dependency');
  await vi.waitFor(async () => expect((await world.question(1)).kind).toBe('gtm_dependency'), soon);
  await vi.waitFor(async () => expect((await messages()).length).toBeGreaterThan(2), soon);
  expect(JSON.stringify(await messages())).toContain('@marketing-ops');
}, 90_000);

it('Slack down while a question is asked and its time runs out: the default is taken all the same, and Slack hears of it later', async () => {
  const { world, front, messages } = await openWorld();
  front.refuse = () => ({ status: 503 });
  await world.ask('requirement_ambiguity');
  await vi.waitFor(() => expect(front.calls).toContain('chat.postMessage'), soon);
  world.advance(61 * minuteMs);
  expect(await world.recorded(1)).toMatchObject({ status: 'defaulted' });
  front.refuse = () => null;
  await vi.waitFor(async () => expect((await messages()).length).toBe(2), soon);
  // In order, each once; a default can still be overturned, so its buttons stay.
  const [asked, update] = await messages();
  expect([asked, update].map((each) => each?.metadata?.event_payload.delivery)).toEqual([
    'Q-1/0/@sarah-pm/slack',
    'Q-1/settled/@sarah-pm/slack',
  ]);
  expect(update?.thread_ts).toBe(asked?.ts);
}, 90_000);
