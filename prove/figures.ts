/**
 * Where figures go: `docs/proof/<suite>.json` in full, and the tables of `docs/proof.md` between its marks. The words of
 * that page are written by hand and are not touched.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MachineFacts } from './machine-facts.ts';
import type { Row, SuiteResult } from './suite.ts';

export interface Figures extends SuiteResult {
  suite: string;
  /** ISO, UTC. */
  at: string;
  commit: string;
  size: 'full' | 'quick';
  isPassed: boolean;
  durationMs: number;
  machine: MachineFacts;
}

const shownProblems = 20;

export function writeFigures(docsDir: string, figures: Figures): void {
  const dir = path.join(docsDir, 'proof');
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, `${figures.suite}.json`), `${JSON.stringify(figures, null, 2)}\n`);
  const page = path.join(docsDir, 'proof.md');
  if (existsSync(page)) writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), figures));
}

/** A page without this suite's marks stays as it is. */
export function replaceTable(page: string, figures: Figures): string {
  const open = `<!-- figures: ${figures.suite} -->`;
  const close = '<!-- end of figures -->';
  const start = page.indexOf(open);
  const end = page.indexOf(close, start);
  if (start < 0 || end < 0) return page;
  return `${page.slice(0, start + open.length)}\n\n${formatTable(figures)}\n\n${page.slice(end)}`;
}

function formatTable(figures: Figures): string {
  const { machine, rows, problems } = figures;
  const hasAims = rows.some(({ aim }) => aim !== undefined);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const cellsOf = ({ what, value, aim }: Row) => (hasAims ? [what, value, aim ?? ''] : [what, value]);
  const titles = hasAims ? ['what', 'measured', 'aim'] : ['what', 'measured'];
  return [
    line(titles),
    line(titles.map(() => '---')),
    ...rows.map((row) => line(cellsOf(row))),
    '',
    figures.isPassed ? '**Passed.**' : `**Failed**, ${problems.length} problems:`,
    ...problems.slice(0, shownProblems).map((problem) => `- ${problem}`),
    '',
    [
      `${figures.at.slice(0, 10)}, commit \`${figures.commit}\`, ${figures.size} size`,
      `${Math.round(figures.durationMs / 1000).toLocaleString('en-US')} s`,
      `${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.platform}`,
      `Node ${machine.node}${figures.postgres ? `, PostgreSQL ${figures.postgres}` : ''}, git ${machine.git}.`,
    ].join('; '),
  ].join('\n');
}
