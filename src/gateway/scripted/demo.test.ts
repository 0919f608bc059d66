import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePlan } from '../../artifacts/parse-plan.ts';
import { parseVerdict } from '../../artifacts/parse-verdict.ts';
import type { PlanTask } from '../../artifacts/plan.ts';
import { systemClock } from '../../base/clock.ts';
import { parseRole } from '../../teams/parse-role.ts';
import type { Role } from '../../teams/team.ts';
import { formatDiagnostic } from '../../yaml/diagnostic.ts';
import type { ModelMessage, Seat, ToolResultPart } from '../model.ts';
import { answerCall, type FolderRun, repository, runCommand, writeAll } from './folder-tools-contract.ts';
import { loadScenario } from './load-scenario.ts';
import type { Scenario } from './scenario.ts';
import { createScriptedProvider } from './scripted-provider.ts';

// Plays the demo's scenario against plain copies of its sample repository: no engine, no git, no cells; but the built-in
// roles, and the real judges of tool calls, edits, plans and verdicts. What is tested is that all of these fit together.

const demo = join(repository, 'assets/demo');
const titles: Record<number, string> = {
  1: 'Export orders as CSV',
  2: 'Volume discounts',
  3: 'Notes on orders',
};

interface AgentRun extends FolderRun {
  seat: Seat;
  turnCount: number;
  lastWords: string;
}

interface ItemRun {
  agents: AgentRun[];
  gates: { passed: number; failed: number }[];
}

let root: string;
let home: string;
let scenario: Scenario;
const roles = new Map<string, Role>();
let copyCount = 0;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'meshwright-demo-'));
  home = join(root, 'home');
  await mkdir(home);
  const loaded = await loadScenario({ path: join(demo, 'scenario.yaml') });
  expect(loaded.diagnostics.map(formatDiagnostic)).toEqual([]);
  if (!loaded.value) throw new Error('the scenario did not load');
  scenario = loaded.value;
  for (const name of ['planner', 'developer', 'tester', 'reviewer']) {
    const { value } = parseRole(
      name,
      await readFile(join(repository, 'assets/team/roles', `${name}.md`), 'utf8'),
    );
    if (!value) throw new Error(`the role ${name} did not load`);
    roles.set(name, value);
  }
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('the demo', () => {
  test('its sample service begins with 41 green tests', async () => {
    expect(await runTests(join(demo, 'orders-api'))).toEqual({ passed: 41, failed: 0 });
  });

  test.each([[[1, 2, 3]], [[2, 3, 1]]])(
    'its items end green when they run in the order %j',
    async (order) => {
      const head = await copyOf(join(demo, 'orders-api'));
      let passedBefore = 41;
      for (const number of order) {
        const run = await runItem(head, number);
        const last = run.gates.at(-1);
        expect(last?.failed).toBe(0);
        expect(last?.passed).toBeGreaterThan(passedBefore);
        passedBefore = last?.passed ?? 0;
        for (const agent of run.agents) {
          expect(agent.turnCount).toBeLessThanOrEqual(15);
          expect(agent.lastWords).not.toMatch(/give up/);
        }
        if (number === 1) expectHonestMistake(run);
        if (number === 2) expectFalseClaim(run, order[0] === 2);
        if (number === 3) expectRefusalAndBadPlan(run);
      }
      expect(passedBefore).toBe(58);
    },
  );

  test('an agent that finds the service changed gives up instead of editing blindly', async () => {
    const head = await copyOf(join(demo, 'orders-api'));
    const path = join(head, 'src/domain/pricing.ts');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('const taxableCents', 'const baseCents'));
    const task = { id: 'T1', title: '', instructions: '', after: [] };
    const run = await runAgent(head, seatOf(2, 'developer', 1, task), 'the brief');
    expect(run.lastWords).toMatch(/I give up: .*taxableCents/);
    expect([...run.changes.keys()]).toEqual([]);
  });
});

function expectHonestMistake(run: ItemRun): void {
  const developer = run.agents.find(({ seat }) => seat.task === 'T1');
  const testRuns = developer?.calls.filter(({ tool }) => tool === 'run') ?? [];
  expect(testRuns.map(({ output }) => countTests(output).failed)).toEqual([1, 0]);
  expect(run.gates).toHaveLength(1);
}

function expectFalseClaim(run: ItemRun, isFirstItem: boolean): void {
  const liar = run.agents.find(({ seat }) => seat.task === 'T1');
  expect(liar?.calls.map(({ tool }) => tool)).not.toContain('run');
  expect(liar?.lastWords).toMatch(/^Done\./);
  expect(run.gates).toHaveLength(2);
  expect(run.gates[0]?.failed).toBe(2);
  if (isFirstItem) expect(run.gates[0]?.passed).toBe(41);
  const verdicts = run.agents.flatMap(({ delivered }) => delivered.get('verdict.json') ?? []);
  expect(verdicts.map((text) => parseVerdict(text).verdict?.isPassed)).toEqual([false, true]);
  expect(parseVerdict(verdicts[0] ?? '').verdict?.findings[0]).toMatchObject({
    file: 'src/domain/pricing.ts',
    line: 28,
  });
}

