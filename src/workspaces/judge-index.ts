/** Reads from the platform's index what a capture took in, and has it judged. Reads objects, never the workspace. */
import { listGit, readGit, runGit } from '../git/run-git.ts';
import { type CaptureFinding, captureFinding } from './capture-refused.ts';
import { type Checkout, onCheckout } from './check-out-commit.ts';
import { type CapturedChange, judgeCapture, judgeSubmodules } from './judge-capture.ts';

interface IndexChange {
  path: string;
  isNew: boolean;
  mode: string;
  object: string;
}

/**
 * Findings about what differs from the commit that was checked out, and about paths that were handed to git and that it
 * left out without a word, as it does with names it forbids.
 */
export async function judgeIndex(checkout: Checkout, handed: readonly string[]): Promise<CaptureFinding[]> {
  const changes = await listTaken(checkout);
  const all = handed.length === 0 ? [] : await listGit(onCheckout(checkout, ['ls-files', '-z']));
  const taken = new Set(all);
  const refused = handed.filter((path) => !taken.has(path));
  const links = changes.filter(({ mode }) => mode === '120000');
  const targets = await readBlobs(
    checkout,
    links.map(({ object }) => object),
  );
  const captured: CapturedChange[] = changes.map(({ path, isNew, mode, object }) => ({
    path,
    isNew,
    linkTarget: mode === '120000' ? (targets.get(object) ?? '') : null,
  }));
  const added = new Set(changes.filter(({ isNew }) => isNew).map(({ path }) => path));
  const modules = changes.find(({ path, mode }) => path === '.gitmodules' && mode !== '120000');
  return [
    ...refused.map((path) =>
      captureFinding(path, 'git does not take a file of this name and kind; rename it, or make it a file'),
    ),
    ...judgeCapture(
      captured,
      all.filter((path) => !added.has(path)),
    ),
    ...(modules === undefined ? [] : await judgeModules(checkout, modules.object)),
  ];
}

/** Entries that are new or changed; removed ones are no danger. */
export async function listTaken(checkout: Checkout): Promise<IndexChange[]> {
  const args = ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', checkout.commit];
  const fields = await listGit(onCheckout(checkout, args));
  const changes: IndexChange[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [, mode = '', , object = '', status = ''] = (fields[index] ?? '').split(' ');
    if (status !== 'D') changes.push({ path: fields[index + 1] ?? '', isNew: status === 'A', mode, object });
  }
  return changes;
}

async function readBlobs(checkout: Checkout, objects: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  if (objects.length === 0) return texts;
  const request = onCheckout(checkout, ['cat-file', '--batch']);
  const { stdout } = await runGit({ ...request, stdin: objects.map((object) => `${object}\n`).join('') });
  let at = 0;
  while (at < stdout.length) {
    const end = stdout.indexOf(10, at);
    const [object = '', , size = '0'] = stdout.toString('latin1', at, end).split(' ');
    texts.set(object, stdout.toString('utf8', end + 1, end + 1 + Number(size)));
    at = end + 2 + Number(size);
  }
  return texts;
}

async function judgeModules(checkout: Checkout, object: string): Promise<CaptureFinding[]> {
  const args = ['config', '--no-includes', '--blob', object, '--list', '-z'];
  try {
    const text = await readGit(onCheckout(checkout, args));
    const settings = text.split('\0').filter(Boolean);
    return judgeSubmodules(
      settings.map((setting) => {
        const end = setting.indexOf('\n');
        return end === -1
          ? ([setting, ''] as const)
          : ([setting.slice(0, end), setting.slice(end + 1)] as const);
      }),
    );
  } catch {
    return [captureFinding('.gitmodules', 'git cannot read it; correct or remove it')];
  }
}
