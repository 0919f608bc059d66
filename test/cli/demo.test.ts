/** The demo as a person runs it: what lands, what people are asked, and what can be looked at afterwards. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { openJournal } from '../../src/compose/project.ts';
import type { StoredEvent } from '../../src/journal/event.ts';
import { questionStream } from '../../src/questions/question-event.ts';
import type { ItemReplay } from '../../src/replay/replay-item.ts';
import { packageDir } from '../harness/project.ts';
import { type CliResult, type CliWorld, git, openCliWorld, transcript } from './run-cli.ts';

describe('the demo', () => {
  let world: CliWorld;
  let result: CliResult;
  let repository: string;

  beforeAll(async () => {
    world = await openCliWorld();
    repository = path.join(world.dir, 'demo/orders-api');
    result = await world.run(['demo', '--into', path.join(world.dir, 'demo')], { timeoutMs: 240_000 });
  }, 270_000);
  afterAll(() => world.remove());

  test('lands three briefs, one of them after its claim of "done" came back with the output', () => {
    expect(result.code, transcript(result)).toBe(0);
    expect(result.out).toMatch(/41 tests green/);
    expect(result.out).toMatch(/#2 +✗ verify gate: test: 2 of \d+ tests failed/);
    expect(result.out).toMatch(/✖ a coupon applies to what the volume discount leaves/);
    expect(result.out).toMatch(/overshoot \$0\.00 · sent back: 1 · tool calls refused: 1/);
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
  }, 200_000);

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

  describe('asks people, and', () => {
    let events: StoredEvent[];
    beforeAll(async () => {
      const { journal, close } = await openJournal(world.env, silentLog);
      events = await journal.readAll({ after: 0, limit: 100_000, project: 'orders-api' });
      await close();
    });

    /** Of a question by its number, or of one kind; in order. */
    const of = (question: number) =>
      events.filter(({ stream }) => stream === questionStream('orders-api', question));
    const all = (kind: string) => events.filter((event) => event.kind === kind);
    const first = (question: number, kind: string) => {
      const found = of(question).find((event) => event.kind === kind);
      if (!found) throw new Error(`Q-${question} has no ${kind}: ${of(question).map((event) => event.kind)}`);
      return found;
    };

    test('a person answers one in time: their word is a decision, and the item goes on', () => {
      expect(first(1, 'question.notified').data).toMatchObject({ to: '@sarah-pm', why: 'asked' });
      expect(first(1, 'question.answered').data).toMatchObject({ by: '@sarah-pm', answer: { option: 1 } });
      expect(first(1, 'question.recorded').data).toEqual({ decision: 'D-1' });
      const resumed = all('step.answered').find(({ data }) => data.ask === 'Q-1');
      expect(resumed?.data).toMatchObject({ step: 'build/T2/developer', how: 'answered', by: '@sarah-pm' });
    });

    test('one is taken by default at its SLA, not before, and is flagged for review', async () => {
      const { data, at } = first(2, 'question.asked');
      expect(data.route).toMatchObject({ primary: '@product-channel', slaMs: 6_000 });
      const taken = first(2, 'question.defaulted');
      expect(taken.data).toMatchObject({ option: 1, asked: ['@product-channel'] });
      expect(Date.parse(String(data.dueAt))).toBeGreaterThanOrEqual(Date.parse(at) + 5_000);
      expect(taken.at >= String(data.dueAt)).toBe(true);
      expect(of(2).filter(({ kind }) => kind === 'question.answered')).toEqual([]);
      const digest = await world.run(['--json', '-C', repository, 'digest']);
      expect(JSON.parse(digest.out)).toMatchObject({ defaults: [{ question: 'Q-2', isFlagged: true }] });
      expect(result.out).toMatch(/Q-2 .*DEFAULT.*flagged for review/);
    });

    test('a compliance question stops its cluster: what was accepted lands only when it is answered', () => {
      expect(first(3, 'question.asked').data).toMatchObject({ isCompliance: true, mode: 'block' });
      expect(first(3, 'question.answered').data).toMatchObject({ by: '@compliance-team' });
      const [set, cleared] = ['control.set', 'control.cleared'].map((kind) =>
        all(kind).find(({ data }) => data.holder === 'Q-3'),
      );
      if (!set || !cleared) throw new Error('Q-3 stopped nothing');
      expect(set.data).toMatchObject({ scope: 'cluster:main', state: 'paused' });
      const meanwhile = events.filter(
        ({ position }) => position > set.position && position < cleared.position,
      );
      const kinds = meanwhile.map(({ kind }) => kind);
      expect(kinds).toContain('item.accepted');
      for (const kind of ['landing.intended', 'landing.finished', 'item.landed']) {
        expect(kinds).not.toContain(kind);
      }
      const landed = all('item.landed').filter(({ position }) => position > cleared.position);
      expect(landed.map(({ stream }) => stream)).toEqual(['item:orders-api/2', 'item:orders-api/3']);
    });

    test('one of a kind without a route waits until the engineering lead has given it one', () => {
      expect(first(4, 'question.asked').data).toMatchObject({
        key: { kind: 'support_process' },
        route: null,
      });
      expect(first(5, 'question.asked').data).toMatchObject({
        key: { kind: 'unrouted_kind', topic: 'route.support_process' },
        asker: null,
      });
      expect(first(5, 'question.answered').data).toMatchObject({ by: '@alex-engineering-lead' });
      const routed = first(4, 'question.routed');
      expect(routed.position).toBeGreaterThan(first(5, 'question.answered').position);
      expect(routed.data).toMatchObject({ by: null, route: { primary: '@sarah-pm' } });
      expect(first(4, 'question.notified').position).toBeGreaterThan(routed.position);
      expect(first(4, 'question.answered').data).toMatchObject({ by: '@sarah-pm' });
    });

    test('what was answered before is not asked again: memory answers the agent', () => {
      const remembered = all('memory.answered');
      expect(remembered.map(({ data }) => data.id)).toEqual(['D-1']);
      expect(remembered[0]?.stream).toMatch(/^agent:orders-api\/3\//);
      const topics = all('question.asked').map(({ data }) => (data.key as { topic: string }).topic);
      expect(topics.filter((topic) => topic === 'times.zone')).toHaveLength(1);
      expect(topics).toHaveLength(5);
    });

    test('it says who plays them and how the time runs, and how every question ended', () => {
      expect(result.out).toMatch(/^People: PLAYED by the demo.*minutes run as SECONDS/m);
      expect(result.out).toMatch(/The demo, as @sarah-pm: meshwright answer Q-1 "1, /);
      expect(result.out).toMatch(/Nobody plays @product-channel/);
      const table = result.out.slice(result.out.indexOf('QUESTIONS'));
      expect(table).toMatch(/Q-1 .*answered by @sarah-pm after .* → D-1$/m);
      expect(table).toMatch(/Q-2 .*nobody answered in .*: DEFAULT 1, flagged for review → D-2$/m);
      expect(table).toMatch(/Q-3 .*STOPPED the cluster, answered by @compliance-team after .* → D-3$/m);
      expect(table).toMatch(/Q-4 .*had NO ROUTE until Q-5, answered by @sarah-pm after .* → D-5$/m);
      expect(table).toMatch(/Q-5 .*answered by @alex-engineering-lead after .* → D-4$/m);
      expect(table).toMatch(/– .*NOBODY WAS ASKED: D-1 in memory answered #3$/m);
    });

    test('the persons of its map may look at it afterwards, and so may whoever ran it', async () => {
      const as = (person: string, ...args: string[]) =>
        world.run(['-C', repository, ...args], { env: { MESHWRIGHT_PERSON: person } });
      const confirmed = await as('product-channel', 'answer', 'Q-2', '1');
      expect(confirmed.code, transcript(confirmed)).toBe(0);
      const added = await as('tess', 'add', 'Something else');
      expect(added.code, transcript(added)).toBe(0);
    });
  });
});
