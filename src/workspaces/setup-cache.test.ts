import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  at,
  commitFiles,
  contentOf,
  filesOf,
  limits,
  newStore,
  prepare,
  step,
  tryPrepare,
  useWorkspaceBench,
} from './workspace-bench-contract.ts';

useWorkspaceBench();

describe('set-up', () => {
  const install =
    'mkdir -p dep/bin sub/dep && echo "made by $FROM_CALLER" > dep/x && ln -s ../x dep/bin/x && echo y > sub/dep/y && echo touched >> a.txt && echo hi';

  it('runs once per content of its inputs, and a copy gives the same files', async () => {
    const first = await prepare('w1', [step(install)]);
    expect(at.opened).toHaveLength(1);
    expect(at.opened[0]).toMatchObject({
      allowedHosts: [],
      isWorkspaceWritable: true,
      limits: { commandTimeoutMs: 20_000 },
    });
    const second = await prepare('w2', [step(install)]);
    expect(at.opened).toHaveLength(1);
    for (const { dir } of [first, second]) {
      expect(readFileSync(join(dir, 'dep/x'), 'utf8')).toBe('made by registry\n');
      expect(readlinkSync(join(dir, 'dep/bin/x'))).toBe('../x');
      expect(readFileSync(join(dir, 'sub/dep/y'), 'utf8')).toBe('y\n');
      expect(readFileSync(join(dir, 'a.txt'), 'utf8')).toBe('one\n');
      expect(execFileSync('git', ['status', '--porcelain'], { cwd: dir, encoding: 'utf8' })).toBe('');
    }
    expect(second.env.CARGO_HOME).toBe(join(second.dir, '.meshwright-setup/cargo'));
    // Another at.store, as after a restart, finds it on disk.
    await prepare('w3', [step(install)], newStore());
    expect(at.opened).toHaveLength(1);
    for (const change of [{ lock: '2\n' }, { 'package.json': '{"scripts":{"postinstall":"x"}}' }]) {
      at.commit = await commitFiles(change);
      await prepare(`w${Object.keys(change)[0]?.length}x`, [step(install)]);
    }
    expect(at.opened).toHaveLength(3);
    await prepare('w9', [step(`${install}; true`)]);
    expect(at.opened).toHaveLength(4);
  });

  it('leaves its outputs out of captured trees, whatever the agent writes into .gitignore', async () => {
    at.commit = await commitFiles({ 'sub/kept': 'x' });
    for (const id of ['w1', 'w2']) {
      const { dir, captureTree } = await prepare(id, [step(install)]);
      writeFileSync(join(dir, '.gitignore'), '!dep\n!dep/**\n');
      writeFileSync(join(dir, 'dep/more'), 'x');
      mkdirSync(join(dir, '.meshwright-setup'));
      writeFileSync(join(dir, '.meshwright-setup/x'), 'x');
      writeFileSync(join(dir, 'sub/own'), 'x');
      expect(await filesOf(await captureTree())).toEqual([
        '.gitignore',
        'a.txt',
        'lock',
        'src/b.txt',
        'sub/kept',
        'sub/own',
      ]);
    }
  });

  it('gives every step its own hosts, and runs once for many that need it together', async () => {
    const setup = [
      step(install, { hosts: ['registry.example.org'] }),
      step('test -e dep/x && touch dep/second'),
    ];
    const workspaces = await Promise.all(['w1', 'w2', 'w3'].map((id) => prepare(id, setup)));
    expect(at.opened.map((spec) => spec.allowedHosts)).toEqual([['registry.example.org'], []]);
    for (const { dir } of workspaces) expect(existsSync(join(dir, 'dep/second'))).toBe(true);
  });

  it('that fails is a finding with the end of what it printed; nothing is kept', async () => {
    const setup = [step('touch out; seq 5000; echo the reason >&2; exit 3'), step('touch never')];
    const outcome = await tryPrepare('w1', setup);
    expect(outcome).toMatchObject({
      ok: false,
      findings: [{ source: 'setup', message: expect.stringMatching(/ended with exit code 3$/), file: null }],
    });
    if (outcome.ok) return;
    expect(outcome.findings[0]?.output?.endsWith('5000\nthe reason')).toBe(true);
    expect(outcome.findings[0]?.output?.length).toBeLessThanOrEqual(4_000);
    expect(existsSync(join(at.base, 'ws/w1'))).toBe(false);
    expect(at.opened).toHaveLength(1);
    expect(await tryPrepare('w2', setup)).toMatchObject({ ok: false });
    const slow = await tryPrepare('w3', [step('sleep 30', { timeoutMs: 200 })]);
    expect(slow).toMatchObject({
      ok: false,
      findings: [{ message: expect.stringMatching(/did not end within 0.2 s/) }],
    });
  });

  it('can be aborted and leaves no workspace', async () => {
    const controller = new AbortController();
    const running = at.store.prepare({
      id: 'w1',
      mirror: at.mirror,
      commit: at.commit,
      setup: [step('sleep 30')],
      limits,
      signal: controller.signal,
    });
    while (at.opened.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(existsSync(join(at.base, 'ws/w1'))).toBe(false);
    expect(readdirSync(join(at.base, 'cells'))).toEqual([]);
  });

  it('never writes through a link that a at.commit put where an output belongs', async () => {
    at.commit = await commitFiles({ 'sub/kept': 'x' });
    await prepare('w1', [step(install)]);
    const outside = join(at.base, 'outside');
    mkdirSync(outside);
    rmSync(join(at.repository, 'sub'), { recursive: true });
    symlinkSync(outside, join(at.repository, 'sub'));
    symlinkSync(outside, join(at.repository, 'dep'));
    at.commit = await commitFiles({});
    await prepare('w2', [step(install)]);
    expect(at.opened).toHaveLength(1);
    expect(readdirSync(outside)).toEqual([]);
  });

  it('leaves a folder to the at.commit that tracks it, and captures changes in it', async () => {
    await prepare('w1', [step(install)]);
    at.commit = await commitFiles({ 'dep/own': 'ours' });
    const { dir, captureTree } = await prepare('w2', [step(install)]);
    expect(at.opened).toHaveLength(1);
    writeFileSync(join(dir, 'dep/own'), 'changed');
    writeFileSync(join(dir, 'dep/new'), 'new');
    const tree = await captureTree();
    expect(await contentOf(tree, 'dep/own')).toBe('changed');
    expect(await filesOf(tree)).toContain('dep/new');
  });

  it('makes the scripts of a copied Python environment name their new place', async () => {
    const venv =
      'mkdir -p .venv/bin .venv/lib/python3/site-packages && echo "home = /usr/bin" > .venv/pyvenv.cfg && printf "#!$PWD/.venv/bin/python\\n" > .venv/bin/tool && chmod 755 .venv/bin/tool && echo "$PWD/src" > .venv/lib/python3/site-packages/own.pth';
    await prepare('w1', [step(venv)]);
    const { dir } = await prepare('another-name', [step(venv)]);
    expect(readFileSync(join(dir, '.venv/bin/tool'), 'utf8')).toBe(`#!${dir}/.venv/bin/python\n`);
    expect(statSync(join(dir, '.venv/bin/tool')).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(dir, '.venv/lib/python3/site-packages/own.pth'), 'utf8')).toBe(`${dir}/src\n`);
  });
});
