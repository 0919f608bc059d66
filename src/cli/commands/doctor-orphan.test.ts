import { describe, expect, test } from 'vitest';
import { type StreamId, streamId } from '../../journal/event.ts';
import { ownerKey, workspaceId } from '../../worker/seat-name.ts';
import { findOrphans, type HolderStanding, type OrphanFacts } from './doctor-orphan.ts';

const item = streamId('item', 'p', 1);
const cluster = streamId('cluster', 'p', 'main');
const workspace = workspaceId({ fence: 3, owner: item, purpose: 'agent:p/1/build/T1/developer/1' });
const nothing: OrphanFacts = {
  holders: [],
  cells: [],
  workspaces: [],
  owners: new Map(),
  trash: [],
  held: [],
  files: [],
  keptWork: [],
};
const holder = (standing: HolderStanding, unit: StreamId = cluster) => ({
  project: 'p',
  unit,
  owner: 'o',
  standing,
});
const owned = (isOver: boolean) => new Map([[ownerKey(item), { stream: item, claimUnit: cluster, isOver }]]);
const kinds = (facts: Partial<OrphanFacts>) =>
  findOrphans({ ...nothing, ...facts }).map(({ kind, ending }) => `${kind}${ending ? '' : ' (told only)'}`);

describe('a workspace', () => {
  const of = (isOver: boolean, standing: HolderStanding | null) =>
    kinds({
      workspaces: [workspace],
      owners: owned(isOver),
      holders: standing === null || standing === 'dead' ? [] : [holder(standing)],
    });

  test('of an item that goes on is no orphan, whoever died: it is taken up where it was', () => {
    for (const standing of [null, 'alive', 'elsewhere', 'expired'] as const)
      expect(of(false, standing)).toEqual([]);
  });

  test('of an item that is over is one, unless a living worker has the item', () => {
    expect(of(true, null)).toEqual(['workspace']);
    expect(of(true, 'expired')).toEqual(['workspace']);
    expect(of(true, 'alive')).toEqual([]);
    expect(of(true, 'elsewhere')).toEqual([]);
  });

  test('that belongs to nothing here is told and left: another database may share the home', () => {
    const other = workspaceId({ fence: 3, owner: streamId('item', 'q', 1), purpose: 'x' });
    expect(kinds({ workspaces: [other, 'gate-3-1-verify-1-0-abc'] })).toEqual([
      'workspace (told only)',
      'workspace (told only)',
    ]);
  });
});

describe('a claim', () => {
  test('is one when its worker is proven dead, and in no other case', () => {
    expect(kinds({ holders: [holder('dead')] })).toEqual(['claim']);
    for (const standing of ['alive', 'elsewhere', 'expired'] as const) {
      expect(kinds({ holders: [holder(standing)] })).toEqual([]);
    }
  });
});

describe('a cell', () => {
  const cell = { id: 'c', dir: '/c', opener: { pid: 1, startedAt: '' }, isOpenerAlive: false, pids: [7] };
  test('is one when the process that opened it ended', () => {
    expect(kinds({ cells: [cell, { ...cell, isOpenerAlive: true }] })).toEqual(['cell']);
  });
  test('is only told while another machine works, whose processes look dead from here', () => {
    expect(kinds({ cells: [cell], holders: [holder('elsewhere')] })).toEqual(['cell (told only)']);
  });
});

describe('held money', () => {
  const held = {
    project: 'p',
    reservation: 'r',
    amountMicroUsd: 5,
    agent: streamId('agent', 'p', 1, 'x'),
    claimUnit: cluster,
    isIntended: true,
    isItemFinal: true,
  };
  test('is charged when its item is over and nobody has it', () => {
    expect(kinds({ held: [held] })).toEqual(['reservation']);
    expect(kinds({ held: [held], holders: [holder('alive')] })).toEqual([]);
    expect(kinds({ held: [{ ...held, isItemFinal: false }] })).toEqual([]);
  });
  test('that no call explains is told', () => {
    expect(kinds({ held: [{ ...held, isIntended: false }] })).toEqual(['reservation (told only)']);
  });
});

describe('a file', () => {
  const lock = { kind: 'git_lock' as const, path: '/m/p.git/x.lock', project: 'p', ageMs: 3_600_000 };
  test('is one when it is old and no worker of its project lives', () => {
    expect(kinds({ files: [lock] })).toEqual(['git_lock']);
    expect(kinds({ files: [{ ...lock, ageMs: 1_000 }] })).toEqual([]);
    expect(kinds({ files: [lock], holders: [holder('alive')] })).toEqual(['git_lock (told only)']);
    expect(kinds({ files: [lock], holders: [{ ...holder('alive'), project: 'q' }] })).toEqual(['git_lock']);
    expect(
      kinds({ files: [{ ...lock, project: null }], holders: [{ ...holder('alive'), project: 'q' }] }),
    ).toEqual(['git_lock (told only)']);
  });
});

test('kept work of an item that is over is told, of one that goes on not', () => {
  const ref = { project: 'p', ref: 'refs/meshwright/kept/1/1/build/T1/developer' };
  expect(
    kinds({
      keptWork: [
        { ...ref, isItemFinal: true },
        { ...ref, isItemFinal: false },
      ],
    }),
  ).toEqual(['kept_work (told only)']);
});
