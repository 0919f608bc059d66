/** A whole drill: every way to spend against every kind of ceiling, one case after another, and what came of it in words. */
import { microUsd } from '../base/money.ts';
import { type CeilingKind, ceilingKinds } from './ceiling-kind.ts';
import type { CaseRow } from './run-case.ts';
import { type SpendPath, spendPaths } from './spend-path.ts';

/** Some ten calls of the pretended model. */
export const caseCeilingMicroUsd = microUsd(150_000);

export interface DrillReport {
  rows: CaseRow[];
  isHeld: boolean;
  spentMicroUsd: number;
  overshootMicroUsd: number;
}

export interface DrillCase {
  path: SpendPath;
  kind: CeilingKind;
}

/**
 * An attempt of a step has an agent's account of its own, so that starting again never reaches an agent's ceiling. `isQuick`:
 * every way and every kind of ceiling at least once, not each with each.
 */
export function listCases(isQuick: boolean): DrillCase[] {
  const all = spendPaths.flatMap((path) =>
    ceilingKinds
      .filter(({ name }) => !(path.name === 'retried step' && name === 'agent'))
      .map((kind) => ({ path, kind })),
  );
  if (!isQuick) return all;
  const diagonal = ceilingKinds.map((kind, index) => ({ path: spendPaths[index % spendPaths.length], kind }));
  return all.filter(({ path, kind }) => diagonal.some((each) => each.path === path && each.kind === kind));
}

export async function runDrill(
  cases: readonly DrillCase[],
  runCase: (each: DrillCase) => Promise<CaseRow>,
): Promise<DrillReport> {
  const rows: CaseRow[] = [];
  for (const each of cases) rows.push(await runCase(each));
  return {
    rows,
    isHeld: rows.every((row) => row.isHeld),
    spentMicroUsd: rows.reduce((sum, row) => sum + row.spentMicroUsd, 0),
    overshootMicroUsd: Math.max(...rows.map((row) => row.overshootMicroUsd)),
  };
}

/** Header, then a line for each way, with what was spent of each kind of ceiling; a `!` where one was passed or never reached. */
export function drillTable(rows: readonly CaseRow[]): string[][] {
  const header = ['', ...ceilingKinds.map(({ name }) => name)];
  return [
    header,
    ...spendPaths.map((path) => [
      path.name,
      ...ceilingKinds.map(({ name }) => {
        const row = rows.find((each) => each.path === path.name && each.ceiling === name);
        return row ? `${exactUsd(row.spentMicroUsd)}${row.isHeld ? '' : ' !'}` : '–';
      }),
    ]),
  ];
}

/** Small amounts side by side: always four decimals. */
export function exactUsd(amount: number): string {
  return `$${(amount / 1_000_000).toFixed(4)}`;
}
