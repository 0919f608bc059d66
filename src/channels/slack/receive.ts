/**
 * What people do in Slack, as sayings about a question or an approval. Listens to replies in our threads and to our buttons
 * only; who a person is comes from their member id, never from what a message says.
 */
import type { App } from '@slack/bolt';
import type { Once } from '../once.ts';
import type { Heard, PersonDoor, Saying } from '../person-door.ts';
import { untilWritten } from '../until-written.ts';
import { actionPrefix, escapeSlack, isOfProject, kindMenu, type Press } from './blocks.ts';
import { readRoot } from './deliver.ts';
import { readPress } from './read-press.ts';
import { type MessageMetadata, metadataOf, type SlackApi } from './slack-api.ts';

export interface ReceiveOptions {
  api: SlackApi;
  door: PersonDoor;
  project: string;
  /** Of the app itself. */
  botUser: () => Promise<string>;
  once: Once<void>;
  /** An event that was not taken comes again. In Socket Mode none does: the library acknowledges it before it hands it over. */
  isSentAgain: boolean;
  closing: AbortSignal;
}

/** Where somebody spoke, and who. */
interface Place {
  channel: string;
  threadTs: string;
  user: string;
}

/** As far as it is looked at; Slack's own types are unions of dozens. */
interface MessageEvent {
  subtype?: string;
  bot_id?: string;
  user?: string;
  text?: string;
  channel: string;
  ts: string;
  thread_ts?: string;
  /** Who began the thread. */
  parent_user_id?: string;
}

interface ActionBody {
  trigger_id?: string;
  user: { id: string };
  channel?: { id: string };
  message?: { ts: string; thread_ts?: string };
}

/** What could not be written rejects, so that Slack sends it again, or says so to whoever pressed. */
export function receiveFrom(app: App, options: ReceiveOptions): void {
  const { once, isSentAgain, closing } = options;
  app.event('message', async ({ event, body }) => {
    const message = event as unknown as MessageEvent;
    const keys = [`event ${body.event_id}`, `message ${message.channel}/${message.ts}`];
    if (!isReply(message)) return;
    const heard = () => hearReply(options, message);
    await once(keys, () => (isSentAgain ? heard() : untilWritten(heard, closing)));
  });
  app.action(new RegExp(`^${actionPrefix.replace('.', '\\.')}`), async ({ action, body, ack }) => {
    const pressed = action as unknown as Record<string, unknown>;
    const press = isOfProject(pressed.block_id, options.project) ? readPress(saidBy(pressed)) : null;
    const { trigger_id, user, channel, message } = body as unknown as ActionBody;
    if (press && channel && message) {
      const place = { channel: channel.id, threadTs: message.thread_ts ?? message.ts, user: user.id };
      await once([`press ${trigger_id}`], () => hearPress(options, place, press));
    }
    await ack();
  });
}

/** Not what bots say, not what was edited or deleted, not what stands outside of threads. */
function isReply(message: MessageEvent): message is MessageEvent & { user: string; thread_ts: string } {
  const { subtype, bot_id, user, thread_ts, ts } = message;
  const isPlain = subtype === undefined || subtype === 'thread_broadcast';
  return isPlain && bot_id === undefined && user !== undefined && thread_ts !== undefined && thread_ts !== ts;
}

async function hearReply(
  options: ReceiveOptions,
  message: MessageEvent & { user: string; thread_ts: string },
): Promise<void> {
  const { channel, thread_ts: threadTs, user, text = '' } = message;
  const us = await options.botUser();
  // Threads of others are none of our business, and nothing is asked of Slack about them.
  if (user === us || (message.parent_user_id ?? us) !== us) return;
  const about = await readThread(options, channel, threadTs);
  if (!about) return;
  const saying: Saying = { does: 'text', text: unescapeSlack(text), hash: about.hash || null };
  await hear(options, { channel, threadTs, user }, about.ask, saying);
}

async function hearPress(options: ReceiveOptions, place: Place, press: Press): Promise<void> {
  const { ask, ...saying } = press;
  await hear(options, place, ask, saying);
}

async function hear(options: ReceiveOptions, place: Place, ask: string, saying: Saying): Promise<void> {
  const { door } = options;
  const by = await door.handleOfSlack(place.user);
  if (by === null)
    return tell(options, place, { line: howToBeListed(place.user), isAccepted: false, kinds: [] }, ask);
  await tell(options, place, await door.hear({ ask, by, via: 'slack', saying }), ask);
}

function howToBeListed(memberId: string): string {
  return `I do not know you, so this was not taken. Have yourself listed in .mesh/stakeholders.yaml: \`people: { "@you": { slack: ${memberId} } }\`.`;
}

/** To them alone where Slack can, else in the thread. What was written stays written when this fails. */
async function tell(
  { api, project }: ReceiveOptions,
  place: Place,
  heard: Heard,
  ask: string,
): Promise<void> {
  const text = escapeSlack(heard.line);
  const message = {
    channel: place.channel,
    thread_ts: place.threadTs,
    text,
    ...(heard.kinds.length === 0
      ? {}
      : {
          blocks: [
            { type: 'section' as const, text: { type: 'mrkdwn' as const, text } },
            kindMenu(ask, heard.kinds, project),
          ],
        }),
  };
  try {
    await api.chat.postEphemeral({ ...message, user: place.user });
  } catch {
    await api.chat.postMessage({ ...message, text: `<@${place.user}> ${text}` }).catch(() => {});
  }
}

/** Null: somebody else's thread, or another project's. */
async function readThread(
  { api, project, botUser }: ReceiveOptions,
  channel: string,
  threadTs: string,
): Promise<MessageMetadata | null> {
  const root = await readRoot(api, channel, threadTs);
  if (!root || root.user !== (await botUser())) return null;
  const { delivery, ask, hash, project: whose } = { ...metadataOf(root) };
  if (whose !== project || typeof ask !== 'string' || typeof delivery !== 'string') return null;
  return { delivery, project, ask, hash: typeof hash === 'string' ? hash : '' };
}

function saidBy(action: Record<string, unknown>): unknown {
  const chosen = action.selected_option as { value?: unknown } | undefined;
  return action.value ?? chosen?.value;
}

function unescapeSlack(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
