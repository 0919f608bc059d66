import { describe, expect, it } from 'vitest';
import type { CellPolicy } from '../policy/policy.ts';
import { explainBubblewrap, type MachineFacts } from './bubblewrap-fix.ts';
import type { CellDriver } from './cell.ts';
import { chooseDriver } from './choose-driver.ts';

function policy(changes: Partial<CellPolicy>): CellPolicy {
  const limits = { memoryMb: 1, processes: 1, outputBytes: 1, fileBytes: 1 };
  return { driver: 'auto', allowNoIsolation: false, readable: [], ...limits, ...changes };
}

function bubblewrap(works: boolean): CellDriver {
  return {
    name: 'bubblewrap',
    isIsolated: true,
    preflight: async () =>
      works ? { ok: true } : { ok: false, problem: 'it is blocked', fix: 'sudo unblock' },
    open: () => Promise.reject(new Error('not opened here')),
    listLeftovers: async () => [],
    endLeftover: async () => {},
  };
}

async function choose(changes: Partial<CellPolicy>, facts: { works: boolean; isModelScripted: boolean }) {
  const { isModelScripted } = facts;
  const choice = await chooseDriver(policy(changes), {
    isModelScripted,
    bubblewrap: bubblewrap(facts.works),
  });
  return choice.ok ? { driver: choice.driver.name, notice: choice.notice } : choice;
}

describe('the choice of a driver', () => {
  it('is bubblewrap without a notice wherever it works', async () => {
    for (const isModelScripted of [true, false]) {
      const chosen = { driver: 'bubblewrap', notice: null };
      expect(await choose({}, { works: true, isModelScripted })).toEqual(chosen);
      expect(await choose({ driver: 'bubblewrap' }, { works: true, isModelScripted })).toEqual(chosen);
    }
  });

  it('refuses a real model without isolation, with the fix', async () => {
    for (const driver of ['auto', 'bubblewrap'] as const) {
      const refused = { ok: false, problem: 'it is blocked', fix: 'sudo unblock' };
      expect(
        await choose({ driver, allowNoIsolation: true }, { works: false, isModelScripted: false }),
      ).toEqual(refused);
    }
    expect(await choose({ driver: 'process' }, { works: true, isModelScripted: false })).toMatchObject({
      ok: false,
      fix: expect.stringContaining('allow_no_isolation'),
    });
  });

  it('lets a scripted model run without, and says so', async () => {
    const chosen = await choose({}, { works: false, isModelScripted: true });
    expect(chosen).toMatchObject({
      driver: 'process',
      notice: expect.stringContaining('NO ISOLATION (it is blocked'),
    });
    expect(await choose({ driver: 'bubblewrap' }, { works: false, isModelScripted: true })).toMatchObject({
      ok: false,
    });
  });

  it('takes a person at their word, and still says so', async () => {
    const chosen = await choose(
      { driver: 'process', allowNoIsolation: true },
      { works: true, isModelScripted: false },
    );
    expect(chosen).toMatchObject({ driver: 'process', notice: expect.stringContaining('NO ISOLATION') });
  });
});

describe('the fix for bubblewrap', () => {
  const machine = (osRelease: string, settings: Record<string, string> = {}): MachineFacts => ({
    osRelease,
    platform: 'linux',
    setting: (path) => settings[path] ?? null,
  });

  it('is the install command of the distribution when it is missing', () => {
    const missing = 'cell x did not start: spawn bwrap ENOENT';
    const fixes = {
      'ID=ubuntu\nID_LIKE=debian': 'apt-get',
      'ID=fedora': 'dnf',
      'ID=arch': 'pacman',
      'ID="rocky"\nID_LIKE="rhel"': 'dnf',
    };
    for (const [osRelease, tool] of Object.entries(fixes)) {
      expect(explainBubblewrap(missing, machine(osRelease)).fix).toMatch(
        new RegExp(`^sudo ${tool} .*bubblewrap$`),
      );
    }
  });

  it('names the setting that blocks it', () => {
    const blocked = 'bwrap: setting up uid map: Permission denied';
    const fix = (settings: Record<string, string>) =>
      explainBubblewrap(blocked, machine('ID=ubuntu', settings)).fix;
    expect(fix({ 'kernel/apparmor_restrict_unprivileged_userns': '1' })).toMatch(
      /apparmor_parser -r \/etc\/apparmor\.d\/bwrap/,
    );
    expect(fix({ 'kernel/unprivileged_userns_clone': '0' })).toBe(
      'sudo sysctl -w kernel.unprivileged_userns_clone=1',
    );
    expect(fix({ 'user/max_user_namespaces': '0' })).toBe('sudo sysctl -w user.max_user_namespaces=15000');
    expect(fix({})).toMatch(/container/);
    expect(explainBubblewrap(blocked, machine('')).problem).toContain(
      'setting up uid map: Permission denied',
    );
  });
});
