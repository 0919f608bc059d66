/**
 * Agents that all spend from one item's account at once, each through its own gateway: what a worker process does, without
 * cells and flows. Runs in a test and in processes of its own (crowd-process.ts), so it knows nothing of the test runner.
 */
import { systemClock } from '../../src/base/clock.ts';
import type { Cell } from '../../src/cells/cell.ts';
import { openAgentGateway } from '../../src/gateway/agent-gateway.ts';
import type { ModelFailure } from '../../src/gateway/model.ts';
import { createScriptedProviderFromBrain, type Move } from '../../src/gateway/scripted/scripted-provider.ts';
import { streamId } from '../../src/journal/event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { LedgerRefusal } from '../../src/journal/unit.ts';
import { type AccountPlan, itemAccount } from '../../src/ledger/account-names.ts';
import { gatewayOptions, plainBudget } from '../doubles/gateway-options.ts';
import { makeRole } from '../doubles/make-role.ts';
import { noLimits } from '../doubles/no-limits.ts';

export const crowdProject = 'crowd';
export const crowdAccount = itemAccount(crowdProject, 1);

export interface CrowdOptions {
  /** Names the cluster of these agents: each process owns one. */
  cluster: number;
  agentCount: number;
  /** Calls that each agent asks for. */
  callCount: number;
  seed: number;
  /** Accounts beside the agent's and the item's. */
  outer: AccountPlan[];
}

export interface CrowdReport {
  /** Names of the calls (`cluster/agent/call`) by what came of them. */
  answered: string[];
  failed: string[];
  refused: string[];
  /** Names of the calls that the provider saw, once per attempt. */
  reached: string[];
  refusals: LedgerRefusal[];
  /** As the agents' tapes have it. */
  chargedMicroUsd: number;
}

export async function runCrowd(journal: Journal, options: CrowdOptions): Promise<CrowdReport> {
  const unit = streamId('cluster', crowdProject, options.cluster);
  const claim = await journal.claimUnit(unit, {
    owner: `crowd-${options.cluster}`,
    host: 'test',
    leaseMs: 120_000,
    project: crowdProject,
  });
  if (!claim) throw new Error(`${unit} is owned by somebody else`);
  const report: CrowdReport = {
    answered: [],
    failed: [],
    refused: [],
    reached: [],
    refusals: [],
    chargedMicroUsd: 0,
  };
  const agents = Array.from({ length: options.agentCount }, (_, index) =>
    runSpender({ journal, options, fence: claim.fence, index, report }),
  );
  const charges = await Promise.all(agents);
  report.chargedMicroUsd = charges.reduce((sum, charge) => sum + charge, 0);
  return report;
}

interface Spender {
  journal: Journal;
  options: CrowdOptions;
  fence: number;
  index: number;
  report: CrowdReport;
}

/** Goes on after a refusal: room comes back when others settle for less than they reserved. Returns what it was charged. */
async function runSpender({ journal, options, fence, index, report }: Spender): Promise<number> {
  const { cluster } = options;
  const random = createRandom(options.seed * 1_000 + cluster * 100 + index);
  const gateway = await openAgentGateway(
    gatewayOptions({
      journal,
      project: crowdProject,
      agent: streamId('agent', crowdProject, 1, `spend-${cluster}`, index, 1),
      claimUnit: streamId('cluster', crowdProject, cluster),
      fence,
      provider: createSpendingProvider(random, report),
      budget: { ...plainBudget(crowdProject), outerAccounts: () => options.outer },
      role: spenderRole,
      cell: noCell,
      clock: { ...systemClock, sleep: () => systemClock.sleep(random.below(3)) },
      limits: noLimits({ journal, project: crowdProject }),
      callAttempts: 2,
    }),
  );
  for (let call = 1; call <= options.callCount; call += 1) {
    const name = `${cluster}/${index}/${call}`;
    const outcome = await gateway.callModel({
      system: 'You spend money.',
      messages: [{ role: 'user', content: [{ type: 'text', text: name }] }],
      maxOutputTokens: 100 + random.below(1_900),
      effort: null,
    });
    if (outcome.kind === 'reply') report.answered.push(name);
    else if (outcome.kind === 'failed') report.failed.push(name);
    else if (outcome.kind === 'refused') {
      report.refused.push(name);
      report.refusals.push(outcome.refusal);
    } else throw new Error('the claim was lost');
  }
  return gateway.tape.costMicroUsd;
}

/** Answers of any length up to what was paid for, now and then a failure that may have been billed or surely was not. */
function createSpendingProvider(random: Random, report: CrowdReport) {
  return createScriptedProviderFromBrain(async (request): Promise<Move> => {
    const [part] = request.messages[0]?.content ?? [];
    report.reached.push(part?.type === 'text' ? part.text : '?');
    await systemClock.sleep(random.below(4));
    const dice = random.below(10);
    if (dice === 0) return { failure: failure('cut_off', true) };
    if (dice === 1) return { failure: failure('overloaded', false) };
    return { text: 'x'.repeat(1 + random.below(request.maxOutputTokens * 4)) };
  });
}

function failure(kind: ModelFailure['kind'], mayHaveBilled: boolean): ModelFailure {
  return { kind, message: kind, isRetryable: true, retryAfterMs: null, mayHaveBilled, usage: null };
}

export interface Random {
  /** An integer from 0 up to, not including, the limit. */
  below(limit: number): number;
}

/** The same seed gives the same numbers (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(limit) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
    },
  };
}

const spenderRole = makeRole({ name: 'spender', tools: [] });

/** Nobody here calls a tool. */
function refuse(): never {
  throw new Error('spenders have no cell');
}
const noCell: Cell = {
  id: 'none',
  pid: 0,
  gatewayPort: null,
  spawn: refuse,
  exec: refuse,
  readFile: refuse,
  writeFile: refuse,
  glob: refuse,
  grep: refuse,
  close: async () => {},
};
