/** The ceiling drill as a person runs it, and that it would say so if a ceiling did not hold. */
import { describe, expect, test } from 'vitest';
import { microUsd } from '../../src/base/money.ts';
import { ceilingKinds } from '../../src/drill/ceiling-kind.ts';
import { caseFiles } from '../../src/drill/drill-project.ts';
import { type CaseRow, runCase } from '../../src/drill/run-case.ts';
import { type DrillReport, listCases } from '../../src/drill/run-drill.ts';
import { spendPaths } from '../../src/drill/spend-path.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { Unit } from '../../src/journal/unit.ts';
import { openCliWorld } from '../cli/run-cli.ts';
import { createTestProject } from '../harness/project.ts';

/** One agent against an item's ceiling, over a journal that may have been tampered with. */
async function drillStep(tamper: (journal: Journal) => Journal): Promise<CaseRow> {
  const path = spendPaths.find(({ name }) => name === 'step');
  const kind = ceilingKinds.find(({ name }) => name === 'item');
  if (!path || !kind) throw new Error('the drill has no such case');
  const ceilingMicroUsd = microUsd(150_000);
  const { repository: files } = caseFiles({
    project: 'test',
    path,
    kind,
    ceilingMicroUsd,
    hostSpentMicroUsd: 0,
    outsider: ['none'],
  });
  let remove = async () => {};
  try {
    return await runCase(path, kind, ceilingMicroUsd, {
      async open(model) {
        const project = await createTestProject({
          files,
          model,
          change: (context) => ({ ...context, journal: tamper(context.journal) }),
        });
        remove = () => project.remove();
        return project.context;
      },
      openReplay: () => Promise.reject(new Error('nothing is replayed here')),
      signal: AbortSignal.timeout(50_000),
    });
  } finally {
    await remove();
  }
}

/** A ledger that keeps next to nothing back for a call that is under way. */
function reserveTooLittle(journal: Journal): Journal {
  const ledgerOf = ({ ledger = [] }: Unit) =>
    ledger.map((change) => (change.op === 'reserve' ? { ...change, amountMicroUsd: 1 } : change));
  return new Proxy(journal, {
    get(target, key, receiver) {
      if (key === 'append') return (unit: Unit) => target.append({ ...unit, ledger: ledgerOf(unit) });
      const value = Reflect.get(target, key, receiver);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('a drill', () => {
  test('sees that a ceiling holds: the next call is refused, nothing is over', async () => {
    const row = await drillStep((journal) => journal);
    expect(row).toMatchObject({ isHeld: true, overshootMicroUsd: 0, refusedCalls: 1 });
    expect(row.spentMicroUsd).toBeGreaterThan(row.ceilingMicroUsd / 2);
    expect(row.stoppedBy).toContain('item:test/1');
  });

  test('sees it when one does not, and by how much', async () => {
    const row = await drillStep(reserveTooLittle);
    expect(row.isHeld).toBe(false);
    expect(row.overshootMicroUsd).toBe(row.spentMicroUsd - row.ceilingMicroUsd);
    expect(row.overshootMicroUsd).toBeGreaterThan(0);
  });

  test('has every way to spend against every kind of ceiling, and each of both when it is quick', () => {
    const names = (isQuick: boolean, what: 'path' | 'kind') =>
      new Set(listCases(isQuick).map((each) => each[what].name)).size;
    expect(listCases(false)).toHaveLength(spendPaths.length * ceilingKinds.length - 1);
    expect([names(true, 'path'), names(true, 'kind')]).toEqual([spendPaths.length, ceilingKinds.length]);
  });
});

test('`meshwright drill` holds every ceiling on every way, and leaves nothing behind', async () => {
  const world = await openCliWorld();
  try {
    const { code, out, err } = await world.run(['drill', '--quick', '--json'], { timeoutMs: 150_000 });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const report = JSON.parse(out) as DrillReport;
    expect(report).toMatchObject({ isHeld: true, overshootMicroUsd: 0 });
    expect(report.rows).toHaveLength(listCases(true).length);
    for (const row of report.rows) expect(row, `${row.path}, ${row.ceiling}`).toMatchObject({ isHeld: true });
    expect(report.rows.find(({ path }) => path === 'replay')?.replayMicroUsd).toBe(0);
  } finally {
    await world.remove();
  }
}, 180_000);
