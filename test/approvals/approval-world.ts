/**
 * A project in which agents need the yes of people: real gateways over the real approvals and requests, a clock that stands until
 * it is moved, and a cell that does nothing but count what it is told to run.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/base/clock.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { ExecRequest } from '../../src/cells/cell.ts';
import { openAgentGateway } from '../../src/gateway/agent-gateway.ts';
import type { ToolAnswer } from '../../src/gateway/call-tool.ts';
import { type StreamId, streamId } from '../../src/journal/event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { withTier } from '../../src/permissions/ask-entry.ts';
import { parseRule } from '../../src/permissions/parse-rule.ts';
import { unknownPerson } from '../../src/policy/route-of.ts';
import type { ApprovalTier, Stakeholders } from '../../src/policy/stakeholders.ts';
import { readApproval } from '../../src/questions/approval-record.ts';
import type { ApprovalState } from '../../src/questions/approval-state.ts';
import type { WordOutcome } from '../../src/requests/answer-question.ts';
import { answerApproval } from '../../src/requests/approve.ts';
import { noSecrets, type Redactor } from '../../src/secrets/redactor.ts';
import { seatApprovals } from '../../src/worker/seat-approvals.ts';
import { answering } from '../doubles/agent-world.ts';
import { type FolderCell, openFolderCell } from '../doubles/folder-cell.ts';
import { gatewayOptions } from '../doubles/gateway-options.ts';
import { makeRole } from '../doubles/make-role.ts';
import { claimItemAccount } from '../doubles/open-item-account.ts';

export const project = 'orders-api';
export const hourMs = 3_600_000;

const claimUnit = streamId('cluster', project, 'main');

/** `release` needs one of two people, `pay` one, `deploy` two of three, of whom two handles are one person in Slack. */
export const tierOf = { release: 'external', pay: 'money', deploy: 'infrastructure' } as const;
export type Program = keyof typeof tierOf;

function tier(name: string, approvers: string[], peopleCount: number, hours: number): ApprovalTier {
  return { name, approvers, peopleCount, windowMs: hours * hourMs, channel: null };
}

export const stakeholders: Stakeholders = {
  people: {
    '@sarah-pm': { ...unknownPerson('@sarah-pm'), deputy: '@marketing-ops', slackId: 'U0SARAH' },
    '@alex-engineering-lead': {
      ...unknownPerson('@alex-engineering-lead'),
      deputy: '@alex-engineering-lead',
    },
    '@cto-channel': { ...unknownPerson('@cto-channel'), slackId: 'U0SARAH' },
    '@compliance-team': unknownPerson('@compliance-team'),
    '@product-channel': unknownPerson('@product-channel'),
  },
  routes: {},
  approvalTiers: {
    external: tier('external', ['@sarah-pm', '@alex-engineering-lead'], 1, 24),
    money: tier('money', ['@compliance-team'], 1, 24),
    infrastructure: tier('infrastructure', ['@sarah-pm', '@alex-engineering-lead', '@cto-channel'], 2, 48),
  },
  engineeringLead: '@alex-engineering-lead',
  isRehearsal: false,
  isWritten: true,
};

export interface ApprovalWorld {
  journal: Journal;
  clock: Clock & { advance(ms: number): void };
  newId: () => string;
  /** What was really run, in order. */
  executed: readonly ExecRequest[];
  people: { now: Stakeholders };
  /** Set: the process ends in the middle of the next run. */
  crash: { inRun: boolean };
  /** A new agent that has yet to ask. */
  seat(overrides?: Partial<Seat>): Seat;
  close(): Promise<void>;
}

export interface Seat {
  item: number;
  agent: StreamId;
  base: string;
  redactor: Redactor;
  /** Through a gateway that is opened for it, as after a restart. */
  call(input: JsonObject, id?: string): Promise<ToolAnswer>;
}

