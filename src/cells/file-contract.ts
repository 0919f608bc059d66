/** What every cell driver promises about files and search; run by the tests of each. */
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setUpBench } from './bench-for-contract.ts';
import type { CellDriver } from './cell.ts';

/** Files and search in a cell; part of what every driver promises. */
export function describeFileContract(name: string, createDriver: (base: string) => CellDriver): void {
  describe(`${name}: files`, () => {
    const bench = setUpBench(createDriver);

    it('are written with their folders, read back byte for byte, and keep their mode', async () => {
      const cell = await bench.open();
      const text = '\uFEFFzeile ü\r\nzwei\u2028';
      expect(await cell.writeFile('a/b/c.txt', text)).toEqual({ ok: true, value: { isNew: true } });
      expect(await cell.readFile('a/b/c.txt')).toEqual({ ok: true, value: text });
      expect(readFileSync(join(bench.workspace, 'a/b/c.txt'), 'utf8')).toBe(text);
      writeFileSync(join(bench.workspace, 'run.sh'), 'old');
      chmodSync(join(bench.workspace, 'run.sh'), 0o755);
      linkSync(join(bench.workspace, 'run.sh'), join(bench.base(), 'store'));
      expect(await cell.writeFile('./run.sh', 'new')).toEqual({ ok: true, value: { isNew: false } });
      expect(statSync(join(bench.workspace, 'run.sh')).mode & 0o777).toBe(0o755);
      expect(readFileSync(join(bench.base(), 'store'), 'utf8')).toBe('old');
    });

    it('outside of the workspace are refused, by name and by link, for reading and writing', async () => {
      const cell = await bench.open();
      const outside = join(bench.base(), 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'secret'), 'secret');
      symlinkSync(outside, join(bench.workspace, 'folder'));
      symlinkSync(join(outside, 'secret'), join(bench.workspace, 'file'));
      symlinkSync(join(outside, 'new'), join(bench.workspace, 'dangling'));
      mkdirSync(join(bench.workspace, '.git'));
      symlinkSync('.git', join(bench.workspace, 'git-link'));
      const refused = [
        '../outside/secret',
        '/etc/passwd',
        'folder/secret',
        'file',
        'dangling',
        '.git/config',
        'git-link/config',
        'a/.GIT/x',
        'a/../../outside/secret',
        '',
        'nul\0',
        '.',
        'folder/sub/deep',
      ];
      for (const path of refused) {
        expect([path, (await cell.readFile(path)).ok]).toEqual([path, false]);
        expect([path, (await cell.writeFile(path, 'x')).ok]).toEqual([path, false]);
      }
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
      expect(execFileSync('ls', [outside], { encoding: 'utf8' })).toBe('secret\n');
    });

    it('that are links inside are refused with the name of what they lead to', async () => {
      const cell = await bench.open();
      writeFileSync(join(bench.workspace, 'real'), 'text');
      symlinkSync('real', join(bench.workspace, 'link'));
      symlinkSync('.', join(bench.workspace, 'here'));
      for (const path of ['link', 'here/real']) {
        expect(await cell.readFile(path)).toMatchObject({
          ok: false,
          message: expect.stringMatching(/symbolic link to "real"/),
        });
      }
      expect((await cell.writeFile('here/real', 'x')).ok).toBe(false);
      expect((await cell.writeFile('here/new', 'x')).ok).toBe(false);
      expect(await cell.readFile('./real')).toEqual({ ok: true, value: 'text' });
      expect(await cell.writeFile('link', 'x')).toMatchObject({
        ok: false,
        message: expect.stringMatching(/symbolic link/),
      });
    });

    it('that are binary, not UTF-8, too large, a folder, a pipe or missing are refused with the reason', async () => {
      const cell = await bench.open();
      writeFileSync(join(bench.workspace, 'binary'), Buffer.from([0x61, 0, 0x62]));
      writeFileSync(join(bench.workspace, 'latin1'), Buffer.from([0x61, 0xe4]));
      writeFileSync(join(bench.workspace, 'large'), 'x'.repeat(100_001));
      mkdirSync(join(bench.workspace, 'folder'));
      execFileSync('mkfifo', [join(bench.workspace, 'pipe')]);
      const reasons = {
        binary: /binary/,
        latin1: /UTF-8/,
        large: /limit of 100000/,
        folder: /folder/,
        pipe: /regular/,
        none: /no such/,
      };
      for (const [path, reason] of Object.entries(reasons)) {
        expect(await cell.readFile(path)).toMatchObject({
          ok: false,
          message: expect.stringMatching(reason),
        });
      }
      expect(await cell.writeFile('new', 'x'.repeat(100_001))).toMatchObject({ ok: false });
      expect(await cell.writeFile('new', '\uD800')).toMatchObject({ ok: false });
      expect(await cell.writeFile('pipe', 'x')).toMatchObject({ ok: false });
      expect(await cell.writeFile('folder', 'x')).toMatchObject({ ok: false });
      expect(await cell.writeFile('binary/x', 'x')).toMatchObject({ ok: false });
    });
  });

  describe(`${name}: search`, () => {
    const bench = setUpBench(createDriver);

    function fill(): void {
      const files = {
        'src/b.ts': 'one\nneedle b\n',
        'src/a.ts': 'needle a\n',
        'src/deep/c.js': 'needle c\n',
        '.hidden.ts': 'needle h\n',
        'out/x.ts': 'needle x\n',
      };
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(bench.workspace, path, '..'), { recursive: true });
        writeFileSync(join(bench.workspace, path), text);
      }
      writeFileSync(join(bench.workspace, 'src/bin.ts'), Buffer.from('needle\0'));
      symlinkSync('/etc/passwd', join(bench.workspace, 'src/link.ts'));
    }

    it('finds files by glob, sorted and limited, without .git and what git ignores', async () => {
      fill();
      execFileSync('git', ['init', '-q'], { cwd: bench.workspace });
      writeFileSync(join(bench.workspace, '.gitignore'), 'out/\n');
      const cell = await bench.open();
      expect(await cell.glob('**/*.ts', 10)).toEqual({
        ok: true,
        value: { paths: ['.hidden.ts', 'src/a.ts', 'src/b.ts', 'src/bin.ts', 'src/link.ts'], isCut: false },
      });
      expect(await cell.glob('src/*.{ts,js}', 2)).toEqual({
        ok: true,
        value: { paths: ['src/a.ts', 'src/b.ts'], isCut: true },
      });
      expect(await cell.glob('.git/**', 10)).toEqual({ ok: true, value: { paths: [], isCut: false } });
      expect(await cell.glob('../**', 10)).toMatchObject({ ok: false });
    });

    it('works without a git repository, and with a broken one', async () => {
      fill();
      const cell = await bench.open();
      mkdirSync(join(bench.workspace, '.git'));
      writeFileSync(join(bench.workspace, '.git/config'), 'nonsense');
      expect(await cell.glob('**/*.js', 10)).toEqual({
        ok: true,
        value: { paths: ['src/deep/c.js'], isCut: false },
      });
      expect(await cell.glob('.git/**', 10)).toEqual({ ok: true, value: { paths: [], isCut: false } });
    });

    it('finds lines in text files, not through links and not in binary ones', async () => {
      fill();
      const cell = await bench.open();
      expect(await cell.grep('^needle \\p{L}$', { glob: 'src/**', limit: 10 })).toEqual({
        ok: true,
        value: {
          hits: [
            { path: 'src/a.ts', line: 1, text: 'needle a' },
            { path: 'src/b.ts', line: 2, text: 'needle b' },
            { path: 'src/deep/c.js', line: 1, text: 'needle c' },
          ],
          isCut: false,
        },
      });
      expect(await cell.grep('root', { limit: 10 })).toMatchObject({ value: { hits: [] } });
      expect(await cell.grep('needle', { limit: 1 })).toMatchObject({ value: { isCut: true } });
      expect(await cell.grep('(', { limit: 1 })).toMatchObject({
        ok: false,
        message: expect.stringMatching(/regular expression/),
      });
    });
  });
}
