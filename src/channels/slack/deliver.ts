/** Says one thing in Slack: a message, a reply in its thread, or what became of it. Decides nothing about when and to whom. */
import type { Delivery, DeliveryOutcome, Notice, UpdateNotice } from '../../questions/channel.ts';
import { settledBlocks, slackMessage } from './blocks.ts';
import {
  type FoundMessage,
  failureOf,
  isGone,
  type MessageMetadata,
  metadataOf,
  metadataType,
  type SlackApi,
} from './slack-api.ts';

/** Deliveries die after a day; an earlier attempt is not older. */
const lookBackMs = 25 * 60 * 60_000;
const pageSize = 200;
/** A busy channel's day; beyond that a message may come twice, rather than never. */
const mostPages = 25;

export interface DeliverOptions {
  api: SlackApi;
  project: string;
  nowMs: () => number;
}

/** Where in Slack: a conversation's id or name, and the message that begins the thread. */
interface Spot {
  channel: string;
  threadTs: string | null;
}

/** Never rejects for what Slack does. */
export async function deliverToSlack(options: DeliverOptions, delivery: Delivery): Promise<DeliveryOutcome> {
  try {
    const notice = await withoutGoneThread(options.api, delivery.notice);
    if (notice.about === 'update' && notice.thread === null) return nothingThere;
    if (notice.about === 'update' && notice.isSettled) return await settle(options, notice);
    const spot = await findSpot(options.api, notice);
    if (!spot) return { ...noPlace, message: `Slack: ${noPlace.message} for ${notice.to}` };
    const found = delivery.isInDoubt ? await findEarlier(options, spot, delivery.id) : null;
    return found === null ? await post(options, spot, { ...delivery, notice }) : { ok: true, ref: found };
  } catch (error) {
    return failureOf(error);
  }
}

/** Where somebody deleted the message that it would follow, it is said with a new one, which has buttons again. */
async function withoutGoneThread(api: SlackApi, notice: Notice): Promise<Notice> {
  if (notice.thread === null) return notice;
  const { channel, threadTs } = readRef(notice.thread);
  return (await readRoot(api, channel, threadTs ?? '')) === null ? { ...notice, thread: null } : notice;
}

const nothingThere: DeliveryOutcome = { ok: true, ref: 'nothing to update' };
const noPlace = {
  ok: false,
  isFinal: true,
  message: 'neither the route has a channel nor is a member id known',
  retryAfterMs: null,
} as const;

async function findSpot(api: SlackApi, notice: Notice): Promise<Spot | null> {
  if (notice.thread !== null) return readRef(notice.thread);
  if (notice.about === 'update') return null;
  if (notice.place !== null) return { channel: notice.place.replace(/^#/, ''), threadTs: null };
  if (notice.memberId === null) return null;
  const { channel } = await api.conversations.open({ users: notice.memberId });
  return { channel: channel?.id ?? notice.memberId, threadTs: null };
}

async function post(
  { api, project }: DeliverOptions,
  spot: Spot,
  delivery: Delivery,
): Promise<DeliveryOutcome> {
  const { id, notice } = delivery;
  const { text, blocks } = slackMessage(notice, project);
  const payload: MessageMetadata = {
    delivery: id,
    project,
    ask: notice.about === 'approval' ? notice.approval : notice.question,
    hash: notice.about === 'approval' ? notice.actionHash : '',
  };
  const said = {
    channel: spot.channel,
    text,
    blocks,
    metadata: { event_type: metadataType, event_payload: { ...payload } },
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  };
  const posted = await api.chat.postMessage(
    spot.threadTs === null
      ? said
      : // Whoever is asked sees it in the channel too: they need not follow the thread.
        { ...said, thread_ts: spot.threadTs, reply_broadcast: notice.about !== 'update' },
  );
  return { ok: true, ref: `${posted.channel}/${posted.ts}` };
}

/** The first message as it was, with what came of it instead of its buttons. The same again changes nothing. */
async function settle({ api, project }: DeliverOptions, notice: UpdateNotice): Promise<DeliveryOutcome> {
  const { channel, threadTs } = readRef(notice.thread ?? '');
  const ts = threadTs ?? '';
  const { text } = slackMessage(notice, project);
  const root = await readRoot(api, channel, ts);
  const before = (root?.blocks ?? []).flatMap(({ type, ...rest }) => (type ? [{ type, ...rest }] : []));
  await api.chat.update({ channel, ts, text, blocks: settledBlocks(before, notice.line) });
  return { ok: true, ref: notice.thread ?? '' };
}

/** The message that begins a thread; null: it was deleted. */
export async function readRoot(api: SlackApi, channel: string, ts: string): Promise<FoundMessage | null> {
  try {
    const { messages } = await api.conversations.replies({
      channel,
      ts,
      limit: 1,
      include_all_metadata: true,
    });
    const root = (messages as FoundMessage[] | undefined)?.find((message) => message.ts === ts);
    return root === undefined || root.subtype === 'tombstone' ? null : root;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Ref of the message that an earlier attempt left. */
async function findEarlier(options: DeliverOptions, spot: Spot, delivery: string): Promise<string | null> {
  const { api, nowMs } = options;
  const channel = await resolveChannel(api, spot.channel);
  if (channel === null) return null;
  const page = {
    channel,
    include_all_metadata: true,
    limit: pageSize,
    oldest: String((nowMs() - lookBackMs) / 1_000),
  } as const;
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const asked = cursor === undefined ? page : { ...page, cursor };
    const { messages, response_metadata } =
      spot.threadTs === null
        ? await api.conversations.history(asked)
        : await api.conversations.replies({ ...asked, ts: spot.threadTs });
    const found = (messages as FoundMessage[] | undefined)?.find(
      (message) => metadataOf(message)?.delivery === delivery,
    );
    if (found) return `${channel}/${found.ts}`;
    cursor = response_metadata?.next_cursor || undefined;
    if (cursor === undefined) return null;
  }
  return null;
}

/** A name's id; null: there is no such conversation that the app can see, so nothing can be in it. */
async function resolveChannel(api: SlackApi, channel: string): Promise<string | null> {
  if (/^[CDG][A-Z0-9]{8,}$/.test(channel)) return channel;
  let cursor: string | undefined;
  do {
    const { channels, response_metadata } = await api.conversations.list({
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const found = channels?.find(({ name }) => name === channel);
    if (found?.id) return found.id;
    cursor = response_metadata?.next_cursor || undefined;
  } while (cursor !== undefined);
  return null;
}

/** `<channel id>/<ts>` */
function readRef(ref: string): { channel: string; threadTs: string | null } {
  const at = ref.indexOf('/');
  return { channel: ref.slice(0, at), threadTs: ref.slice(at + 1) };
}
