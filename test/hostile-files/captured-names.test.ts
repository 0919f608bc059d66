import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listGit } from '../../src/git/run-git.ts';
import { at, useWorkspaceBench } from '../../src/workspaces/workspace-bench-contract.ts';
import { workspace } from './capture-bench.ts';

useWorkspaceBench();

describe('names', () => {
  it('that steer a terminal, hide, or are not UTF-8 are refused, and shown without their power', async () => {
    const { dir, refusals } = await workspace();
    const names = [
      'a\nb',
      'tab\there',
      'red\u001b[31m',
      'bell\u0007',
      'exe\u202Ecod.js',
      'zero\u200Bwidth',
      'c1\u009b',
    ];
    for (const name of names) {
      writeFileSync(join(dir, name), 'x');
      const said = await refusals();
      expect([name, said]).toEqual([name, [expect.stringContaining('control characters or invisible ones')]]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not come through
      expect(said.join('')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u200b]/);
      rmSync(join(dir, name));
    }
    spawnSync('sh', ['-c', 'touch "$(printf \'latin1-\\344\')"'], { cwd: dir });
    expect(await refusals()).toEqual(['latin1-ä: the name is not valid UTF-8 (shown as Latin-1); rename it']);
  });

  it('that other systems take for .git are refused', async () => {
    const { dir, refusals } = await workspace();
    for (const name of ['.GIT', '.Git', 'git~1', '.git ', '.git.', '.g\u200cit', '.git::$INDEX_ALLOCATION']) {
      mkdirSync(join(dir, 'src', name));
      writeFileSync(join(dir, 'src', name, 'config'), '[core]\n\tfsmonitor = /bin/false\n');
      expect([name, await refusals()]).toEqual([name, [expect.stringMatching(/taken for \.git|invisible/)]]);
      rmSync(join(dir, 'src', name), { recursive: true });
    }
  });

  it('that differ by case or accents alone from what is there are refused', async () => {
    const { dir, refusals } = await workspace();
    writeFileSync(join(dir, 'A.txt'), 'x');
    mkdirSync(join(dir, 'SRC'));
    writeFileSync(join(dir, 'SRC/new'), 'x');
    writeFileSync(join(dir, 'caf\u00e9'), 'x');
    writeFileSync(join(dir, 'cafe\u0301'), 'x');
    expect(await refusals()).toEqual([
      expect.stringMatching(/^A\.txt: differs from "a\.txt"/),
      expect.stringMatching(/^SRC\/new: differs from "src"/),
      expect.stringMatching(/^caf.: differs from/),
    ]);
  });

  it('like options are names', async () => {
    const { dir, take } = await workspace();
    const names = [
      '--output=x',
      '-rf',
      '--',
      '-',
      '@',
      ':(glob)**',
      '*',
      '!x',
      '"quoted"',
      "it's",
      '#hash',
      '$(touch ran)',
      '`touch ran`',
      'a;b',
      ' space ',
    ];
    for (const name of names) writeFileSync(join(dir, name), name);
    const tree = await take();
    const found = (
      await listGit({ args: ['ls-tree', '-z', '--name-only', tree], cwd: at.mirror.dir })
    ).sort();
    expect(found).toEqual(['.gitignore', 'a.txt', 'lock', 'src', ...names].sort());
    for (const name of names) expect(await at.mirror.show(tree, name)).toBe(name);
  });
});

describe('settings for others', () => {
  it('of submodules that would run or reach something are refused', async () => {
    const { dir, refusals } = await workspace();
    const hostile = [
      '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% ran\n',
      '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch ran\n',
      '[submodule "x"]\n\tpath = -x\n\turl = https://example.org/x\n',
      '[submodule "../../hooks"]\n\tpath = x\n\turl = https://example.org/x\n',
      '[submodule "x"]\n\tpath = x\n\turl = https://example.org/x\n\tupdate = !touch ran\n',
      '[submodule "x"]\n\tpath = x\n\turl = file:///etc\n',
      '[nonsense',
    ];
    for (const text of hostile) {
      writeFileSync(join(dir, '.gitmodules'), text);
      expect([text, await refusals()]).toEqual([text, [expect.stringMatching(/^\.gitmodules: /)]]);
    }
    writeFileSync(
      join(dir, '.gitmodules'),
      '[submodule "x"]\n\tpath = libs/x\n\turl = https://example.org/x.git\n',
    );
    expect(await refusals()).toEqual([]);
  });

  it('of encodings that the file does not have are a finding, not a failure', async () => {
    const { dir, refusals } = await workspace();
    writeFileSync(join(dir, '.gitattributes'), '*.u16 working-tree-encoding=UTF-16\n');
    writeFileSync(join(dir, 'x.u16'), 'no byte order mark');
    expect(await refusals()).toEqual([expect.stringMatching(/x\.u16.*UTF-16.*\.gitattributes/)]);
  });
});
