/**
 * A project that asks people in Slack, whole: the real worker and its desk on a real database, Bolt and the Web API as the
 * product opens them, the emulator as Slack.
 */
import { onTestFinished, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Log } from '../../src/base/log.ts';
import { openPersonDoor } from '../../src/channels/inbound-requests.ts';
import type { OpenChannel } from '../../src/channels/open-channel.ts';
import { openSlack, type SlackSettings } from '../../src/channels/slack/open-slack.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import type { Channel } from '../../src/questions/channel.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import {
  botToken,
  freePort,
  type SlackEmulator,
  type SlackRecord,
  startSlackEmulator,
} from '../doubles/slack-emulator.ts';
import { SlackFront } from '../doubles/slack-front.ts';
import { type Signed, sendSigned, signingSecret } from '../doubles/slack-signed.ts';
import { type DeskWorld, openDeskWorld, project } from '../questions/desk-world.ts';
import { mapOf } from '../questions/people.ts';

export const soon = { timeout: 30_000, interval: 50 };
export const appToken = 'xapp-meshwright-test-token';
export type Mode = 'socket' | 'http';

export interface Place {
  channel: string;
  threadTs: string;
  ts: string;
}

export interface SlackDesk extends DeskWorld {
  front: SlackFront;
  emulator: SlackEmulator;
  map: Stakeholders;
  /** Every line of the log. */
  logged: string[];
  /** Slack as this process has it. */
  channel: Channel;
  /** As a new process: the worker and Slack are opened anew. */
  restart(): Promise<void>;
  messages(channel?: string): Promise<SlackRecord[]>;
  /** The first message in that channel, when it is there. */
  posted(channel?: string): Promise<Place>;
  /** A person says something in the thread; returns the event as Slack sent it. */
  reply(person: string, place: Place, text: string): Promise<object>;
  /** A person presses a button of the message, by the end of its action id; returns what Slack sent. */
  press(person: string, place: Place, button: string): Promise<object>;
  /** As Slack sends it, once more if need be. Returns the status, where there is one. */
  send(payload: object, signed?: Signed): Promise<number | null>;
  /** What people were told who alone can see it, in order. */
  told(): string[];
}

const people = ['sarah', 'alex', 'cto', 'marketing', 'mallory'];
const channels = ['product-questions', 'gtm-dependencies', 'engineering-decisions'];

export async function openSlackDesk(
  mode: Mode,
  change: (context: WorkerContext) => WorkerContext = (context) => context,
): Promise<SlackDesk> {
  const emulator = await startSlackEmulator(people, channels);
  onTestFinished(emulator.stop);
  const front = await SlackFront.start(emulator);
  onTestFinished(() => front.close());
  const map = await mapWith(emulator);
  const port = await freePort();
  const opening = { notices: [] as string[], logged: [] as string[], front, port, mode };
  const slack = { now: openOnce(opening) };
  onTestFinished(() => slack.now.close());
  const world = await openDeskWorld({
    map,
    change: (context) => change({ ...context, channels: [slack.now.channel] }),
  });
  const doorOf = { journal: world.journal, newId, project, stakeholders: async () => map };
  const listen = async () => {
    slack.now.listen(openPersonDoor({ ...doorOf, nowMs: world.context.clock.now }));
    await (mode === 'socket' ? front.connected() : untilServed(port));
  };
  await listen();
  let worker = world.work();
  return {
    ...world,
    front,
    emulator,
    map,
    get notices() {
      return [...world.notices, ...opening.notices];
    },
    logged: opening.logged,
    channel: slack.now.channel,
    async restart() {
      await worker.stop();
      await slack.now.close();
      await front.disconnected();
      slack.now = openOnce(opening);
      await listen();
      worker = world.work({ change: (context) => ({ ...context, channels: [slack.now.channel] }) });
    },
    ...actingIn({ emulator, front, mode, port }),
  };
}

