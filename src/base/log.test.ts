import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog, silentLog } from './log.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'meshwright-log-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function linesOf(file: string): Record<string, unknown>[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('the log', () => {
  it('writes JSON lines with time, level, command and fields to a private file under the home', async () => {
    const log = openLog({ home, level: 'info', command: 'run' });
    log.child({ item: 3 }).warn('a step took long', { step: 'plan/planner' });
    log.error('boom', { err: new Error('no space') });
    await log.close();
    expect(log.file).toBe(join(home, 'logs', 'meshwright.log'));
    const [warning, error] = linesOf(log.file);
    expect(warning).toMatchObject({
      level: 'warn',
      command: 'run',
      item: 3,
      step: 'plan/planner',
      msg: 'a step took long',
      pid: process.pid,
    });
    expect(String(warning?.time)).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(error).toMatchObject({ err: { message: 'no space', stack: expect.stringContaining('log.test') } });
    expect(statSync(log.file).mode & 0o077).toBe(0);
  });

  it('leaves out what is below its level and hides fields that are named like secrets', async () => {
    const log = openLog({ home, level: 'info', command: 'run' });
    log.debug('not this');
    log.info('called', { apiKey: 'sk-1', request: { authorization: 'Bearer sk-2' } });
    await log.close();
    const text = readFileSync(log.file, 'utf8');
    expect(text).not.toMatch(/not this|sk-1|sk-2/);
    expect(text).toContain('[secret]');
  });

  it('passes every line through its redactor, errors and fields too', async () => {
    const redact = (text: string) => text.replaceAll('hidden', '[out]');
    const log = openLog({ home, level: 'info', command: 'run', redact });
    log.child({ item: 'hidden' }).error('hidden', { err: new Error('hidden'), field: ['hidden'] });
    await log.close();
    const text = readFileSync(log.file, 'utf8');
    expect(text).not.toContain('hidden');
    expect(linesOf(log.file).at(-1)).toMatchObject({ item: '[out]', msg: '[out]', field: ['[out]'] });
  });

  it('rotates by size and keeps five files', async () => {
    const log = openLog({ home, level: 'info', command: 'run', maxFileBytes: 2_000 });
    for (let index = 0; index < 200; index += 1) log.info(`line ${index}`);
    await log.close();
    const files = readdirSync(join(home, 'logs')).sort();
    expect(files).toEqual([
      'meshwright.log',
      'meshwright.log.1',
      'meshwright.log.2',
      'meshwright.log.3',
      'meshwright.log.4',
    ]);
    for (const file of files) expect(statSync(join(home, 'logs', file)).size).toBeLessThan(2_500);
  });

  it('keeps quiet where it cannot write: a file in place of its directory, a directory in place of its file', async () => {
    const blocked = join(home, 'blocked');
    mkdirSync(blocked);
    writeFileSync(join(blocked, 'logs'), '');
    const occupied = join(home, 'occupied');
    mkdirSync(join(occupied, 'logs', 'meshwright.log'), { recursive: true });
    for (const place of [blocked, occupied]) {
      const log = openLog({ home: place, level: 'info', command: 'run' });
      log.info('lost');
      await new Promise((resolve) => setTimeout(resolve, 20));
      log.info('lost too');
      await log.close();
      await log.close();
      log.info('after the end');
    }
  });

  it('survives a field that throws when it is read', async () => {
    const log = openLog({ home, level: 'info', command: 'run' });
    const field = {
      toJSON: () => {
        throw new Error('unreadable');
      },
    };
    log.info('first', { field });
    log.info('second');
    await log.close();
    expect(linesOf(log.file).at(-1)).toMatchObject({ msg: 'second' });
  });

  it('can be silent', () => {
    expect(() => silentLog.child({ item: 1 }).error('nobody hears it')).not.toThrow();
  });
});
