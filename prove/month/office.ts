/** The people and routes of a simulated month: the reference's map as text for the product, and as plain data for the observer. */
import { parseStakeholders } from '../../src/policy/load-stakeholders.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** What the observer knows of somebody. No clock is changed in January. */
export interface Colleague {
  limit: number;
  zone: { name: string; aheadOfUtcHours: number };
  /** Local hours, Monday to Friday; null: always there. */
  hours: [from: number, to: number] | null;
  deputy: string | null;
}

/** What the observer expects of a kind. */
export interface Expected {
  /** Who is asked in turn. */
  chain: readonly string[];
  mode: 'wait' | 'block' | 'park';
  slaMinutes: number;
  /** What follows silence, where the question has a default option. */
  silence: 'default' | 'climb' | 'pause' | 'remind';
  /** The SLA runs in working hours alone. */
  isWorkClock: boolean;
  needsAcknowledgment: boolean;
}

const [sarah, alex, cto, compliance, marketing, product] = [
  '@sarah-pm',
  '@alex-engineering-lead',
  '@cto-channel',
  '@compliance-team',
  '@marketing-ops',
  '@product-channel',
] as const;

const berlin = { name: 'Europe/Berlin', aheadOfUtcHours: 1 };
const newYork = { name: 'America/New_York', aheadOfUtcHours: -5 };

export const colleagues: Readonly<Record<string, Colleague>> = {
  [sarah]: { zone: berlin, limit: 8, hours: [9, 17], deputy: product },
  [alex]: { zone: berlin, limit: 20, hours: [8, 18], deputy: null },
  [cto]: { zone: berlin, limit: 10, hours: null, deputy: null },
  [compliance]: { zone: newYork, limit: 3, hours: [9, 17], deputy: null },
  [marketing]: { zone: berlin, limit: 8, hours: [10, 16], deputy: null },
  [product]: { zone: berlin, limit: 12, hours: [9, 20], deputy: null },
};

export const lead = alex;

const waiting = { mode: 'wait', isWorkClock: true, needsAcknowledgment: false } as const;
const parked = { ...waiting, mode: 'park' } as const;
const blocking = { mode: 'block', isWorkClock: false, needsAcknowledgment: false } as const;
const alarming = { ...blocking, needsAcknowledgment: true } as const;

/** The routes of the reference map, and one for each row that it leaves open of the table in docs/questions.md. */
export const expectations: Readonly<Record<string, Expected>> = {
  requirement_ambiguity: { chain: [sarah, alex], slaMinutes: 60, silence: 'default', ...waiting },
  compliance_question: { chain: [compliance, cto, alex], slaMinutes: 30, silence: 'climb', ...alarming },
  architectural_decision: { chain: [alex, cto], slaMinutes: 120, silence: 'default', ...waiting },
  gtm_dependency: { chain: [marketing, product], slaMinutes: 240, silence: 'remind', ...parked },
  budget_threshold_exceeded: { chain: [cto, alex], slaMinutes: 15, silence: 'pause', ...alarming },
  naming_choice: { chain: [product, alex], slaMinutes: 90, silence: 'default', ...waiting },
  incident_call: { chain: [sarah, cto, alex], slaMinutes: 45, silence: 'climb', ...waiting },
  release_timing: { chain: [product, alex], slaMinutes: 60, silence: 'default', ...blocking },
  compliance_retention: { chain: [compliance, alex], slaMinutes: 60, silence: 'default', ...blocking },
  vendor_choice: { chain: [marketing, alex], slaMinutes: 120, silence: 'default', ...parked },
  partner_promise: { chain: [product, cto, alex], slaMinutes: 120, silence: 'climb', ...parked },
};

/** Kinds of the product's own, and those that the engineering lead said are theirs. */
export const leadsOwn: Expected = {
  ...waiting,
  chain: [alex],
  slaMinutes: 60,
  silence: 'default',
  isWorkClock: false,
};

const slack: Readonly<Record<string, string>> = { [sarah]: 'U0SARAH', [alex]: 'U0ALEX' };

