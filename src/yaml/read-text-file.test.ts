import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { readTextFile, readTextStream } from './read-text-file.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'mesh-text-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): string {
  const file = path.join(dir, name);
  writeFileSync(file, content);
  return file;
}

describe('a text file', () => {
  it('is read up to its limit, byte order mark and line ends as they are', async () => {
    expect(await readTextFile(put('a', '\ufeffa\r\n'), 6)).toEqual({ ok: true, text: '\ufeffa\r\n' });
    expect(await readTextFile(put('b', 'x'.repeat(200_000)), 200_000)).toMatchObject({ ok: true });
    expect(await readTextFile(put('c', ''), 10)).toEqual({ ok: true, text: '' });
  });

  it('that is too large is not read, however large', async () => {
    const file = put('huge', '');
    truncateSync(file, 10_000_000_000);
    const before = process.resourceUsage().maxRSS;
    expect(await readTextFile(file, 2_000_000)).toMatchObject({
      kind: 'too_large',
      problem: 'it is larger than 2 MB',
    });
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(200_000);
    expect(await readTextFile(put('d', 'abc'), 2)).toMatchObject({ kind: 'too_large' });
  });

  it.runIf(process.platform === 'linux')('whose size nobody knows before is left at the limit', async () => {
    expect(await readTextFile('/proc/self/maps', 100)).toMatchObject({ kind: 'too_large' });
  });

  it('that is a pipe, a device, a folder, a circle or nothing is refused at once', async () => {
    execFileSync('mkfifo', [path.join(dir, 'pipe')]);
    symlinkSync('loop', path.join(dir, 'loop'));
    mkdirSync(path.join(dir, 'folder'));
    const problems = [];
    for (const name of ['pipe', '/dev/zero', 'folder', 'loop', 'none', 'x'.repeat(5_000), 'a/b']) {
      const read = await readTextFile(path.resolve(dir, name), 10);
      problems.push(read.ok ? 'read' : read.problem);
    }
    expect(problems).toEqual([
      'it is a device, pipe or socket, not a file',
      'it is a device, pipe or socket, not a file',
      'it is a folder',
      'its symbolic links lead in a circle',
      'there is no such file',
      'there is no such file',
      'there is no such file',
    ]);
  });

  it.each([
    ['NUL', Buffer.from('a\0b')],
    ['bytes of another encoding', Buffer.from('caf\u00e9', 'latin1')],
    ['an encoded half of a surrogate pair', Buffer.of(0xed, 0xa0, 0xbd)],
    ['UTF-16', Buffer.from('\ufeffabc', 'utf16le')],
  ])('with %s is no text', async (_, bytes) => {
    expect(await readTextFile(put('e', bytes), 100)).toMatchObject({ kind: 'not_text' });
  });

  it('from a stream that does not end is left when it has brought too much', async () => {
    let brought = 0;
    const endless = new Readable({
      read() {
        brought += 1_000;
        this.push('x'.repeat(1_000));
      },
    });
    expect(await readTextStream(endless, 10_000)).toMatchObject({ kind: 'too_large' });
    expect(brought).toBeLessThan(200_000);
    expect(await readTextStream(Readable.from(['ab', Buffer.from('c')]), 3)).toEqual({
      ok: true,
      text: 'abc',
    });
  });
});
