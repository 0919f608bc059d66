/**
 * Drives one channel's outbox: attempts what is due, a bounded number at once, and tells who ordered it what came of it. What
 * is of one conversation goes in order; nothing else waits for it. Does not know what is said, nor how the channel says it.
 */
import type { JsonObject } from '../base/json.ts';
import type { StoredEvent } from '../journal/event.ts';
import { FencedError } from '../journal/fenced-error.ts';
import { foldStream, saveFold } from '../journal/fold-stream.ts';
import type { BlobHash } from '../journal/journal.ts';
import type { InboxMessage, InboxPost } from '../journal/unit.ts';
import { judgeFailure } from '../outbox/judge-failure.ts';
import {
  type DeliveryDead,
  type DeliveryOrder,
  type DeliverySent,
  deliveryDead,
  deliveryOrdered,
  deliverySent,
  type OutboxEvent,
  toOutboxEvent,
} from '../outbox/outbox-event.ts';
import {
  nextAttemptAtMs,
  nextAttempts,
  type OutboxState,
  outboxReducer,
  type QueuedDelivery,
  threadOf,
} from '../outbox/outbox-state.ts';
import type { Channel, DeliveryOutcome, Notice } from '../questions/channel.ts';
import { createStreamWriter, type StreamWriter, type UnitExtras } from './stream-writer.ts';
import type { UnitDriver, UnitOptions } from './unit-driver.ts';

const atOnce = 4;
/** A hiccup is nobody's business; when the same is tried this often in vain, whoever runs the worker is told. */
const attemptsUntilTold = 3;

/** Null when this worker has no such channel. @throws MeshwrightError `event_unknown` for an outbox of a newer version. */
export async function openOutboxDriver(options: UnitOptions): Promise<UnitDriver | null> {
  const { context, claim } = options;
  const { journal, newId } = context;
  const name = claim.unit.slice(`outbox:${claim.project}/`.length);
  const channel = context.channels.find((each) => each.name === name);
  if (!channel) return null;
  const { state, version, snapshotVersion } = await foldStream(journal, claim.unit, outboxReducer);
  const writer = createStreamWriter({ journal, newId, claim, stream: claim.unit, version });
  return new OutboxDriver(options, channel, writer, { state, snapshotVersion });
}

