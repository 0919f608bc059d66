import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../base/clock.ts';
import { followStakeholders } from './live-stakeholders.ts';
import { loadStakeholders } from './load-stakeholders.ts';

describe('the stakeholder map of a process that runs', () => {
  let dir: string;
  let file: string;
  let nowMs: number;
  let reported: string[][];
  const clock: Clock = { ...systemClock, monotonicMs: () => nowMs };

  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'mesh-live-'));
    mkdirSync(path.join(dir, '.mesh'));
    file = path.join(dir, '.mesh/stakeholders.yaml');
    nowMs = 0;
    reported = [];
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  async function follow() {
    const { value } = await loadStakeholders(dir);
    if (!value) throw new Error('the first map is broken');
    const read = followStakeholders({
      repoDir: dir,
      initial: value,
      clock,
      report: (problems) => reported.push([...problems]),
    });
    return async () => {
      nowMs += 1_000;
      return (await read()).engineeringLead;
    };
  }

  function write(lead: string): void {
    writeFileSync(file, `engineering_lead: "${lead}"\n`);
  }

  it('is what the file says a second later', async () => {
    write('@sarah-pm');
    const leadNow = await follow();
    expect(await leadNow()).toBe('@sarah-pm');
    write('@alex-engineering-lead');
    expect(await leadNow()).toBe('@alex-engineering-lead');
  });

  it('sees a change of the same size, by an editor that puts another file in its place with the old time', async () => {
    write('@sarah-pm');
    const leadNow = await follow();
    await leadNow();
    const { atime, mtime } = statSync(file);
    writeFileSync(`${file}.new`, 'engineering_lead: "@maria-pm"\n');
    utimesSync(`${file}.new`, atime, mtime);
    renameSync(`${file}.new`, file);
    expect(await leadNow()).toBe('@maria-pm');
  });

  it('is not read more often than twice a second', async () => {
    write('@sarah-pm');
    const { value } = await loadStakeholders(dir);
    if (!value) throw new Error('broken');
    const read = followStakeholders({ repoDir: dir, initial: value, clock, report: () => {} });
    await read();
    write('@marketing-ops');
    nowMs += 400;
    expect((await read()).engineeringLead).toBe('@sarah-pm');
    nowMs += 100;
    expect((await read()).engineeringLead).toBe('@marketing-ops');
  });

  it('stays what it was while the file is broken, which is told once, and goes on when it is right again', async () => {
    write('@sarah-pm');
    const leadNow = await follow();
    await leadNow();
    writeFileSync(file, 'engineering_lead: @alex\n');
    expect([await leadNow(), await leadNow()]).toEqual(['@sarah-pm', '@sarah-pm']);
    expect(reported).toEqual([[expect.stringMatching(/^\.mesh\/stakeholders\.yaml:1:19 not valid YAML/)]]);
    write('@marketing-ops');
    expect(await leadNow()).toBe('@marketing-ops');
    expect(reported).toHaveLength(1);
  });

  it('stays what it was when the file is gone: removing it makes nobody trusted', async () => {
    write('@sarah-pm');
    const leadNow = await follow();
    rmSync(file);
    expect([await leadNow(), await leadNow()]).toEqual(['@sarah-pm', '@sarah-pm']);
    expect(reported).toEqual([[expect.stringContaining('is gone')]]);
  });

  it('begins to hold when there was none at first', async () => {
    const leadNow = await follow();
    expect(await leadNow()).toBeNull();
    write('@sarah-pm');
    expect(await leadNow()).toBe('@sarah-pm');
    expect(reported).toEqual([]);
  });

  it('is read once for many who ask at once', async () => {
    write('@sarah-pm');
    const { value } = await loadStakeholders(dir);
    if (!value) throw new Error('broken');
    const read = followStakeholders({
      repoDir: dir,
      initial: value,
      clock,
      report: (each) => reported.push([...each]),
    });
    writeFileSync(file, 'nonsense: 1\n');
    await Promise.all(Array.from({ length: 20 }, () => read()));
    expect(reported).toHaveLength(1);
  });
});
