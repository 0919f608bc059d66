import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createRepository } from './create-repository.ts';
import { openMirror } from './open-mirror.ts';
import { redactMessages } from './redact-messages.ts';
import { readGit } from './run-git.ts';

it('a commit of the platform has no secret in its message', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'mesh-messages-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const by = { authorName: 'Test', authorEmail: 'test@example.invalid' };
  await createRepository(path.join(root, 'own'), {
    branch: 'main',
    message: 'Start',
    files: { a: 'a' },
    ...by,
  });
  const redact = (text: string) => text.replaceAll('hidden', '[secret:T]');
  const mirror = redactMessages(await openMirror(path.join(root, 'mirror.git')), redact);
  const start = await mirror.importBranch(path.join(root, 'own'), 'main');
  const tree = await mirror.treeOf(start);
  const request = {
    tree,
    parents: [start],
    message: 'Add hidden\n\nwith hidden',
    trailers: {},
    ...by,
    at: Date.UTC(2026, 10, 2),
  };
  const commit = await mirror.commitTree(request);
  const args = ['log', '-1', '--format=%B', commit];
  expect(await readGit({ args, cwd: mirror.dir })).toContain('Add [secret:T]\n\nwith [secret:T]');
});
