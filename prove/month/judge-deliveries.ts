/** Looks at what was to be said and what arrived: each once, in time, and as it was promised. */
import type { StoredEvent } from '../../src/journal/event.ts';
import { numberOf } from '../../src/journal/numbered-streams.ts';
import { deliveryOrdered } from '../../src/outbox/outbox-event.ts';
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import { questionName } from '../../src/questions/question-state.ts';
import { type Observation, patienceMs } from './observation.ts';
import { minuteMs } from './office.ts';
import { overlap, type Span } from './spans.ts';

interface Said {
  orderedAtMs: number;
  channel: string;
  endedAtMs: number | null;
  isDead: boolean;
}

/** Between two tries, and for the try itself. */
const longestWaitMs = 6 * minuteMs;

const rule = 'what is said arrives once';

export function judgeDeliveries(seen: Observation): void {
  const said = collect(seen);
  const promises = promisesOf(seen);
  const arrived = new Map<string, number>();
  for (const { delivery, atMs, channel } of seen.facts.taken) {
    const { id, notice } = delivery;
    arrived.set(id, (arrived.get(id) ?? 0) + 1);
    if (arrived.get(id) === 2) seen.find(rule, id, atMs, 'arrived twice');
    const order = said.get(id);
    if (order?.channel !== channel) seen.find(rule, id, atMs, 'was ordered by nobody');
    else judgeDelay(seen, { id, atMs, order });
    if (notice.about !== 'ask') continue;
    const promise = promises.get(id);
    if (promise?.to !== notice.to || promise.dueAt !== notice.dueAt || promise.question !== notice.question)
      seen.find(rule, id, atMs, `says ${notice.to}, ${notice.dueAt}; stored is ${JSON.stringify(promise)}`);
  }
  for (const [id, { orderedAtMs, endedAtMs, isDead, channel }] of said) {
    if (endedAtMs === null) seen.find('nothing is forgotten', id, orderedAtMs, 'is still to be said');
    else if (isDead && !isDownFor(seen, channel, { fromMs: orderedAtMs, toMs: endedAtMs }))
      seen.find(rule, id, endedAtMs, 'was given up, though the channel was there');
    else if (!isDead && !arrived.has(id)) seen.find(rule, id, endedAtMs, 'was sent, and did not arrive');
  }
  for (const id of promises.keys())
    if (!said.has(id)) seen.find('nothing is forgotten', id, 0, 'was never ordered');
}

function collect({ facts }: Observation): Map<string, Said> {
  const said = new Map<string, Said>();
  for (const { posts, events, atMs } of facts.units) {
    for (const { kind, data, stream } of posts) {
      if (kind !== deliveryOrdered || said.has(String(data.id))) continue;
      const channel = stream.slice(stream.lastIndexOf('/') + 1);
      said.set(String(data.id), { orderedAtMs: atMs, channel, endedAtMs: null, isDead: false });
    }
    for (const event of events) noteEnd(said, event, atMs);
  }
  return said;
}

function noteEnd(said: Map<string, Said>, { kind, data }: StoredEvent, atMs: number): void {
  if (kind !== 'delivery.sent' && kind !== 'delivery.dead') return;
  const known = said.get(String(data.id));
  if (known) Object.assign(known, { endedAtMs: atMs, isDead: kind === 'delivery.dead' });
}

type Promised = { question: string; to: string; dueAt: string };

function promisesOf({ facts }: Observation): Map<string, Promised> {
  const promises = new Map<string, Promised>();
  for (const { stream, kind, data } of facts.units.flatMap(({ events }) => events)) {
    if (kind !== 'question.notified') continue;
    const question = questionName(numberOf(stream));
    const { to, dueAt, deliveries } = data as Extract<QuestionEvent, { kind: 'question.notified' }>['data'];
    for (const { id } of deliveries) promises.set(id, { question, to, dueAt });
  }
  return promises;
}

/**
 * Between two tries at most five minutes pass; what comes before it in its conversation is tried first, and may have failed in an
 * outage that was over when this was ordered.
 */
function judgeDelay(seen: Observation, { id, atMs, order }: { id: string; atMs: number; order: Said }): void {
  const span = { fromMs: order.orderedAtMs, toMs: atMs };
  const outages = outagesOf(seen, order.channel);
  const down = outages.flatMap((outage) => overlap(outage, span) ?? []);
  const downMs = down.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);
  const waitMs = seen.attendedMs(span) - downMs;
  const felt = outages.filter(({ fromMs, toMs }) => overlap({ fromMs, toMs: toMs + longestWaitMs }, span));
  const allowedMs = patienceMs + felt.length * longestWaitMs;
  if (waitMs > allowedMs)
    seen.find(rule, id, atMs, `arrived ${Math.round(waitMs / 1000)} s after the channel could have had it`);
}

/** Until its last try, which is up to five minutes before its end. */
function isDownFor(seen: Observation, channel: string, { fromMs, toMs }: Span): boolean {
  return outagesOf(seen, channel).some(
    (outage) => outage.fromMs <= fromMs + 6 * minuteMs && outage.toMs >= toMs - 6 * minuteMs,
  );
}

function outagesOf({ facts }: Observation, channel: string): readonly Span[] {
  return facts.month.channels.find(({ name }) => name === channel)?.outages ?? [];
}
