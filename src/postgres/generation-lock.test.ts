import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isLocked, tryLock } from './generation-lock.ts';

let dir = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'meshwright-lock-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(dir, { recursive: true, force: true });
});

/** A process that tries once, says what came of it, and stays. */
async function contender(): Promise<{ child: ChildProcess; hasLock: boolean }> {
  const module = new URL('generation-lock.ts', import.meta.url).href;
  const code = `const { tryLock } = await import('${module}');
    console.log(tryLock(process.argv[1])); process.stdin.resume();`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code, dir];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, hasLock: said.toString().trim() === 'true' };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

it('has one holder among processes that try at once, and a new one after a kill -9', async () => {
  const first = await Promise.all([contender(), contender(), contender(), contender()]);
  const holders = first.filter((one) => one.hasLock);
  expect(holders).toHaveLength(1);
  expect(isLocked(dir)).toBe(true);
  expect((await contender()).hasLock).toBe(false);
  for (const { child } of holders) await kill(child);
  expect(isLocked(dir)).toBe(false);
  const second = await Promise.all([contender(), contender(), contender()]);
  expect(second.filter((one) => one.hasLock)).toHaveLength(1);
});

it('is not fooled by a pid that came round', () => {
  writeFileSync(join(dir, 'lock.7'), JSON.stringify({ pid: process.pid, startedAt: 'another boot/1' }));
  expect(isLocked(dir)).toBe(false);
  expect(tryLock(dir)).toBe(true);
  expect(readdirSync(dir)).toEqual(['lock.8']);
  expect(isLocked(dir)).toBe(true);
});