function expectRefusalAndBadPlan(run: ItemRun): void {
  const refused = run.agents.flatMap(({ seat, calls }) =>
    calls.filter(({ output }) => output.startsWith('refused:')).map(() => seat.role),
  );
  expect(refused).toEqual(['reviewer']);
  const planner = run.agents.find(({ seat }) => seat.role === 'planner');
  expect(planner?.calls.filter(({ tool }) => tool === 'deliver').map(({ isError }) => isError)).toEqual([
    true,
    false,
  ]);
}

/** plan → build (tasks without open dependencies at once) → verify, back to build as one rework task while red. */
async function runItem(head: string, number: number): Promise<ItemRun> {
  const run: ItemRun = { agents: [], gates: [] };
  const brief = `# Brief: ${titles[number]}`;
  const step = async (seats: Seat[], prompt: string): Promise<void> => {
    const agents = await Promise.all(seats.map((seat) => runAgent(head, seat, prompt)));
    run.agents.push(...agents);
    const paths = agents.flatMap(({ changes }) => [...changes.keys()]);
    expect(new Set(paths).size, 'agents side by side change different files').toBe(paths.length);
    for (const { changes } of agents) await writeAll(head, changes);
  };
  await step([seatOf(number, 'planner', 1, null)], brief);
  const { plan } = parsePlan(run.agents[0]?.delivered.get('plan.json') ?? '');
  if (!plan) throw new Error('there is no plan');
  const done = new Set<string>();
  while (done.size < plan.tasks.length) {
    const ready = plan.tasks.filter(
      ({ id, after }) => !done.has(id) && after.every((other) => done.has(other)),
    );
    expect(ready.length).toBeGreaterThan(0);
    if (done.size === 0) expect(ready.length).toBeGreaterThan(1);
    await step(
      ready.map((task) => seatOf(number, 'developer', 1, task)),
      brief,
    );
    for (const { id } of ready) done.add(id);
  }
  for (let round = 1; round <= 3; round++) {
    await step([seatOf(number, 'tester', round, null), seatOf(number, 'reviewer', round, null)], brief);
    const output = await runCommand(head, home, ['npm', 'test']);
    run.gates.push(countTests(output));
    if (countTests(output).failed === 0) return run;
    const rework = { id: `rework-${round + 1}`, title: 'Put right', instructions: '', after: [] };
    const findings = `${brief}\n\n# What was found wrong\n\n- [check:test] tests failed\n${output}`;
    await step([seatOf(number, 'developer', round + 1, rework)], findings);
  }
  throw new Error('still red after three rounds');
}

function seatOf(item: number, role: string, round: number, task: PlanTask | null): Seat {
  const step = task ? `build/${task.id}/${role}` : `${role === 'planner' ? 'plan' : 'verify'}/${role}`;
  return {
    project: 'orders-api',
    item,
    itemTitle: titles[item] ?? '',
    role,
    step,
    task: task?.id ?? null,
    round,
  };
}

/** Every turn is asked of a new provider with a copy of the conversation: nothing may be remembered between turns. */
async function runAgent(head: string, seat: Seat, prompt: string): Promise<AgentRun> {
  const role = roles.get(seat.role);
  if (!role) throw new Error(`there is no role ${seat.role}`);
  const dir = await copyOf(head);
  const run: AgentRun = {
    seat,
    calls: [],
    delivered: new Map(),
    turnCount: 0,
    lastWords: '',
    changes: new Map(),
  };
  const messages: ModelMessage[] = [{ role: 'user', content: [{ type: 'text', text: prompt }] }];
  for (;;) {
    const provider = createScriptedProvider({ scenario, clock: systemClock });
    const request = {
      model: 'claude-sonnet-4-5',
      system: `You are the ${seat.role}.`,
      messages: structuredClone(messages),
      tools: [],
      maxOutputTokens: 8_000,
      effort: null,
      seat,
    };
    const outcome = await provider.generate(request, new AbortController().signal);
    if (!outcome.ok) throw new Error(outcome.failure.message);
    run.turnCount += 1;
    messages.push({ role: 'assistant', content: outcome.reply.content });
    const calls = outcome.reply.content.filter((part) => part.type === 'tool_call');
    if (calls.length === 0) {
      run.lastWords = outcome.reply.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      return run;
    }
    const content: ToolResultPart[] = [];
    for (const call of calls) content.push(await answerCall({ dir, home, role }, run, call));
    messages.push({ role: 'user', content });
  }
}

async function runTests(dir: string): Promise<{ passed: number; failed: number }> {
  return countTests(await runCommand(dir, home, ['npm', 'test']));
}

function countTests(output: string): { passed: number; failed: number } {
  const count = (word: string) =>
    Number(new RegExp(`^ℹ ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? Number.NaN);
  return { passed: count('pass'), failed: count('fail') };
}

async function copyOf(dir: string): Promise<string> {
  copyCount += 1;
  const copy = join(root, `copy-${copyCount}`);
  await cp(dir, copy, { recursive: true });
  return copy;
}