export async function openApprovalWorld(journal: Journal): Promise<ApprovalWorld> {
  const clock = makeClock();
  const executed: ExecRequest[] = [];
  const crash = { inRun: false };
  const provider = answering({ content: [{ type: 'text', text: 'ok' }], stop: 'end' });
  const cell = countingCell(await openFolderCell(), executed, crash);
  const people = { now: stakeholders };
  let seatCount = 0;
  const { fence } = await claimItemAccount(journal, {
    project,
    claimUnit,
    ceilingMicroUsd: null,
    leaseMs: 60_000,
  });
  const context = { journal, newId: randomUUID, project, clock, stakeholders: async () => people.now };
  return {
    journal,
    clock,
    newId: randomUUID,
    executed,
    people,
    crash,
    seat(overrides = {}) {
      seatCount += 1;
      const seat: Seat = {
        item: 1,
        agent: streamId('agent', project, 1, 'build', `T${seatCount}`, 'developer', 1),
        base: 'a'.repeat(40),
        redactor: noSecrets,
        async call(input, id = 'call-1') {
          const { agent, base, redactor } = seat;
          const effect = { agent, step: `build/T${seatCount}/developer`, role: 'developer', base };
          const state = { number: seat.item, title: 'Add', cluster: claimUnit };
          const approvals = seatApprovals({ context, state }, effect);
          const given = { journal, clock, cell, fence, agent, redactor, approvals };
          const gateway = await openAgentGateway(
            gatewayOptions({ ...given, project, claimUnit, provider, role: askingRole }),
          );
          return gateway.callTool({ type: 'tool_call', id, tool: 'run', input });
        },
        ...overrides,
      };
      return seat;
    },
    close: () => cell.close(),
  };
}

/** Says it as that person would, through the real request. */
export function say(
  world: ApprovalWorld,
  approval: ApprovalState,
  word: { by: string; verdict?: 'approve' | 'deny'; actionHash?: string; via?: string; why?: string },
): Promise<WordOutcome> {
  const { journal, newId, clock, people } = world;
  return answerApproval({
    journal,
    newId,
    project,
    stakeholders: people.now,
    nowMs: clock.now(),
    name: approval.name,
    verdict: word.verdict ?? 'approve',
    by: word.by,
    via: word.via ?? 'slack',
    actionHash: word.actionHash ?? approval.actionHash,
    why: word.why ?? '',
  });
}

/** As it is now. */
export async function reread(world: ApprovalWorld, { number }: ApprovalState): Promise<ApprovalState> {
  const state = await readApproval(world.journal, project, number);
  if (!state) throw new Error('the approval is gone');
  return state;
}

/** The approval that an answer says the call waits for. */
export async function approvalOf(world: ApprovalWorld, answer: ToolAnswer): Promise<ApprovalState> {
  if (answer.type !== 'waiting') throw new Error(`it does not wait: ${answer.output}`);
  const state = await readApproval(world.journal, project, Number(answer.ask.slice(2)));
  if (!state) throw new Error(`there is no ${answer.ask}`);
  return state;
}

function makeClock(): ApprovalWorld['clock'] {
  let now = Date.UTC(2026, 10, 2);
  return {
    now: () => now,
    monotonicMs: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    advance(ms) {
      now += ms;
    },
  };
}

function countingCell(cell: FolderCell, executed: ExecRequest[], crash: ApprovalWorld['crash']): FolderCell {
  return {
    ...cell,
    exec: async (request) => {
      executed.push(request);
      if (crash.inRun) throw new Error('the process ended');
      return {
        exitCode: 0,
        signal: null,
        stdout: 'done\n',
        stderr: '',
        isTimedOut: false,
        isTruncated: false,
        durationMs: 1,
      };
    },
  };
}

const askRules = Object.entries(tierOf).map(([program, approvalTier]) => {
  const rule = `Bash(${program}:*)`;
  const parsed = parseRule(rule, 'policy');
  if (!parsed.ok) throw new Error(parsed.problem);
  return withTier(parsed.rule, { rule, tier: approvalTier });
});

const askingRole = makeRole({ permissions: { allow: [], ask: askRules, deny: [] } });