/** The reference map, with the colleagues of this month. */
export function officeMap(): Stakeholders {
  const people = Object.entries(colleagues).map(([handle, { limit, zone, hours, deputy }]) => {
    const fields = [
      `attention_limit: ${limit}`,
      ...(hours ? [`hours: { zone: ${zone.name}, from: "${hours[0]}:00", to: "${hours[1]}:00" }`] : []),
      ...(deputy ? [`deputy: "${deputy}"`] : []),
      ...(slack[handle] ? [`slack: ${slack[handle]}`] : []),
      ...(handle === cto ? ['role: cto'] : []),
      ...(handle === alex ? ['role: engineering_lead'] : []),
    ];
    return `  "${handle}": { ${fields.join(', ')} }`;
  });
  const { value, diagnostics } = parseStakeholders(`people:\n${people.join('\n')}\n${routes}`);
  if (!value) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return value;
}

const routes = `escalation_routes:
  requirement_ambiguity: { primary: "${sarah}", fallback: "${alex}", channel: "#product-questions", sla_minutes: 60, on_timeout: default_and_flag }
  compliance_question: { primary: "${compliance}", channel: "#compliance-review", requires_acknowledgment: true, block_cluster: true, sla_minutes: 30, on_timeout: escalate_to_cto }
  architectural_decision: { primary: "${alex}", fallback: "${cto}", channel: "#engineering-decisions", sla_minutes: 120, on_timeout: default_and_flag, writes_to_shared_memory: true }
  gtm_dependency: { primary: "${marketing}", secondary: "${product}", channel: "#gtm-dependencies", sla_minutes: 240, non_blocking: true }
  budget_threshold_exceeded: { primary: "${cto}", channel: "#alerts", requires_acknowledgment: true, block_cluster: true, sla_minutes: 15, on_timeout: pause_all_clusters }
  naming_choice: { primary: "${product}", sla_minutes: 90 }
  incident_call: { primary: "${sarah}", sla_minutes: 45, on_timeout: escalate_to_cto }
  release_timing: { primary: "${product}", block_cluster: true, sla_minutes: 60, on_timeout: default_and_flag }
  compliance_retention: { primary: "${compliance}", block_cluster: true, sla_minutes: 60, on_timeout: default_and_flag }
  vendor_choice: { primary: "${marketing}", non_blocking: true, sla_minutes: 120, on_timeout: default_and_flag }
  partner_promise: { primary: "${product}", non_blocking: true, sla_minutes: 120, on_timeout: escalate_to_cto }
`;

export function isThere(person: string, ms: number): boolean {
  const { hours = null, zone } = colleagues[person] ?? {};
  if (hours === null || !zone) return true;
  const here = new Date(ms + zone.aheadOfUtcHours * hourMs);
  const day = here.getUTCDay();
  const hour = here.getUTCHours();
  return day !== 0 && day !== 6 && hour >= hours[0] && hour < hours[1];
}

/** The first moment from `ms` on at which they are there; whole hours, as shifts begin. */
export function nextThere(person: string, ms: number): number {
  if (isThere(person, ms)) return ms;
  let at = Math.ceil(ms / hourMs) * hourMs;
  while (!isThere(person, at)) at += hourMs;
  return at;
}

/** When they go, after a moment at which they are there. */
export function shiftEnd(person: string, ms: number): number {
  if ((colleagues[person]?.hours ?? null) === null) return Number.POSITIVE_INFINITY;
  let at = (Math.floor(ms / hourMs) + 1) * hourMs;
  while (isThere(person, at)) at += hourMs;
  return at;
}

/** So much of their time after `fromMs`. */
export function afterTheirTime(person: string, fromMs: number, ms: number): number {
  let at = nextThere(person, fromMs);
  for (let left = ms; ; ) {
    const endMs = shiftEnd(person, at);
    if (left <= endMs - at) return at + left;
    left -= endMs - at;
    at = nextThere(person, endMs);
  }
}
