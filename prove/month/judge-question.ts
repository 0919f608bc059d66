/** Goes through what was stored about questions, one unit after another, and compares it with what docs/questions.md promises. */
import { askSettled } from '../../src/questions/question.ts';
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import { judgeAsks, mayFollow } from './judge-desk.ts';
import { judgeWord } from './judge-word.ts';
import type { StoredUnit } from './month-facts.ts';
import { beginSpan, endSpan, type Observation, patienceMs } from './observation.ts';
import { type Case, expectedOf, slasLater } from './observed-case.ts';
import { endWait, settle } from './settle-case.ts';

type Asked = Extract<QuestionEvent, { kind: 'question.asked' }>['data'];
type Routed = Extract<QuestionEvent, { kind: 'question.routed' }>['data'];

export function judgeQuestionUnit(seen: Observation, number: number, unit: StoredUnit): void {
  const events = unit.events as unknown as QuestionEvent[];
  const name = `Q-${number}`;
  const [first] = events;
  if (first?.kind === 'question.asked') open(seen, name, first.data, unit.atMs);
  const known = seen.cases.get(name);
  if (!known) {
    seen.find('nothing is forgotten', name, unit.atMs, 'begins with something else');
    return;
  }
  for (const event of events) judgeEvent(seen, known, event, unit);
  judgeAsks(seen, known, { events, nowMs: unit.atMs });
  if (known.status !== 'waiting') endWait(seen, known, unit.atMs);
  judgeSettlements(seen, known, unit);
  noteBlocks(seen, known, unit.atMs);
}

function judgeEvent(seen: Observation, known: Case, event: QuestionEvent, { atMs }: StoredUnit): void {
  if (known.status === 'settled' && isForOpenOnes(event.kind))
    seen.find('ends as its route says', known, atMs, `${event.kind} after it was settled`);
  switch (event.kind) {
    case 'question.joined':
      addAsker(known, event.data.asker);
      break;
    case 'question.left':
      for (const [call, { agent }] of known.askers) if (agent === event.data.agent) known.askers.delete(call);
      break;
    case 'question.routed':
      reroute(seen, known, event.data, atMs);
      break;
    case 'question.undeliverable':
      known.undeliverable.add(event.data.delivery);
      break;
    case 'question.mesh_paused':
      mayFollow(seen, known, atMs, ['pause']);
      if (known.isAcknowledged)
        seen.find('ends as its route says', known, atMs, 'paused, though acknowledged');
      known.isMeshPaused = true;
      break;
    case 'question.defaulted':
      judgeDefault(seen, known, event.data.option, atMs);
      settle(seen, known, { how: 'defaulted' }, atMs);
      break;
    case 'question.withdrawn':
      if (known.askers.size > 0 || (known.isOwn && known.key.kind !== 'contradiction'))
        seen.find('ends as its route says', known, atMs, 'withdrawn, though somebody waits for it');
      settle(seen, known, { how: 'withdrawn' }, atMs);
      break;
    case 'question.remembered':
      judgeRemembered(seen, known, event.data.decision, atMs);
      settle(seen, known, { how: 'remembered', decision: event.data.decision }, atMs);
      break;
    case 'question.recorded':
      known.recordings.push(event.data.decision);
      endSpan(seen.gaps, kindOfGap(known), atMs);
      break;
    case 'question.asked':
    case 'question.notified':
    case 'question.escalated':
    case 'question.delivered':
      break;
    default:
      judgeWord(seen, known, event, atMs);
  }
}

function isForOpenOnes(kind: QuestionEvent['kind']): boolean {
  return [
    'question.routed',
    'question.notified',
    'question.acknowledged',
    'question.answered',
    'question.defaulted',
    'question.escalated',
    'question.mesh_paused',
    'question.withdrawn',
    'question.remembered',
  ].includes(kind);
}

function open(seen: Observation, name: string, data: Asked, atMs: number): void {
  const { key, asker } = data;
  for (const other of seen.cases.values()) {
    const isOver = other.status === 'settled' && (other.recordings.length > 0 || !isKept(other));
    if (!isOver && isSameKey(other.key, key))
      seen.find('the same is asked once', name, atMs, `${other.name} is about the same`);
  }
  const known: Case = {
    name,
    key,
    kind: key.kind,
    optionCount: data.optionCount,
    hasDefault: data.defaultOption !== null,
    isCompliance: data.isCompliance,
    isOwn: asker === null,
    cluster: data.cluster,
    askers: new Map(),
    status: 'unrouted',
    expected: null,
    isAcknowledged: false,
    isMeshPaused: false,
    holder: null,
    rung: 0,
    waitsSinceMs: atMs,
    routedAtMs: atMs,
    dueMs: Number.POSITIVE_INFINITY,
    timeouts: 0,
    repings: 0,
    hasReminded: false,
    asks: [],
    asksBefore: 0,
    undeliverable: new Set(),
    settled: null,
    settledAtMs: Number.POSITIVE_INFINITY,
    overturnedBy: null,
    confirmedBy: null,
    recordings: [],
  };
  if (asker) addAsker(known, asker);
  seen.cases.set(name, known);
  judgeNeed(seen, known, atMs);
  if (key.kind === 'unrouted_kind') beginSpan(seen.gaps, kindOfGap(known), atMs);
  judgeRoute(seen, known, data, atMs);
}

function addAsker({ askers }: Case, { call, agent, cluster }: NonNullable<Asked['asker']>): void {
  askers.set(call, { agent, cluster });
}

/** What was asked for and answered with nothing is asked again. */
function isKept({ settled }: Case): boolean {
  return settled?.how !== 'withdrawn';
}

