import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WritablePath } from '../permissions/writable-path.ts';
import { setUpBench } from './bench-for-contract.ts';
import { bubblewrapDriver } from './bubblewrap-cell.ts';

const checked = await bubblewrapDriver().preflight();
const canRun = checked.ok || process.env.CI === 'true';

describe.runIf(canRun)('a bubblewrap cell in which only parts of the workspace are writable', () => {
  const bench = setUpBench((base) =>
    bubblewrapDriver({ cellsDir: join(base, 'cells'), upstreamProxy: null }),
  );

  function lay(files: Record<string, string>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(bench.workspace, path, '..'), { recursive: true });
      writeFileSync(join(bench.workspace, path), content);
    }
  }
  const read = (path: string) => readFileSync(join(bench.workspace, path), 'utf8');
  const open = (...writable: WritablePath[]) => bench.open({ writable });
  const folder = (path: string): WritablePath => ({ path, ifMissing: 'folder' });
  const file = (path: string): WritablePath => ({ path, ifMissing: 'file' });

  it('lets commands write there and nowhere else', async () => {
    lay({ 'docs/a.md': 'a', 'src/a.ts': 'a', 'notes.md': 'n', '.git/config': 'c', '.mesh/mesh.yaml': 'm' });
    const cell = await open(folder('docs'), file('notes.md'));
    const script = `
      echo changed > docs/a.md; echo new > docs/b.md; echo changed > notes.md
      for f in src/a.ts new.md .git/config .git/hooks .mesh/mesh.yaml docs2; do echo bad > $f; done
      rm -rf src notes.md; mv docs docs3; mkdir other; ln -f docs/a.md src/l; chmod 777 src/a.ts; mv docs/a.md src/a.ts`;
    await cell.exec({ argv: ['bash', '-c', script] });
    expect([read('docs/a.md'), read('docs/b.md'), read('notes.md')]).toEqual([
      'changed\n',
      'new\n',
      'changed\n',
    ]);
    expect([read('src/a.ts'), read('.git/config'), read('.mesh/mesh.yaml')]).toEqual(['a', 'c', 'm']);
    for (const path of ['new.md', '.git/hooks', 'docs2', 'docs3', 'other', 'src/l'])
      expect(existsSync(join(bench.workspace, path))).toBe(false);
  });

  it('lets no link out of there help', async () => {
    lay({ 'docs/a.md': 'a', 'src/a.ts': 'a' });
    const cell = await open(folder('docs'));
    const script =
      'ln -s ../src docs/src; ln -s ../src/a.ts docs/x; echo bad > docs/src/a.ts; echo bad > docs/x; echo bad > docs/src/new';
    await cell.exec({ argv: ['bash', '-c', script] });
    expect((await cell.writeFile('docs/src/a.ts', 'bad')).ok).toBe(false);
    expect(read('src/a.ts')).toBe('a');
    expect(existsSync(join(bench.workspace, 'src/new'))).toBe(false);
  });

  it('opens nothing through a link that was there before', async () => {
    lay({ 'src/a.ts': 'a' });
    mkdirSync(join(bench.base(), 'outside'));
    symlinkSync(join(bench.base(), 'outside'), join(bench.workspace, 'docs'));
    symlinkSync('src', join(bench.workspace, 'lib'));
    symlinkSync('src/a.ts', join(bench.workspace, 'notes.md'));
    const cell = await open(folder('docs'), folder('lib/sub'), file('notes.md'));
    const script = 'echo bad > docs/x; echo bad > lib/sub/x; echo bad > src/a.ts; echo bad > notes.md';
    await cell.exec({ argv: ['bash', '-c', script] });
    expect(existsSync(join(bench.base(), 'outside/x'))).toBe(false);
    expect(existsSync(join(bench.workspace, 'src/sub'))).toBe(false);
    expect(read('src/a.ts')).toBe('a');
  });

  it('makes places that are not there yet, folders and files, but for those that may only be changed', async () => {
    const cell = await open(folder('docs/api'), file('notes/new.md'), {
      path: 'gone.ts',
      ifMissing: 'leave_out',
    });
    await cell.exec({
      argv: ['bash', '-c', 'echo a > docs/api/a; echo b > notes/new.md; echo c > notes/c; echo d > gone.ts'],
    });
    expect([read('docs/api/a'), read('notes/new.md')]).toEqual(['a\n', 'b\n']);
    expect(existsSync(join(bench.workspace, 'notes/c'))).toBe(false);
    expect(existsSync(join(bench.workspace, 'gone.ts'))).toBe(false);
  });

  it('lets the file tools write a file that stands alone, in place', async () => {
    lay({ 'src/a.ts': 'a long content', 'src/b.ts': 'b' });
    const cell = await open(file('src/a.ts'));
    expect(await cell.writeFile('src/a.ts', 'short')).toEqual({ ok: true, value: { isNew: false } });
    expect(read('src/a.ts')).toBe('short');
    expect(await cell.writeFile('src/b.ts', 'x')).toMatchObject({
      ok: false,
      message: expect.stringContaining('read-only'),
    });
    expect((await cell.writeFile('src/c.ts', 'x')).ok).toBe(false);
  });

  it('does not write in place what is linked from elsewhere', async () => {
    lay({ 'src/a.ts': 'a' });
    linkSync(join(bench.workspace, 'src/a.ts'), join(bench.base(), 'store'));
    const cell = await open(file('src/a.ts'));
    expect((await cell.writeFile('src/a.ts', 'bad')).ok).toBe(false);
    expect(readFileSync(join(bench.base(), 'store'), 'utf8')).toBe('a');
  });

  it('keeps the mesh configuration closed where everything else is open', async () => {
    lay({ '.mesh/mesh.yaml': 'm', 'a.md': 'a', '.git/config': 'c' });
    const whole = await bench.open();
    await whole.exec({
      argv: ['bash', '-c', 'echo bad > .mesh/mesh.yaml; rm -rf .mesh; echo b > a.md; echo d > .git/config'],
    });
    expect([read('.mesh/mesh.yaml'), read('a.md'), read('.git/config')]).toEqual(['m', 'b\n', 'd\n']);
    const scoped = await open(folder(''));
    await scoped.exec({
      argv: ['bash', '-c', 'echo bad > .mesh/mesh.yaml; echo c > a.md; echo bad > .git/config; mv .git x'],
    });
    expect([read('.mesh/mesh.yaml'), read('a.md'), read('.git/config')]).toEqual(['m', 'c\n', 'd\n']);
  });
});
