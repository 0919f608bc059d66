import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { loadHostPolicy, requireHostPolicy } from './load-host-policy.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mesh-host-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function load(text: string) {
  writeFileSync(path.join(home, 'host.yaml'), text);
  const loaded = await loadHostPolicy(home);
  const told = loaded.diagnostics.map(formatDiagnostic).map((line) => line.replace(`${home}/`, ''));
  return { loaded, told };
}

describe('host.yaml in the home', () => {
  it('need not be there', async () => {
    const { value, rows } = await loadHostPolicy(home);
    expect(value).toEqual({ dayMicroUsd: null, monthMicroUsd: null, raiseBy: [] });
    expect(rows).toContainEqual({ key: 'host.ceilings.day_usd', value: 'none', source: 'default' });
  });

  it('says what this machine may spend, and where it says so', async () => {
    const { loaded } = await load('ceilings:\n  day_usd: $20\n  raise_by: ["@sarah-pm"]\n');
    expect(requireHostPolicy(loaded)).toEqual({
      dayMicroUsd: 20_000_000,
      monthMicroUsd: null,
      raiseBy: ['sarah-pm'],
    });
    const source = `${path.join(home, 'host.yaml')}:2`;
    expect(loaded.rows).toContainEqual({ key: 'host.ceilings.day_usd', value: '$20.00', source });
  });

  it('tells every mistake at its place, and is then not used', async () => {
    const { loaded, told } = await load('ceilings:\n  day_usd: -1\n  month: 3\nproject: orders\n');
    expect(told.map((line) => line.split(' ')[0])).toEqual([
      'host.yaml:2:12',
      'host.yaml:3:3',
      'host.yaml:4:1',
    ]);
    expect(loaded.value).toBeUndefined();
    expect(() => requireHostPolicy(loaded)).toThrow(
      expect.objectContaining({ code: 'configuration_invalid' }),
    );
  });
});
