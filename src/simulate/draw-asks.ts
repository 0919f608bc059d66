/** Agents that ask in a world: how much, whom the stakeholder map names, and what one of them says in a turn in which it asks. Pure. */
import type { JsonObject } from '../base/json.ts';
import type { ModelRequest } from '../gateway/model.ts';
import { unwrittenStakeholders } from '../policy/no-stakeholders.ts';
import { unknownPerson } from '../policy/route-of.ts';
import type { Handle, Route, Stakeholders } from '../policy/stakeholders.ts';
import type { Move } from './brains.ts';
import type { AskPlan, Fault } from './plan.ts';
import { createRandom, type Random } from './random.ts';

/** In half of the worlds agents ask. A chance of their own: what else a seed brings stays as it is. */
export function drawAsks(seed: number): AskPlan | null {
  const random = createRandom('asks', seed);
  if (random.chance(0.5)) return null;
  return {
    share: random.pick([0.05, 0.1, 0.2]),
    slaMs: random.pick([2_000, 6_000, 20_000]),
    attentionLimit: random.between(1, 3),
  };
}

/** What breaks at the very moment at which something of a question is written. */
export function drawAskFaults(seed: number, asks: AskPlan | null): Fault[] {
  const random = createRandom('ask faults', seed);
  if (asks === null || random.chance(0.5)) return [];
  const call = { op: 'journal.ask', nth: random.rank(20) };
  const moment = random.pick(['before', 'after'] as const);
  const isDeath = random.chance(0.7);
  return isDeath
    ? [{ kind: 'death', moment, restartMs: random.rank(20_000), losesDisk: random.chance(0.15), ...call }]
    : [{ kind: 'error', moment, ...call }];
}

export const lead = '@alex-engineering-lead';
export const handles: readonly Handle[] = [
  '@sarah-pm',
  lead,
  '@compliance-team',
  '@cto-channel',
  '@marketing-ops',
  '@product-channel',
];

/** Nobody decides it until somebody says who does. */
const unroutedKind = 'data_retention_question';

/** Every mode and every timeout. */
export function simulatedStakeholders(plan: AskPlan | null): Stakeholders {
  if (plan === null) return unwrittenStakeholders;
  const { slaMs, attentionLimit } = plan;
  const route = (kind: string, primary: Handle, more: Partial<Route>): Route => ({
    kind,
    primary,
    fallback: null,
    secondary: null,
    channel: null,
    slaMs,
    onTimeout: null,
    requiresAcknowledgment: false,
    mode: 'wait',
    writesToSharedMemory: false,
    clock: 'always',
    ...more,
  });
  const routes = [
    route('requirement_ambiguity', '@sarah-pm', {
      fallback: lead,
      onTimeout: { action: 'default_and_flag' },
    }),
    route('architectural_decision', lead, { fallback: '@cto-channel', writesToSharedMemory: true }),
    route('compliance_question', '@compliance-team', {
      mode: 'block',
      requiresAcknowledgment: true,
      onTimeout: { action: 'escalate', role: 'cto', to: '@cto-channel' },
    }),
    route('incident_question', '@cto-channel', {
      mode: 'block',
      requiresAcknowledgment: true,
      onTimeout: { action: 'pause_all_clusters' },
    }),
    route('gtm_dependency', '@marketing-ops', { mode: 'park', secondary: '@product-channel' }),
  ];
  return {
    ...unwrittenStakeholders,
    isWritten: true,
    people: Object.fromEntries(
      handles.map((handle) => [handle, { ...unknownPerson(handle), attentionLimit }]),
    ),
    routes: Object.fromEntries(routes.map((each) => [each.kind, each])),
    engineeringLead: lead,
  };
}

/** Weighted by how often they are drawn. */
const kinds = [
  'requirement_ambiguity',
  'requirement_ambiguity',
  'architectural_decision',
  'compliance_question',
  'incident_question',
  'gtm_dependency',
  'gtm_dependency',
  unroutedKind,
];
/** Few, so that agents often ask the same. */
const topics = ['export.timezone', 'menu.colour'];
const scopes = ['mesh', 'mesh', 'team', 'item'];

/** Agents that have asked so often decide the rest themselves. */
const mostAsks = 2;

/** What an agent says that asks somebody in this turn; null: it does not. */
export function drawAsk({ share }: AskPlan, request: ModelRequest, random: Random): Move | null {
  if (!random.chance(share) || countAsks(request) >= mostAsks) return null;
  const ask = { tool: 'ask', input: random.chance(0.12) ? illFormed(random) : question(random) };
  const draws: (() => NonNullable<Move['calls']>)[] = [
    () => [ask],
    () => [ask],
    () => [ask, { tool: 'glob', input: { pattern: '**/*.txt' } }],
    () => [{ tool: 'glob', input: { pattern: '*.txt' } }, ask, { tool: 'ask', input: question(random) }],
    () => [{ tool: 'decline', input: refusal(random) }],
  ];
  return { calls: random.pick(draws)() };
}

function countAsks({ messages }: ModelRequest): number {
  return messages
    .flatMap(({ role, content }) => (role === 'assistant' ? content : []))
    .filter((part) => part.type === 'tool_call' && (part.tool === 'ask' || part.tool === 'decline')).length;
}

function question(random: Random): JsonObject {
  const kind = random.pick(kinds);
  const topic = random.pick(topics);
  const isCompliance = kind.startsWith('compliance');
  return {
    kind,
    topic,
    scope: random.pick(scopes),
    title: `what of ${topic}`,
    building: 'The export of the medication history.',
    question: `Which one is it to be, as for ${topic}?`,
    why_you: 'It is yours to decide.',
    unblocks: 'Any one of them.',
    ...(isCompliance
      ? {
          compliance: {
            access_pattern: 'The export reads one history.',
            reference: 'HIPAA 164.312(b)',
            suggestion: `Log each export (${topic})`,
          },
        }
      : {
          options: ['this', 'that', 'neither'].map((label) => ({
            label: `${topic}: ${label}`,
            trade_off: 'none',
          })),
          default: random.between(1, 3),
        }),
  };
}

function illFormed(random: Random): JsonObject {
  const { [random.pick(['kind', 'topic', 'question', 'why_you'])]: _, ...rest } = question(random);
  return rest;
}

function refusal(random: Random): JsonObject {
  const stance = random.pick(['refuse', 'need_information']);
  return {
    stance,
    what: `work on ${random.pick(topics)}`,
    why: 'It is not clear.',
    needed: 'A word about it.',
  };
}