function openOnce(opening: {
  notices: string[];
  logged: string[];
  front: SlackFront;
  port: number;
  mode: Mode;
}): OpenChannel {
  const { front, mode, port } = opening;
  const listen: SlackSettings['listen'] =
    mode === 'socket' ? { mode, appToken } : { mode, signingSecret, port };
  return openSlack(
    { botToken, listen, apiUrl: front.apiUrl },
    {
      project,
      log: logInto(opening.logged),
      nowMs: Date.now,
      onNotice: (line) => opening.notices.push(line),
    },
  );
}

/** Errors with everything that they carry: nothing of it may be a token. */
function logInto(lines: string[]): Log {
  const write = (message: string, fields: object = {}) => {
    const whole = (_key: string, value: unknown) =>
      value instanceof Error
        ? Object.fromEntries(
            Object.getOwnPropertyNames(value).map((name) => [name, value[name as keyof Error]]),
          )
        : value;
    lines.push(`${message} ${JSON.stringify(fields, whole)}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  return log;
}

async function mapWith(emulator: SlackEmulator): Promise<Stakeholders> {
  const id = (person: string) => emulator.memberId(person);
  return mapOf(`
people:
  "@sarah-pm": { slack: ${await id('sarah')} }
  "@alex-engineering-lead": { role: engineering_lead, slack: ${await id('alex')} }
  "@cto-channel": { role: cto, slack: ${await id('cto')} }
  "@marketing-ops": { slack: ${await id('marketing')} }
approval_tiers:
  infrastructure: { people: 2, window_hours: 48 }
escalation_routes:
  requirement_ambiguity:
    primary: "@sarah-pm"
    channel: "#product-questions"
    sla_minutes: 60
    on_timeout: default_and_flag
    clock: always
  gtm_dependency:
    primary: "@marketing-ops"
    channel: "#gtm-dependencies"
    sla_minutes: 240
    non_blocking: true
    clock: always
`);
}

async function untilServed(port: number): Promise<void> {
  await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), soon);
}

function actingIn(slack: {
  emulator: SlackEmulator;
  front: SlackFront;
  mode: Mode;
  port: number;
}): Pick<SlackDesk, 'messages' | 'posted' | 'reply' | 'press' | 'send' | 'told'> {
  const { emulator, front, mode, port } = slack;
  const messages = (channel = 'product-questions') => emulator.messages(channel);
  const send: SlackDesk['send'] = async (payload, signed = {}) => {
    const isPress = 'actions' in payload;
    if (mode === 'http')
      return sendSigned(`http://127.0.0.1:${port}/slack/events`, payload, { isPress, ...signed });
    await front.send(isPress ? 'interactive' : 'events_api', payload);
    return null;
  };
  return {
    messages,
    send,
    async posted(name = 'product-questions') {
      await vi.waitFor(async () => {
        if ((await messages(name)).length === 0) throw new Error(`nothing is posted in ${name}`);
      }, soon);
      const ts = (await messages(name))[0]?.ts ?? '';
      return { channel: await emulator.channelId(name), threadTs: ts, ts };
    },
    async reply(person, place, text) {
      const event = await front.say(person, { ...place, text });
      await send(event);
      return event;
    },
    async press(person, { channel, ts }, button) {
      const answer = await emulator.call('conversations.replies', { channel, ts });
      const blocks = answer.messages?.find((message) => message.ts === ts)?.blocks ?? [];
      const actions = blocks.find(({ type }) => type === 'actions') as
        | { block_id: string; elements: Record<string, unknown>[] }
        | undefined;
      const element = actions?.elements.find(({ action_id }) => String(action_id).endsWith(button));
      if (!element) throw new Error(`there is no button ${button}`);
      const action = { ...element, block_id: actions?.block_id };
      const payload = await front.press(person, { channel, ts, action });
      await send(payload);
      return payload;
    },
    told: () =>
      front.requests.flatMap(({ method, body }) =>
        method === 'chat.postEphemeral' ? [String(body.text)] : [],
      ),
  };
}
