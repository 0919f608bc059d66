import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { relocateOutputs } from '../../src/workspaces/copy-outputs.ts';
import { at, prepare, step, useWorkspaceBench } from '../../src/workspaces/workspace-bench-contract.ts';
import { snapshot } from './outside.ts';

useWorkspaceBench();

/** What no set-up may reach. */
function makeVictim(): string {
  const victim = join(at.base, 'victim');
  mkdirSync(victim);
  writeFileSync(join(victim, 'profile'), 'export PATH\n');
  return victim;
}

describe('set-up commands', () => {
  it('cannot make the platform write through links that they left in .git', async () => {
    const victim = makeVictim();
    const before = snapshot(victim);
    const links = [
      `rm -rf .git/info/exclude && ln -s ${victim}/profile .git/info/exclude`,
      `rm -rf .git/info && ln -s ${victim} .git/info`,
      `mkdir -p ${at.base}/g/info && rm -rf .git && ln -s ${at.base}/g .git`,
      'rm -rf .git && touch .git',
      'mkdir -p .git/info/exclude/x',
      'rm -f .git/info/exclude && mkfifo .git/info/exclude',
    ];
    for (const [index, run] of links.entries()) {
      await prepare(`w${index}`, [step(`mkdir -p ignored && touch ignored/${index} && ${run}`)]);
      expect([run, snapshot(victim)]).toEqual([run, before]);
      expect(existsSync(join(at.base, 'g', 'info', 'exclude'))).toBe(false);
    }
  });

  it('cannot make it rewrite files behind links, nor a file that is linked from elsewhere', async () => {
    const victim = makeVictim();
    const origin = '/old/tree';
    const tree = join(at.base, 'tree');
    mkdirSync(join(victim, 'site-packages'), { recursive: true });
    for (const name of ['profile', 'pyvenv.cfg', 'site-packages/x.pth'])
      writeFileSync(join(victim, name), `home = ${origin}\n`);
    const before = snapshot(victim);
    mkdirSync(join(tree, 'venv/lib'), { recursive: true });
    mkdirSync(join(tree, 'venv/bin'));
    writeFileSync(join(tree, 'venv/pyvenv.cfg'), `home = ${origin}\n`);
    symlinkSync(victim, join(tree, 'venv/lib/python3'));
    linkSync(join(victim, 'profile'), join(tree, 'venv/bin/activate'));
    symlinkSync(victim, join(tree, 'other'));
    symlinkSync(at.base, join(tree, 'up'));
    await relocateOutputs({ tree, outputs: ['venv', 'other', 'up/victim'], origin });
    expect(snapshot(victim)).toEqual(before);
    expect(readFileSync(join(tree, 'venv/pyvenv.cfg'), 'utf8')).toBe(`home = ${tree}\n`);
    expect(readFileSync(join(tree, 'venv/bin/activate'), 'utf8')).toBe(`home = ${tree}\n`);
  });
});