function isSameKey(a: Case['key'], b: Case['key']): boolean {
  return a.topic === b.topic && a.kind === b.kind && a.scope === b.scope;
}

/** What is decided is not asked; somebody may have decided it while it was being asked. */
function judgeNeed(seen: Observation, known: Case, atMs: number): void {
  const binding = seen.bindingOf(known.key);
  if (binding && seen.attendedMs({ fromMs: binding.atMs, toMs: atMs }) > patienceMs)
    seen.find('the same is asked once', known, atMs, `${binding.id} answers it`);
}

function judgeRoute(
  seen: Observation,
  known: Case,
  { route, mode, dueAt }: Pick<Routed, 'route' | 'mode' | 'dueAt'>,
  atMs: number,
): void {
  const ruling = seen.rulings.get(`route.${known.kind.replaceAll('_', '.')}`);
  const expected = expectedOf(known.kind, ruling?.statement);
  endSpan(seen.unrouted, `${known.kind} ${known.name}`, atMs);
  Object.assign(known, { expected, waitsSinceMs: atMs, routedAtMs: atMs, holder: null, rung: 0 });
  Object.assign(known, {
    timeouts: 0,
    repings: 0,
    hasReminded: false,
    isAcknowledged: false,
    isMeshPaused: false,
  });
  if (route === null) {
    if (expected && seen.attendedMs({ fromMs: ruling?.atMs ?? 0, toMs: atMs }) > patienceMs)
      seen.find('ends as its route says', known, atMs, 'has a route, and waits for one');
    known.expected = null;
    known.status = 'unrouted';
    known.dueMs = Number.POSITIVE_INFINITY;
    beginSpan(seen.unrouted, `${known.kind} ${known.name}`, atMs);
    return;
  }
  const [primary = ''] = expected?.chain ?? [];
  known.status = 'waiting';
  seen.waiting.add(known);
  if (expected === null || route.primary !== primary || mode !== expected.mode) {
    seen.find('ends as its route says', known, atMs, `routed to ${route.primary}, ${mode}`);
    return;
  }
  const dueMs = Date.parse(dueAt ?? '');
  if (dueMs > slasLater(expected, primary, atMs) || dueMs < slasLater(expected, primary, atMs - patienceMs))
    seen.find('timers are neither early nor late', known, atMs, `due ${dueAt}`);
  known.dueMs = dueMs;
}

function reroute(seen: Observation, known: Case, data: Routed, atMs: number): void {
  seen.lookAtTimers(known, atMs);
  if (data.by !== null) seen.judgeSpeaker(known, data.by, atMs);
  else if (known.status !== 'unrouted') seen.find('ends as its route says', known, atMs, 'routed by nobody');
  endWait(seen, known, atMs);
  if (known.status === 'asked') seen.rooms.move(known.holder, null, atMs);
  endSpan(seen.unrouted, `${known.kind} ${known.name}`, atMs);
  Object.assign(known, { kind: data.toKind, asksBefore: known.asks.length });
  judgeRoute(seen, known, data, atMs);
}

function judgeDefault(seen: Observation, known: Case, option: number, atMs: number): void {
  mayFollow(seen, known, atMs, ['default']);
  if (!known.hasDefault || option < 1 || option > known.optionCount)
    seen.find('ends as its route says', known, atMs, `option ${option} was never its default`);
}

function judgeRemembered(seen: Observation, known: Case, decision: string, atMs: number): void {
  const record = seen.records.get(decision);
  const isOfKey = record?.answers === known.key.kind && record.topic === known.key.topic;
  if (!isOfKey || !record.isActive)
    seen.find('ends as its route says', known, atMs, `${decision} does not answer it`);
}

/** In the unit that settles it each asker's item is told, once; of one that joins later its own. */
function judgeSettlements(seen: Observation, known: Case, { events, posts, atMs }: StoredUnit): void {
  const settling = ['question.answered', 'question.defaulted', 'question.withdrawn', 'question.remembered'];
  const isSettling = events.some(({ kind }) => settling.includes(kind));
  const joined = events.flatMap(({ kind, data }) =>
    kind === 'question.joined' ? [data.asker as { call: string }] : [],
  );
  const due = isSettling
    ? [...known.askers.keys()]
    : known.status === 'settled'
      ? joined.map(({ call }) => call)
      : [];
  const told = posts.filter(({ kind }) => kind === askSettled).map(({ data }) => String(data.call));
  if (due.toSorted().join() !== told.toSorted().join())
    seen.find('each asker is told once', known, atMs, `told: ${told.join()}, to be told: ${due.join()}`);
  for (const call of told) seen.tellings.set(call, (seen.tellings.get(call) ?? 0) + 1);
}

/** A blocking question stops the clusters of those who wait for it; one whose alarm nobody acknowledged, the mesh. */
function noteBlocks(seen: Observation, known: Case, atMs: number): void {
  const isOpen = known.status === 'waiting' || known.status === 'asked';
  const clusters =
    isOpen && known.expected?.mode === 'block'
      ? [known.cluster, ...[...known.askers.values()].map(({ cluster }) => cluster)]
      : [];
  const now = new Set(clusters.flatMap((name) => (name === null ? [] : [`${known.name} cluster:${name}`])));
  if (isOpen && known.isMeshPaused) now.add(`${known.name} mesh`);
  for (const key of now) beginSpan(seen.wanted, key, atMs);
  for (const scope of ['mesh', 'cluster:main', 'cluster:portal', 'cluster:billing'])
    if (!now.has(`${known.name} ${scope}`)) endSpan(seen.wanted, `${known.name} ${scope}`, atMs);
}

function kindOfGap({ key }: Case): string {
  return key.topic.replace(/^route\./, '');
}
