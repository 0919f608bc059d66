import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followPacks } from './live-packs.ts';

describe('the packs of a process that runs', () => {
  let repoDir: string;
  let reported: string[][];
  let statements: () => Promise<string[]>;

  function write(statement: string, front = 'id: H-1\nkind: rule\ntopic: money.amounts'): void {
    writeFileSync(path.join(repoDir, '.mesh/packs/house/a.md'), `---\n${front}\n---\n${statement}\n`);
  }

  beforeEach(() => {
    repoDir = mkdtempSync(path.join(tmpdir(), 'mesh-live-packs-'));
    mkdirSync(path.join(repoDir, '.mesh/packs/house'), { recursive: true });
    reported = [];
    const read = followPacks({
      names: [{ name: 'house', at: { file: '.mesh/mesh.yaml', line: 7, col: 9 } }],
      repoDir,
      builtInDir: path.join(repoDir, 'none'),
      initial: [],
      report: (problems) => reported.push([...problems]),
    });
    statements = async () => (await read()).map(({ statement }) => statement);
    write('Amounts are whole cents.');
  });
  afterEach(() => rmSync(repoDir, { recursive: true, force: true }));

  it('say what the files say now', async () => {
    expect(await statements()).toEqual(['Amounts are whole cents.']);
    write('Amounts are decimals.');
    expect(await statements()).toEqual(['Amounts are decimals.']);
    expect(reported).toEqual([]);
  });

  it('stay what they were while one is broken, which is told once, and go on when it is right again', async () => {
    await statements();
    write('Broken.', 'id: H-1\nkind: rumour\ntopic: money.amounts');
    expect([await statements(), await statements()]).toEqual(Array(2).fill(['Amounts are whole cents.']));
    expect(reported).toEqual([[expect.stringContaining('.mesh/packs/house/a.md:3')]]);
    write('Amounts are decimals.');
    expect(await statements()).toEqual(['Amounts are decimals.']);
    expect(reported).toHaveLength(1);
  });

  it('stay what they were when the folder is gone: removing it frees nobody', async () => {
    await statements();
    rmSync(path.join(repoDir, '.mesh'), { recursive: true });
    expect(await statements()).toEqual(['Amounts are whole cents.']);
    expect(reported).toEqual([[expect.stringContaining('there is no pack `house`')]]);
  });
});
