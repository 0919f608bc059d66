/** What happens in a month, drawn before it begins: who asks what and when, which channels are down. Everything follows from the seed. */
import type { JsonObject } from '../../src/base/json.ts';
import type { AskingTool } from '../../src/permissions/tool-name.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';
import { worldEpochMs } from '../../src/simulate/simulated-process.ts';
import type { Outage } from './channel.ts';
import { dayMs, hourMs, minuteMs } from './office.ts';

export interface MonthAsk {
  atMs: number;
  tool: AskingTool;
  item: number;
  cluster: string;
  /** Unique. */
  call: string;
  kind: string;
  topic: string;
  input: JsonObject;
  /** Its item is canceled so long after it asked; null: it is not. */
  leavesAfterMs: number | null;
}

export interface Month {
  seed: number;
  /** Nobody asks after that; what is open is looked at when the month is over. */
  lastAskMs: number;
  endMs: number;
  asks: readonly MonthAsk[];
  /** When so much of the month's budget is spent: the product asks itself. */
  budgetAlertsAtMs: readonly number[];
  channels: readonly { name: string; outages: readonly Outage[] }[];
  deathChance: number;
}

/** As many questions as a whole month's are asked within as many days, so that people have as much to do in a short one. */
export interface MonthSize {
  askCount: number;
  /** On which something is asked; it ends four days later. */
  days: number;
}

export const wholeMonth: MonthSize = { askCount: 10_000, days: 26 };

const clusters = ['main', 'portal', 'billing'];

/** Of a hundred questions. */
const shares: readonly [kind: string, share: number][] = [
  ['requirement_ambiguity', 28],
  ['architectural_decision', 14],
  ['gtm_dependency', 10],
  ['compliance_question', 11],
  ['naming_choice', 8],
  ['incident_call', 4],
  ['release_timing', 5],
  ['compliance_retention', 3],
  ['vendor_choice', 4],
  ['partner_promise', 3],
  ['pricing_question', 3],
  ['legal_question', 2],
  ['refuse', 2],
  ['need_information', 3],
];

export function drawMonth(seed: number, { askCount, days }: MonthSize): Month {
  const random = createRandom('month', seed);
  const moment = (): number => drawMoment(random, days);
  const asks = Array.from({ length: askCount }, (_, index) =>
    drawAsk(random, index, { askCount, atMs: moment() }),
  ).sort((a, b) => a.atMs - b.atMs);
  const names = seed % 2 === 0 ? ['slack', 'webhook'] : ['slack'];
  return {
    seed,
    lastAskMs: worldEpochMs + days * dayMs,
    endMs: worldEpochMs + (days + 4) * dayMs,
    asks,
    budgetAlertsAtMs: Array.from({ length: Math.max(2, Math.round(askCount / 60)) }, () => moment()),
    channels: names.map((name) => ({ name, outages: name === 'slack' ? drawOutages(random, days) : [] })),
    // Of a desk at each of its calls: some hundred in a whole month, and more often in a shorter one.
    deathChance: askCount < 1_000 ? 0.0008 : 0.0003,
  };
}

function drawAsk(
  random: Random,
  index: number,
  { askCount, atMs }: { askCount: number; atMs: number },
): MonthAsk {
  const kind = drawKind(random);
  const isDecline = kind === 'refuse' || kind === 'need_information';
  const item = 1 + random.between(0, 399);
  // One in eight asks what somebody else asks or asked.
  const subject = random.chance(0.125) ? random.between(0, Math.ceil(askCount / 100)) : askCount + index;
  const topic = `subject.${subject}`;
  return {
    atMs,
    tool: isDecline ? 'decline' : 'ask',
    item,
    cluster: random.pick(clusters),
    call: `call-${index}`,
    kind,
    topic,
    input: isDecline ? declining(kind, index) : asking(random, { kind, topic }),
    leavesAfterMs: random.chance(0.02) ? random.between(1, 300) * minuteMs : null,
  };
}

function drawKind(random: Random): string {
  let left = random.between(1, 100);
  for (const [kind, share] of shares) {
    left -= share;
    if (left <= 0) return kind;
  }
  return 'requirement_ambiguity';
}

/** Mostly in working hours; some at night and at weekends. */
function drawMoment(random: Random, days: number): number {
  for (;;) {
    const ms = worldEpochMs + Math.floor(random.next() * days * dayMs);
    const here = new Date(ms + hourMs);
    const isOffice = here.getUTCDay() % 6 !== 0 && here.getUTCHours() >= 8 && here.getUTCHours() < 18;
    if (isOffice || random.chance(0.12)) return ms;
  }
}

function drawOutages(random: Random, days: number): Outage[] {
  const short = Array.from({ length: Math.max(1, Math.round(days / 3)) }, () => {
    const fromMs = drawMoment(random, days);
    return { fromMs, toMs: fromMs + random.between(1, 120) * minuteMs };
  });
  // One is longer than a message lives: from a Friday afternoon to Saturday night.
  const fromMs = worldEpochMs + (days > 15 ? 15 : 1) * dayMs + 15 * hourMs;
  return [...short, { fromMs, toMs: fromMs + 27 * hourMs }];
}

function asking(random: Random, { kind, topic }: { kind: string; topic: string }): JsonObject {
  const common = {
    kind,
    topic,
    title: `${topic} of the export`,
    building: 'Medication history export: the download of the patient data endpoint.',
    question: 'The requirements do not say which of these it is to be.',
    why_you: 'It is yours to say.',
    unblocks: 'Any one of the options.',
  };
  if (kind.startsWith('compliance')) {
    const compliance = {
      access_pattern: 'The export service writes patient_id to its log.',
      reference: 'HIPAA § 164.312(b)',
      suggestion: 'Log a keyed hash instead.',
    };
    // Whatever is named: it is never taken.
    return { ...common, compliance, ...(random.chance(0.5) ? { default: 2 } : {}) };
  }
  const options = Array.from({ length: random.between(2, 5) }, (_, index) => ({
    label: `Way ${index + 1} of ${topic}`,
    trade_off: 'Simple.',
  }));
  // One must be named where silence may decide; elsewhere agents often name none.
  const mayLeaveOut = ['gtm_dependency', 'release_timing', 'vendor_choice', 'partner_promise'].includes(kind);
  const defaultOption = random.between(1, options.length);
  return { ...common, options, default: mayLeaveOut && random.chance(0.4) ? null : defaultOption };
}

function declining(stance: string, index: number): JsonObject {
  return {
    stance,
    what: `I will not go on with part ${index} of it as it is`,
    why: 'It contradicts what is built already.',
    needed: 'A word on which of the two holds.',
  };
}