class OutboxDriver implements UnitDriver {
  readonly claim;
  readonly #options: UnitOptions;
  readonly #channel: Channel;
  readonly #writer: StreamWriter;
  #snapshotVersion: number;
  /** Of the stream, where `#state` is; a write that is being kept is in neither. */
  #version: number;
  /** By conversation. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #leaving = new AbortController();
  #state: OutboxState;
  /** Attempts end in any order; the stream is written by one at a time. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(
    options: UnitOptions,
    channel: Channel,
    writer: StreamWriter,
    folded: { state: OutboxState; snapshotVersion: number },
  ) {
    this.claim = options.claim;
    this.#options = options;
    this.#channel = channel;
    this.#writer = writer;
    this.#state = folded.state;
    this.#snapshotVersion = folded.snapshotVersion;
    this.#version = writer.version();
  }

  async tick(): Promise<void> {
    if (this.#leaving.signal.aborted) return;
    await this.#takeIn(await this.#options.context.journal.inbox(this.claim.unit));
    // Not only at a stop: whoever takes over from one that was killed would read all that was ever said here.
    await this.#save();
    for (const delivery of nextAttempts(this.#state, this.#options.context.clock.now())) {
      if (this.#underWay.size >= atOnce) return;
      if (!this.#underWay.has(delivery.conversation)) this.#begin(delivery);
    }
  }

  isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  isDue(): boolean {
    return nextAttempts(this.#state, this.#options.context.clock.now()).length > 0;
  }

  dueAtMs(): number | null {
    return nextAttemptAtMs(this.#state);
  }

  obey(): void {}

  isObedient(): boolean {
    return true;
  }

  async stop(): Promise<void> {
    this.#leaving.abort();
    await Promise.allSettled(this.#underWay.values());
    // Best effort: a claim that is lost, or a database that is away, must not keep the worker from stopping.
    await this.#save().catch(() => {});
  }

  /** When enough has come since the last time. */
  async #save(): Promise<void> {
    const [state, version] = [this.#state, this.#version];
    const folded = { state, version, snapshotVersion: this.#snapshotVersion };
    const isSaved = await saveFold(this.#options.context.journal, this.claim.unit, outboxReducer, folded);
    if (isSaved) this.#snapshotVersion = version;
  }

  async #takeIn(messages: readonly InboxMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const events = messages.map(({ kind, data }): OutboxEvent => {
      if (kind === deliveryOrdered)
        return { kind: 'delivery.queued', data: data as unknown as DeliveryOrder };
      return { kind: 'outbox.notified', data: { message: kind, about: data } };
    });
    await this.#append(events, { consumes: messages.map(({ id }) => id) });
  }

  #begin(delivery: QueuedDelivery): void {
    const done = this.#attempt(delivery)
      .catch((error: unknown) => this.#options.onFailure(error))
      .finally(() => {
        this.#underWay.delete(delivery.conversation);
        this.#options.onChange();
      });
    this.#underWay.set(delivery.conversation, done);
  }

  async #attempt({ id, notice: blob, conversation, replyTo }: QueuedDelivery): Promise<void> {
    const notice = await this.#readNotice(blob);
    const began = await this.#appendAttempt(id);
    const outcome = notice
      ? await this.#deliver({
          id,
          notice: this.#followThread(notice, conversation),
          isInDoubt: began.attempts > 1,
        })
      : lostText;
    if (!outcome.ok) return this.#noteFailure(began, outcome);
    const { name: channel } = this.#channel;
    const sent = { delivery: id, channel, ref: outcome.ref };
    await this.#append([{ kind: 'delivery.sent', data: { id, ref: outcome.ref } }], {
      posts: [this.#reply(replyTo, deliverySent, sent)],
    });
    if (began.attempts > attemptsUntilTold && !this.#isAnyTold())
      this.#options.onNotice(`${channel} is back: what waited is said`);
  }

  async #noteFailure(delivery: QueuedDelivery, outcome: Failure): Promise<void> {
    // Cut off: nobody knows what came of it. Whoever drives next looks for it first.
    if (this.#leaving.signal.aborted) return;
    const { id, about, replyTo } = delivery;
    const { name: channel } = this.#channel;
    const message = this.#options.context.secrets.redactor.redact(outcome.message);
    const next = judgeFailure(delivery, outcome, this.#options.context.clock.now());
    if (next === null) {
      this.#options.onNotice(`${channel}: could not say ${about}, and gave it up: ${message}`);
      await this.#append([{ kind: 'delivery.dead', data: { id, message } }], {
        posts: [this.#reply(replyTo, deliveryDead, { delivery: id, channel, message })],
      });
      return;
    }
    await this.#append([{ kind: 'delivery.failed', data: { id, message, ...next } }]);
    if (delivery.attempts !== attemptsUntilTold || this.#isAnyTold(id)) return;
    const waiting = `${this.#state.queued.length} waiting there, each kept and tried again for a day`;
    this.#options.onNotice(`${channel} did not take ${about}: ${message}; ${waiting}`);
  }

  /** One of those that wait has failed so often that its failure was told. */
  #isAnyTold(except: string | null = null): boolean {
    const failures = ({ attempts, retryAt }: QueuedDelivery) => (retryAt === null ? attempts - 1 : attempts);
    return this.#state.queued.some((each) => each.id !== except && failures(each) >= attemptsUntilTold);
  }

  /** The delivery as it is with this attempt. */
  async #appendAttempt(id: string): Promise<QueuedDelivery> {
    const now = this.#find(id);
    await this.#append([{ kind: 'delivery.attempted', data: { id, attempt: now.attempts + 1 } }]);
    return this.#find(id);
  }

  #find(id: string): QueuedDelivery {
    const found = this.#state.queued.find((each) => each.id === id);
    if (!found) throw new Error(`${this.claim.unit} has no delivery ${id}`);
    return found;
  }

  async #deliver(delivery: Parameters<Channel['deliver']>[0]): Promise<DeliveryOutcome> {
    try {
      return await this.#channel.deliver(delivery, this.#leaving.signal);
    } catch (error) {
      if (error instanceof FencedError) throw error;
      return { ok: false, isFinal: false, message: String(error), retryAfterMs: null };
    }
  }

  /** Null: its text was deleted. */
  async #readNotice(blob: string): Promise<Notice | null> {
    const { journal, secrets } = this.#options.context;
    const bytes = await journal.getBlob(blob as BlobHash);
    if (!bytes) return null;
    return secrets.redactor.redactJson(JSON.parse(new TextDecoder().decode(bytes))) as Notice;
  }

  /** What was ordered while the first message was still on its way follows it all the same. */
  #followThread(notice: Notice, conversation: string): Notice {
    return { ...notice, thread: notice.thread ?? threadOf(this.#state, conversation) };
  }

  #reply(stream: InboxPost['stream'], kind: string, data: DeliverySent | DeliveryDead): InboxPost {
    const id = `${kind}/${data.delivery}`;
    return { stream, id, kind, actor: this.claim.unit, data: data as unknown as JsonObject };
  }

  async #append(events: readonly OutboxEvent[], extras: UnitExtras = {}): Promise<void> {
    const write = this.#lastWrite.then(() =>
      this.#writer.append(
        events.map((event) => toOutboxEvent(event, this.claim.unit)),
        extras,
      ),
    );
    this.#lastWrite = write.catch(() => {});
    const stored: readonly StoredEvent[] = await write;
    this.#state = stored.reduce(outboxReducer.reduce, this.#state);
    this.#version = stored.at(-1)?.version ?? this.#version;
  }
}

type Failure = Extract<DeliveryOutcome, { ok: false }>;

const lostText: Failure = {
  ok: false,
  isFinal: true,
  message: 'what was to be said is not stored any more',
  retryAfterMs: null,
};
