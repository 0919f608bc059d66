/** Looks at a month when it is over: nothing is open and forgotten, everybody was told, everything decided is remembered. */
import type { Observation } from './observation.ts';
import type { Case } from './observed-case.ts';
import { endWait } from './settle-case.ts';

export function judgeEnd(seen: Observation): void {
  const { endMs } = seen.facts.month;
  for (const known of seen.cases.values()) {
    if (known.status === 'settled') judgeRecords(seen, known);
    else judgeOpen(seen, known, endMs);
  }
  judgeAskers(seen);
  seen.compare('a block holds as long as its question', seen.wanted, seen.held, true);
  seen.compare('nothing is forgotten', askedFor(seen), seen.gaps, false);
  const accepted = seen.facts.replies.filter(({ isAccepted }) => isAccepted).length;
  if (accepted !== seen.wordCount)
    seen.find(
      'the right person rules',
      'replies',
      endMs,
      `${accepted} were accepted, ${seen.wordCount} are stored`,
    );
}

function judgeOpen(seen: Observation, known: Case, endMs: number): void {
  seen.lookAtTimers(known, endMs);
  endWait(seen, known, endMs);
  if (known.status === 'asked' && known.holder === null)
    seen.find('nothing is forgotten', known, endMs, 'nobody has it');
}

/** Of every kind that waits for a route, from when the first of its questions does. */
function askedFor({ unrouted }: Observation) {
  return new Map([...unrouted].map(([key, spans]) => [key.split(' ')[0] ?? key, spans] as const));
}

function judgeRecords(seen: Observation, known: Case): void {
  const { settled, overturnedBy, recordings, settledAtMs } = known;
  const times = overturnedBy === null ? 1 : 2;
  const isLate = seen.attendedMs({ fromMs: settledAtMs, toMs: seen.facts.month.endMs }) > 60_000;
  // Overturned before it was recorded, it is recorded once.
  if (recordings.length > times || (recordings.length === 0 && isLate))
    seen.find('each decision is recorded once', known, settledAtMs, `it was ${recordings.length} times`);
  if (recordings.length === 0 || settled === null) return;
  const last = recordings.at(-1) ?? null;
  const wanted = decisionOf(known);
  if ((wanted === 'none') !== (last === null))
    seen.find('each decision is recorded once', known, settledAtMs, `${last} came of it`);
  const record = last === null ? null : seen.records.get(last);
  if (record === undefined)
    seen.find('each decision is recorded once', known, settledAtMs, `${last} is not there`);
  if (settled.how === 'remembered' && last !== settled.decision)
    seen.find('each decision is recorded once', known, settledAtMs, `${last} is not what answered it`);
  const isOwnWord = record?.question === known.name;
  if (isOwnWord && record.isDefault !== (settled.how === 'defaulted' && overturnedBy === null))
    seen.find('each decision is recorded once', known, settledAtMs, `${last} has the wrong flag`);
}

/** Money is decided anew each time; “use your judgment” decides nothing. */
function decisionOf({ settled, overturnedBy, key }: Case): 'none' | 'some' {
  if (settled === null || settled.how === 'withdrawn' || key.kind === 'budget_threshold_exceeded')
    return 'none';
  const isJudgment = settled.how === 'answered' && settled.option === null && settled.text === null;
  return isJudgment && overturnedBy === null ? 'none' : 'some';
}

/** Whoever asked waits for a question that is open, was told once, or left. */
function judgeAskers(seen: Observation): void {
  const { month, asked, told, byMemory } = seen.facts;
  for (const { call, atMs, kind, topic } of month.asks) {
    const about = `${call} (${kind})`;
    const known = seen.cases.get(asked.get(call) ?? '');
    const rule = 'each asker is told once';
    const times = seen.tellings.get(call) ?? 0;
    if (times > 1) seen.find(rule, about, atMs, `its item was told ${times} times`);
    if (byMemory.has(call)) {
      const isKnown = [...seen.records.values()].some(
        (record) =>
          record.answers === kind && record.topic === topic && record.atMs <= (byMemory.get(call) ?? 0),
      );
      if (!isKnown)
        seen.find('the same is asked once', about, atMs, 'memory answered what nobody had decided');
    } else if (!known) seen.find('nothing is forgotten', about, atMs, 'asked, and there is no question');
    else if (known.status === 'settled' && known.askers.has(call) && !told.get(call))
      seen.find(rule, about, atMs, `${known.name} is settled, and it was told nothing`);
    else if (known.status !== 'settled' && told.has(call))
      seen.find(rule, about, atMs, `was told something, and ${known.name} is open`);
  }
}
