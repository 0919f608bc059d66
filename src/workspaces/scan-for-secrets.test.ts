import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { spellingsOf } from '../../test/secrets/spellings.ts';
import { createRedactor } from '../secrets/redactor.ts';
import { CaptureRefused } from './capture-refused.ts';
import {
  at,
  commitFiles,
  contentOf,
  filesOf,
  newStore,
  tryPrepare,
  useWorkspaceBench,
} from './workspace-bench-contract.ts';

useWorkspaceBench();

const value = 'npm_a8Fk29sLq0Zx7Tt41mWc';
const redactor = createRedactor([{ name: 'NPM_TOKEN', value }]);

async function prepareGuarded(id: string) {
  const prepared = await tryPrepare(id, [], newStore(redactor));
  if (!prepared.ok) throw new Error('not prepared');
  return prepared.workspace;
}

async function refusalOf(capture: () => Promise<string>): Promise<CaptureRefused> {
  const refused = await capture().catch((error: unknown) => error);
  if (refused instanceof CaptureRefused) return refused;
  throw new Error(`not refused: ${String(refused)}`);
}

/** Every object that the mirror has, reachable or not. */
function mirrorText(): string {
  const args = ['cat-file', '--batch-all-objects', '--batch', '--unordered'];
  return execFileSync('git', args, { cwd: at.mirror.dir }).toString('latin1');
}

describe('a capture in a project with secrets', () => {
  it('refuses a file that has one in any form, names file and secret, and leaves nothing in the mirror', async () => {
    const { dir, captureTree } = await prepareGuarded('w1');
    for (const [index, { text }] of spellingsOf(value).entries()) {
      writeFileSync(join(dir, 'leak'), `\0\xff ${index} ${text} \0`, 'latin1');
      const { message, findings } = await refusalOf(captureTree);
      expect(findings).toMatchObject([
        { source: 'capture', file: 'leak', message: expect.stringContaining('NPM_TOKEN') },
      ]);
      expect(`${message} ${JSON.stringify(findings)}`).not.toContain(value);
    }
    for (const { text } of spellingsOf(value)) expect(mirrorText()).not.toContain(text);
    writeFileSync(join(dir, 'leak'), 'nothing');
    expect(await contentOf(await captureTree(), 'leak')).toBe('nothing');
  });

  it('refuses names and targets of links, and does not repeat them', async () => {
    const { dir, captureTree } = await prepareGuarded('w1');
    writeFileSync(join(dir, `for-${value}`), 'x');
    symlinkSync(`to-${value}`, join(dir, 'link'));
    const { findings } = await refusalOf(captureTree);
    expect(findings.map(({ file }) => file).sort()).toEqual(['for-[secret:NPM_TOKEN]', 'link']);
    expect(mirrorText()).not.toContain(value);
  });

  it('finds one across the parts of a large file', async () => {
    const { dir, captureTree } = await prepareGuarded('w1');
    writeFileSync(join(dir, 'large'), `${'.'.repeat(1024 * 1024 - 10)}${value}${'.'.repeat(3_000_000)}`);
    expect((await refusalOf(captureTree)).findings).toMatchObject([{ file: 'large' }]);
  });

  it('leaves it out of work that is kept, and keeps the rest', async () => {
    const { dir, captureTree } = await prepareGuarded('w1');
    writeFileSync(join(dir, 'a.txt'), value);
    writeFileSync(join(dir, `for-${value}`), 'x');
    mkdirSync(join(dir, 'deep/er'), { recursive: true });
    writeFileSync(join(dir, 'deep/er/good'), 'good');
    const tree = await captureTree({ isUnfinished: true });
    expect(await filesOf(tree)).toEqual(['.gitignore', 'a.txt', 'deep/er/good', 'lock', 'src/b.txt']);
    expect(await contentOf(tree, 'a.txt')).toBe('one');
    expect(await contentOf(tree, 'deep/er/good')).toBe('good');
    expect(mirrorText()).not.toContain(value);
  });

  it('does not look at what was there before', async () => {
    at.commit = await commitFiles({ old: value });
    const { dir, captureTree } = await prepareGuarded('w1');
    writeFileSync(join(dir, 'new'), 'new');
    expect(await filesOf(await captureTree())).toContain('new');
  });
});
