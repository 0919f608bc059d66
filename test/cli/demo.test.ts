/** The demo as a person runs it, and what becomes of its first brief when its script is sabotaged. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { loadScenario } from '../../src/gateway/scripted/load-scenario.ts';
import { createScriptedProvider } from '../../src/gateway/scripted/scripted-provider.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import type { ItemReplay } from '../../src/replay/replay-item.ts';
import { createTestProject, packageDir, type TestProject } from '../harness/project.ts';
import { type CliResult, type CliWorld, git, openCliWorld, transcript } from './run-cli.ts';

const demoDir = path.join(packageDir, 'assets/demo');

describe('the demo', () => {
  let world: CliWorld;
  let result: CliResult;
  let repository: string;

  beforeAll(async () => {
    world = await openCliWorld();
    repository = path.join(world.dir, 'demo/orders-api');
    result = await world.run(['demo', '--into', path.join(world.dir, 'demo')], { timeoutMs: 150_000 });
  }, 180_000);
  afterAll(() => world.remove());

  test('lands three briefs, one of them after its claim of "done" came back with the output', () => {
    expect(result.code, transcript(result)).toBe(0);
    expect(result.out).toMatch(/41 tests green/);
    expect(result.out).toMatch(/#2 +✗ verify gate: test: 2 of \d+ tests failed/);
    expect(result.out).toMatch(/✖ a coupon applies to what the volume discount leaves/);
    expect(result.out).toMatch(/overshoot \$0\.00 · 1 sent back · 1 tool calls refused/);
    expect(result.err).toBe('');
  });

  test('leaves a repository whose log shows the landed commits and whose own tests pass by hand', () => {
    expect(git(repository, 'log', '--format=%s').split('\n')).toEqual([
      'Notes on orders',
      'Volume discounts',
      'Export orders as CSV',
      'Orders API',
    ]);
    expect(git(repository, 'status', '--porcelain')).toBe('');
    const tests = execFileSync('npm', ['test'], { cwd: repository, env: world.env, encoding: 'utf8' });
    expect(Number(/^ℹ pass (\d+)$/m.exec(tests)?.[1])).toBeGreaterThanOrEqual(49);
    expect(tests).toMatch(/^ℹ fail 0$/m);
  });

  test('had two developers at work at the same time', async () => {
    const { out } = await world.run(['--json', '-C', repository, 'log', '1']);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; data: { step?: string } });
    let working = 0;
    let most = 0;
    for (const { kind, data } of events) {
      if (!data.step?.startsWith('build/')) continue;
      if (kind === 'step.started') working += 1;
      if (kind === 'step.finished') working -= 1;
      most = Math.max(most, working);
    }
    expect(most).toBe(2);
  });

  test('is replayed item by item without a model: the same requests, artifacts and trees', async () => {
    for (const number of ['1', '2', '3']) {
      const { out, code } = await world.run(['--json', '-C', repository, 'replay', number]);
      expect(code, out).toBe(0);
      const replay = JSON.parse(out) as ItemReplay;
      expect(replay).toMatchObject({ isIdentical: true, notes: [] });
      expect(replay.agents.length).toBeGreaterThanOrEqual(5);
      for (const { tools } of replay.agents) expect(tools?.calls).toBeGreaterThan(0);
      expect(replay.trees.length).toBeGreaterThanOrEqual(4);
      expect(replay.trees.at(-1)).toMatchObject({ of: 'main', isIdentical: true });
    }
  }, 120_000);

  test('would go another way with a changed role, from the first call of its agents on', async () => {
    const role = readFileSync(path.join(packageDir, 'assets/team/roles/developer.md'), 'utf8');
    const file = path.join(repository, '.mesh/roles/developer.md');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${role}\nSay less.\n`);
    const { out, code } = await world.run(['-C', repository, 'replay', '1', '--with-current']);
    rmSync(path.dirname(file), { recursive: true });
    expect(code, out).toBe(1);
    expect(out).toMatch(/✓ plan planner/);
    expect(out).toMatch(/first in build T1 developer, call 1: system text\.$/m);
    expect(out).toContain('+ Say less.');
  });

  test('keeps whole hash chains and says so', async () => {
    const { out, code } = await world.run(['--json', 'doctor', '--verify']);
    expect(code, out).toBe(0);
    const { examinations } = JSON.parse(out) as { examinations: { name: string; result: string }[] };
    expect(examinations.find((each) => each.name === 'journal')).toMatchObject({ result: 'good' });
  });
});

describe('a sabotaged scenario', () => {
  let project: TestProject | null = null;
  afterEach(async () => {
    await project?.remove();
    project = null;
  });

  /** The CSV brief on the real sample with the scenario's text changed. */
  async function playCsv(change: (scenario: string) => string): Promise<TestProject> {
    const text = readFileSync(path.join(demoDir, 'scenario.yaml'), 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    const { value, diagnostics } = await loadScenario({ text: changed });
    if (!value) throw new Error(JSON.stringify(diagnostics));
    return createTestProject({
      from: path.join(demoDir, 'orders-api'),
      files: {
        '.mesh/mesh.yaml': readFileSync(path.join(demoDir, 'mesh.yaml'), 'utf8'),
        '.mesh/scenario.yaml': text,
      },
      model: createScriptedProvider({ scenario: value, clock: systemClock }),
    });
  }

  async function expectNothingLands(changed: TestProject): Promise<void> {
    const head = await changed.git('rev-parse', 'main');
    const number = await changed.add(readFileSync(path.join(demoDir, 'briefs/1-csv-export.md'), 'utf8'));
    await changed.run();
    const state = await changed.item(number);
    expect(state.status).toBe('paused');
    await expect(changed.accept(number)).rejects.toThrow(/cannot accept it/);
    expect(await changed.git('rev-parse', 'main')).toBe(head);
    expect(await changed.git('status', '--porcelain')).toBe('');
  }

  test('with a corrupted patch, which never gets green, does not land', async () => {
    project = await playCsv((text) => text.replace(`replaceAll('"', '""')`, `replaceAll('"', "'")`));
    await expectNothingLands(project);
  });

  test('with an agent that breaks the sample does not land', async () => {
    project = await playCsv((text) =>
      text.replace('path: src/export/order-rows.ts', 'path: src/domain/money.ts'),
    );
    await expectNothingLands(project);
  });

  test('with an agent that breaks the sample and claims that all is well is stopped by the checks', async () => {
    const honest =
      /- call: \{ tool: run, input: \{ argv: \[npm, test\] \}.*\n +- done: '`GET \/orders\.csv` is served.*/;
    project = await playCsv((text) =>
      text.replace(
        honest,
        `- call: { tool: write, input: { path: src/domain/tax.ts, content: "export const taxFree = true;\\n" } }
      - done: All tests pass.`,
      ),
    );
    await expectNothingLands(project);
    const events = await project.journal.read(itemStream(project.context.project, 1));
    const gates = events.filter((event) => event.kind === 'gate.judged' && event.data.isPassed === false);
    expect(gates.map((event) => event.data.summary).join()).toMatch(/test: .*failed/);
  });
});
