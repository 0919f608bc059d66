/** Slack opened as the product opens it, against the emulator behind its Socket Mode front, and an outbox to say things with. */
import { silentLog } from '../../src/base/log.ts';
import type { OpenChannel } from '../../src/channels/open-channel.ts';
import type { Heard, Incoming, PersonDoor } from '../../src/channels/person-door.ts';
import { openSlack, type SlackSettings } from '../../src/channels/slack/open-slack.ts';
import { botToken, type SlackEmulator, startSlackEmulator } from '../doubles/slack-emulator.ts';
import { SlackFront } from '../doubles/slack-front.ts';
import { createOutboxWorld, type OutboxWorld, project } from './outbox-world.ts';

export interface SlackWorld {
  emulator: SlackEmulator;
  front: SlackFront;
  outbox: OutboxWorld;
  /** What whoever runs the worker was told. */
  notices: string[];
  open(listen?: SlackSettings['listen']): OpenChannel;
  end(): Promise<void>;
}

export async function createSlackWorld(): Promise<SlackWorld> {
  const emulator = await startSlackEmulator(['sarah', 'mallory'], ['product-questions', 'alerts']);
  const front = await SlackFront.start(emulator);
  const outbox = await createOutboxWorld();
  const opened: OpenChannel[] = [];
  const notices: string[] = [];
  return {
    emulator,
    front,
    outbox,
    notices,
    open(listen = { mode: 'socket', appToken: 'xapp-meshwright-test-token' }) {
      const settings = { botToken, listen, apiUrl: front.apiUrl };
      const slack = openSlack(settings, {
        project,
        log: silentLog,
        nowMs: Date.now,
        onNotice: (line) => notices.push(line),
      });
      opened.push(slack);
      return slack;
    },
    async end() {
      await outbox.end();
      await Promise.all(opened.map((each) => each.close()));
      await front.close();
      await emulator.stop();
    },
  };
}

/** Knows one person, hears everything, answers with one line. */
export function recordingDoor(people: Readonly<Record<string, string>>): PersonDoor & { heard: Incoming[] } {
  const heard: Incoming[] = [];
  return {
    heard,
    async hear(incoming): Promise<Heard> {
      heard.push(incoming);
      const isMenu = incoming.saying.does === 'not_mine';
      return {
        line: `${incoming.ask} taken`,
        isAccepted: true,
        kinds: isMenu ? ['compliance_question'] : [],
      };
    },
    handleOfSlack: async (memberId) => people[memberId] ?? null,
    listed: async (handle) => (Object.values(people).includes(handle) ? handle : null),
  };
}
