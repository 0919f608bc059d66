import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identifyProcess } from '../base/process-identity.ts';
import { describeMachine, describeThisOwner, formatOwner, isOwnerDead, parseOwner } from './owner.ts';

const machine = describeMachine();

describe('the owner of a claim', () => {
  it('can be read back, whatever its parts contain', () => {
    const facts = { machine: 'a/b c%', identity: { pid: 12, startedAt: 'boot/99 x' } };
    expect(parseOwner(formatOwner(facts, 'u/1'))).toEqual(facts);
    expect(parseOwner('somebody')).toBeNull();
    expect(parseOwner('a/b/c/d')).toBeNull();
    expect(parseOwner('%E0%A4%A/1/x/y')).toBeNull();
  });

  it('is alive while its process runs', () => {
    expect(isOwnerDead(describeThisOwner(machine, 'x'), machine)).toBe(false);
  });

  it('is dead once its process has ended, killed or not', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identifyProcess(child.pid ?? 0);
    if (!identity) throw new Error('the process did not start');
    const owner = formatOwner({ machine, identity }, 'x');
    expect(isOwnerDead(owner, machine)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isOwnerDead(owner, machine)).toBe(true);
  });

  it('is dead when another process has its id now', () => {
    const reused = formatOwner({ machine, identity: { pid: process.pid, startedAt: 'earlier/1' } }, 'x');
    expect(isOwnerDead(reused, machine)).toBe(true);
  });

  it('is never called dead from another machine, or when it cannot be read', () => {
    const gone = formatOwner({ machine: 'elsewhere', identity: { pid: 1, startedAt: 'x' } }, 'x');
    expect(isOwnerDead(gone, machine)).toBe(false);
    expect(isOwnerDead('somebody', machine)).toBe(false);
  });
});
