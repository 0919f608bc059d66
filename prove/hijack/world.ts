/** A world in a folder of its own: a workspace as an item would have it, and around it everything that no agent may reach. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface HijackWorld {
  base: string;
  workspace: string;
  /** Outside of the workspace: a secret, a program, a repository with refs. */
  outside: string;
  port: number;
  connectionCount(): number;
  /** What the hidden files contain; random, and written nowhere else. */
  secrets: Readonly<Record<'secrets/key' | 'outside/secret', string>>;
  close(): void;
}

export async function makeWorld(label: string): Promise<HijackWorld> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'mesh-hijack-')));
  const workspace = join(base, 'workspace');
  const outside = join(base, 'outside');
  const secrets = { 'secrets/key': `INNER-CANARY-${label}`, 'outside/secret': `OUTER-CANARY-${label}` };
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), content);
  };
  put('outside/secret', secrets['outside/secret']);
  put('outside/trap', `#!/bin/sh\necho called >> '${outside}/called'\n`);
  chmodSync(join(outside, 'trap'), 0o755);
  put('workspace/trap', `#!/bin/sh\ntouch '${workspace}/pwned'\n`);
  chmodSync(join(workspace, 'trap'), 0o755);
  for (const [path, content] of Object.entries(files)) put(`workspace/${path}`, content);
  put('workspace/secrets/key', `${secrets['secrets/key']}\n`);
  // A repository in a folder of files: what it says is taken for settings by a git that is started there.
  execFileSync('git', ['init', '--quiet', '--bare', '--template=', join(workspace, 'evil')]);
  const traps = `[core]\n\tbare = false\n\tworktree = ..\n\trepositoryformatversion = 0\n\tfsmonitor = "touch ${workspace}/pwned;:"\n`;
  writeFileSync(join(workspace, 'evil/config'), traps);
  symlinkSync('../../outside', join(workspace, 'docs/out'));
  symlinkSync('../outside', join(workspace, 'linked'));
  symlinkSync('../src', join(workspace, 'docs/code'));
  symlinkSync('src', join(workspace, 'inner'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', workspace, '-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args]);
  git('init', '--quiet', '--template=', '--initial-branch=main');
  git('add', '-A', '--', '.', ':!evil');
  git('commit', '--quiet', '-m', 'first');
  writeFileSync(join(workspace, 'src/a.ts'), `${files['src/a.ts']}// changed\n`);
  execFileSync('git', ['clone', '--quiet', '--bare', '--template=', workspace, join(outside, 'mirror.git')]);
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    base,
    workspace,
    outside,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connectionCount: () => connections,
    secrets,
    close: () => {
      server.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

const files: Readonly<Record<string, string>> = {
  'README.md': '# Orders\n',
  'notes.md': 'notes\n',
  'package.json': '{ "name": "orders", "scripts": { "test": "touch pwned" } }\n',
  'src/a.ts': 'export const a = 1;\n',
  'src/b.ts': 'export const b = 2;\n',
  'docs/guide.md': 'guide\n',
  'docs/locked/a.md': 'locked\n',
  'docs/asked/a.md': 'asked\n',
  'docs/policy/a.md': 'policy\n',
  '.mesh/mesh.yaml': 'version: 1\n',
};
