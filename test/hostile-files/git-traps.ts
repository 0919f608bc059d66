/** Every setting of git that starts a program or opens a connection, set to a trap. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const hookNames = [
  'applypatch-msg',
  'commit-msg',
  'fsmonitor-watchman',
  'post-applypatch',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-receive',
  'post-rewrite',
  'post-update',
  'pre-applypatch',
  'pre-auto-gc',
  'pre-commit',
  'pre-merge-commit',
  'pre-push',
  'pre-rebase',
  'pre-receive',
  'prepare-commit-msg',
  'proc-receive',
  'push-to-checkout',
  'reference-transaction',
  'sendemail-validate',
  'update',
];

export interface TrapRequest {
  /** The git directory. */
  gitDir: string;
  script: string;
  port: number;
  /** False: the settings of filters are left out. */
  filters: boolean;
}

/** `section.key` → value. */
export function trapSettings({ script, port, filters }: Omit<TrapRequest, 'gitDir'>): [string, string][] {
  return [
    ['core.fsmonitor', script],
    ['core.sshCommand', script],
    ['core.gitProxy', script],
    ['core.pager', script],
    ['pager.status', script],
    ['pager.log', script],
    ['pager.diff', script],
    ['core.editor', script],
    ['sequence.editor', script],
    ['core.askPass', script],
    ['core.alternateRefsCommand', script],
    ['credential.helper', `!${script}`],
    ['diff.external', script],
    ['diff.trap.command', script],
    ['diff.trap.textconv', script],
    ['merge.trap.driver', `${script} %O %A %B`],
    ['merge.default', 'trap'],
    ['interactive.diffFilter', script],
    ['gpg.program', script],
    ['commit.gpgSign', 'true'],
    ['log.showSignature', 'true'],
    ['trailer.trap.command', script],
    ['uploadpack.packObjectsHook', script],
    ['submodule.recurse', 'true'],
    ['submodule.trap.update', `!${script}`],
    ['alias.status', `!${script}`],
    ['alias.fetch', `!${script}`],
    ['alias.read-tree', `!${script}`],
    ['protocol.ext.allow', 'always'],
    ['protocol.allow', 'always'],
    [`url.ext::${script} .insteadOf`, 'https://trap.invalid/'],
    ['fetch.bundleURI', `http://127.0.0.1:${port}/bundle`],
    ['remote.origin.url', `ext::${script} %S`],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.partialCloneFilter', 'blob:none'],
    ['fetch.recurseSubmodules', 'true'],
    ...(filters
      ? ([
          ['filter.trap.clean', script],
          ['filter.trap.smudge', script],
          ['filter.trap.process', script],
          ['filter.trap.required', 'true'],
        ] as [string, string][])
      : []),
  ];
}

/** Into the repository's own settings, its hooks, and a file that the settings include. */
export function trapRepository(request: TrapRequest): void {
  const { gitDir, script } = request;
  const hooks = join(gitDir, 'hooks');
  mkdirSync(hooks, { recursive: true });
  mkdirSync(join(gitDir, 'info'), { recursive: true });
  for (const hook of hookNames) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\n'${script}' ${hook}\n`);
    chmodSync(join(hooks, hook), 0o755);
  }
  const text = trapSettings(request)
    .map(([key, value]) => settingText(key, value))
    .join('');
  const included = join(gitDir, 'included');
  writeFileSync(included, text);
  const own = '[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfilemode = true\n';
  writeFileSync(
    join(gitDir, 'config'),
    `${own}\thooksPath = ${hooks}\n${text}[include]\n\tpath = ${included}\n[includeIf "gitdir:/"]\n\tpath = ${included}\n`,
  );
  writeFileSync(join(gitDir, 'info', 'attributes'), '* diff=trap merge=trap filter=trap\n');
}

export function settingText(key: string, value: string): string {
  const [section = '', name = ''] = [key.slice(0, key.indexOf('.')), key.slice(key.lastIndexOf('.') + 1)];
  const middle = key.slice(section.length + 1, key.lastIndexOf('.'));
  const header = middle === '' ? `[${section}]` : `[${section} "${middle}"]`;
  return `${header}\n\t${name} = ${JSON.stringify(value)}\n`;
}
