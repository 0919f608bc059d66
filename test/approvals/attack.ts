/**
 * Ways to get an action done that nobody said yes to: each plays one against a new agent's approval and says what was tried. All
 * of them are to be refused, and each attempt is to be on a stream. No attack knows how it is refused.
 */
import type { JsonObject } from '../../src/base/json.ts';
import { type StreamId, streamId } from '../../src/journal/event.ts';
import { useApproval, writeApproval } from '../../src/questions/approval-record.ts';
import type { ApprovalState } from '../../src/questions/approval-state.ts';
import { decideApproval } from '../../src/questions/decide-approval.ts';
import type { Random } from '../../src/simulate/random.ts';
import {
  type ApprovalWorld,
  approvalOf,
  type Program,
  project,
  reread,
  type Seat,
  say,
  tierOf,
} from './approval-world.ts';

export interface Attack {
  family: 'swapped' | 'replayed' | 'stale' | 'wrong person';
  name: string;
  /** How often the action may have been run when it is over: 1 where a valid use came before. */
  allowedRuns: 0 | 1;
  play(world: ApprovalWorld, random: Random): Promise<ApprovalState>;
}

/** Valid yeses in their order. */
export const rightPeople: Readonly<Record<Program, readonly string[]>> = {
  release: ['@sarah-pm'],
  pay: ['@compliance-team'],
  deploy: ['@alex-engineering-lead', '@sarah-pm'],
};
const programs = Object.keys(tierOf) as Program[];

export interface Asked {
  seat: Seat;
  input: JsonObject;
  approval: ApprovalState;
  program: Program;
}

export async function ask(
  world: ApprovalWorld,
  random: Random,
  program = random.pick(programs),
): Promise<Asked> {
  const seat = world.seat();
  const input = { argv: [program, `--to=${seat.agent}`, `v${random.between(0, 999)}`] };
  return { seat, input, program, approval: await approvalOf(world, await seat.call(input)) };
}

export async function approve(world: ApprovalWorld, { approval, program }: Asked): Promise<void> {
  for (const by of rightPeople[program]) {
    const { isAccepted, line } = await say(world, approval, { by });
    if (!isAccepted) throw new Error(`a valid yes was refused: ${line}`);
  }
}

/** An answer that must not count. */
export async function sayInVain(...said: Parameters<typeof say>): Promise<void> {
  const { isAccepted, line } = await say(...said);
  if (isAccepted) throw new Error(`an answer counted that must not: ${line}`);
}

/** What the desk does when it looks. */
export async function lookAgain(world: ApprovalWorld, { number }: ApprovalState): Promise<void> {
  const { journal, newId, clock, people } = world;
  const facts = {
    nowMs: clock.now(),
    stakeholders: people.now,
    roomOf: () => 5,
    channelsOf: () => [],
    newId,
  };
  const decide = (state: ApprovalState) => decideApproval(state, facts).events;
  await writeApproval({ journal, newId, project, number, actor: 'mesh:test', decide });
}

export function windowOf(world: ApprovalWorld, { tier }: ApprovalState): number {
  return world.people.now.approvalTiers[tier.name]?.windowMs ?? 0;
}

export function changeOneByte(text: string, random: Random): string {
  const at = random.between(0, text.length - 1);
  const code = text.charCodeAt(at) ^ 1;
  return `${text.slice(0, at)}${String.fromCharCode(code)}${text.slice(at + 1)}`;
}

/** Straight at the record, past the gateway. */
export async function forceUse(
  world: ApprovalWorld,
  { number, asker, actionHash }: ApprovalState,
  as: Partial<{ agent: StreamId; call: string; actionHash: string }>,
): Promise<void> {
  const { journal, newId, clock, people } = world;
  const use = { agent: asker.agent, call: asker.call, actionHash, ...as };
  const refused = await useApproval({
    journal,
    newId,
    project,
    number,
    nowMs: clock.now(),
    stakeholders: people.now,
    ...use,
  });
  if (refused === null) throw new Error('the approval was used');
}

/** A valid use first. */
export async function usedBefore(world: ApprovalWorld, random: Random): Promise<Asked> {
  const asked = await ask(world, random);
  await approve(world, asked);
  await asked.seat.call(asked.input);
  if ((await reread(world, asked.approval)).status !== 'used') throw new Error('the valid use failed');
  return asked;
}

export function attack(family: Attack['family'], name: string, play: Attack['play']): Attack;
export function attack(
  family: Attack['family'],
  name: string,
  before: typeof usedBefore,
  play: (world: ApprovalWorld, asked: Asked) => Promise<void>,
): Attack;
export function attack(
  family: Attack['family'],
  name: string,
  first: Attack['play'] | typeof usedBefore,
  then?: (world: ApprovalWorld, asked: Asked) => Promise<void>,
): Attack {
  if (!then) return { family, name, allowedRuns: 0, play: first as Attack['play'] };
  return {
    family,
    name,
    allowedRuns: 1,
    async play(world, random) {
      const asked = await (first as typeof usedBefore)(world, random);
      await then(world, asked);
      return asked.approval;
    },
  };
}

/** Every event in which an attempt about it was kept. */
export async function keptAttempts(world: ApprovalWorld, { number }: ApprovalState): Promise<string[]> {
  const events = await world.journal.read(streamId('approval', project, number));
  return events
    .filter(({ kind }) => kind === 'approval.answer_refused' || kind === 'approval.use_refused')
    .map(({ data }) => String(data.why));
}
