/** Brings what a person committed in their clone into the mirror, when all of it is committed and on top of what they got. */
import { MeshwrightError } from '../base/errors.ts';
import { fetchCommit } from '../git/fetch-commit.ts';
import { inspectClone } from '../git/inspect-clone.ts';
import type { Mirror } from '../git/mirror.ts';
import { shellWord } from '../git/shell-word.ts';
import { handedBackRef } from '../items/item-refs.ts';
import type { Takeover } from '../items/item-state.ts';

const shownFiles = 5;

/**
 * Returns the commit, in the mirror by now; null when the branch is where it was. The item is not changed by it.
 * @throws MeshwrightError `not_a_repository`, `branch_missing`, `wrong_branch`, `dirty_repository`, `handback_not_on_top` (all
 *   exit 2), `branch_moved`, `git_failed`.
 */
export async function collectHandback(request: {
  mirror: Mirror;
  number: number;
  takeover: Takeover;
  /** Where the clone is now. */
  folder: string;
}): Promise<string | null> {
  const { mirror, number, takeover, folder } = request;
  const { branch } = takeover;
  const commit = await requireCommitted(folder, branch);
  if (commit === takeover.commit) return null;
  const ref = handedBackRef(number, commit);
  await fetchCommit({ mirrorDir: mirror.dir, folder, branch, commit, ref });
  if (await mirror.isDescendant(commit, takeover.commit)) return commit;
  throw new MeshwrightError(
    'handback_not_on_top',
    `${branch} in ${folder} does not contain ${takeover.commit.slice(0, 12)}, the commit that was handed out`,
    {
      hint: `Bring your commits on top of it: git -C ${shellWord(folder)} rebase ${takeover.commit.slice(0, 12)}`,
      exitCode: 2,
    },
  );
}

async function requireCommitted(folder: string, branch: string): Promise<string> {
  const { checkedOut, commit, dirtyFiles } = await inspectClone(folder, branch);
  if (commit === null) {
    throw new MeshwrightError('branch_missing', `${folder} has no branch ${branch}`, {
      hint: `The clone of this item has one; name it with --from <folder>.`,
      exitCode: 2,
    });
  }
  if (dirtyFiles.length > 0) {
    const more = dirtyFiles.length > shownFiles ? ` and ${dirtyFiles.length - shownFiles} more` : '';
    throw new MeshwrightError(
      'dirty_repository',
      `${folder} has changes that are not committed: ${dirtyFiles.slice(0, shownFiles).join(', ')}${more}`,
      {
        hint: `Commit them: git -C ${shellWord(folder)} add -A && git -C ${shellWord(folder)} commit`,
        exitCode: 2,
      },
    );
  }
  if (checkedOut !== branch) {
    throw new MeshwrightError(
      'wrong_branch',
      `${folder} has ${checkedOut ?? 'no branch'} checked out; what counts is ${branch}`,
      {
        hint: `git -C ${shellWord(folder)} switch ${branch}, and merge there what you made elsewhere.`,
        exitCode: 2,
      },
    );
  }
  return commit;
}
