/**
 * The simulated git: commits, trees and refs of one mirror and one user's repository in memory. What the Mirror port
 * promises of git holds here too; the watchers of a world look into it directly.
 */
import { createHash } from 'node:crypto';
import type { Mirror } from '../git/mirror.ts';
import { mergeTrees, sortedTree, type Tree } from './merge-trees.ts';

export interface Commit {
  id: string;
  tree: string;
  parents: readonly string[];
  message: string;
  trailers: Readonly<Record<string, string>>;
}

/** Called when a ref of the mirror or a branch of the user's repository has moved. */
export type RefListener = (move: {
  where: 'mirror' | 'user';
  ref: string;
  from: string | null;
  to: string;
}) => void;

export class MemoryGit {
  readonly mirrorRefs = new Map<string, string>();
  readonly userBranches = new Map<string, string>();
  /** A person has uncommitted changes on the branch that is checked out. */
  isUserDirty = false;
  readonly #commits = new Map<string, Commit>();
  readonly #trees = new Map<string, Tree>();
  readonly #onMove: RefListener;

  constructor(onMove: RefListener) {
    this.#onMove = onMove;
  }

  /** The tree's id. */
  putTree(tree: Tree): string {
    const hash = createHash('sha1');
    for (const [path, content] of tree) hash.update(path).update('\0').update(content).update('\0');
    const id = hash.digest('hex');
    if (!this.#trees.has(id)) this.#trees.set(id, tree);
    return id;
  }

  tree(id: string): Tree {
    const tree = this.#trees.get(id);
    if (!tree) throw new Error(`there is no tree ${id}`);
    return tree;
  }

  commit(id: string): Commit {
    const commit = this.#commits.get(id);
    if (!commit) throw new Error(`there is no commit ${id}`);
    return commit;
  }

  hasCommit(id: string): boolean {
    return this.#commits.has(id);
  }

  filesOf(commit: string): Tree {
    return this.tree(this.commit(commit).tree);
  }

  addCommit(request: Omit<Commit, 'id'> & { at: number }): string {
    const text = JSON.stringify([
      request.tree,
      request.parents,
      request.message,
      request.trailers,
      request.at,
    ]);
    const id = createHash('sha1').update(text).digest('hex');
    const { tree, parents, message, trailers } = request;
    this.#commits.set(id, { id, tree, parents, message, trailers });
    return id;
  }

  /** The commit and everything before it, newest first (breadth first). */
  history(commit: string): Commit[] {
    const found = new Map<string, Commit>();
    const queue = [commit];
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      if (found.has(id)) continue;
      const one = this.commit(id);
      found.set(id, one);
      queue.push(...one.parents);
    }
    return [...found.values()];
  }

  mergeBase(ours: string, theirs: string): string {
    const known = new Set(this.history(ours).map((commit) => commit.id));
    const base = this.history(theirs).find((commit) => known.has(commit.id));
    if (!base) throw new Error(`${ours} and ${theirs} have nothing in common`);
    return base.id;
  }

  moveMirrorRef(ref: string, from: string | null, to: string): boolean {
    if ((this.mirrorRefs.get(ref) ?? null) !== from) return false;
    this.mirrorRefs.set(ref, to);
    this.#onMove({ where: 'mirror', ref, from, to });
    return true;
  }

  moveUserBranch(branch: string, to: string): void {
    const from = this.userBranches.get(branch) ?? null;
    this.userBranches.set(branch, to);
    this.#onMove({ where: 'user', ref: branch, from, to });
  }
}

/** The Mirror port on it. Everything happens at once; a simulated process makes calls of it. */
export function mirrorOn(git: MemoryGit): Mirror {
  const resolve = (refOrCommit: string): string | null =>
    git.mirrorRefs.get(refOrCommit) ?? (git.hasCommit(refOrCommit) ? refOrCommit : null);
  return {
    dir: '/simulated/mirror.git',
    importBranch: async (_, branch) => {
      const head = git.userBranches.get(branch);
      if (head === undefined) throw new Error(`the repository has no branch ${branch}`);
      return head;
    },
    resolve: async (refOrCommit) => resolve(refOrCommit),
    treeOf: async (commit) => git.commit(commit).tree,
    mergeTree: async ({ ours, theirs }) => {
      const base = git.filesOf(git.mergeBase(ours, theirs));
      const merged = mergeTrees(base, git.filesOf(ours), git.filesOf(theirs));
      const tree = git.putTree(merged.tree);
      return merged.conflicts.length === 0
        ? { ok: true, tree }
        : { ok: false, tree, conflicts: merged.conflicts };
    },
    commitTree: async ({ tree, parents, message, trailers, at }) =>
      git.addCommit({ tree, parents, message, trailers, at: Math.floor(at / 1000) }),
    moveRef: async (ref, from, to) => git.moveMirrorRef(ref, from, to),
    advanceBranch: async ({ branch, from, to }) => {
      const current = git.userBranches.get(branch);
      if (current === to) return 'advanced';
      if (current !== from) return 'moved';
      if (git.isUserDirty) return 'dirty';
      git.moveUserBranch(branch, to);
      return 'advanced';
    },
    findByTrailer: async (ref, name, value) => {
      const start = resolve(ref);
      if (start === null) return null;
      return git.history(start).find((commit) => commit.trailers[name] === value)?.id ?? null;
    },
    isDescendant: async (commit, ancestor) => git.history(commit).some(({ id }) => id === ancestor),
    changedFiles: async (from, to) => changedFiles(git.filesOf(from), git.filesOf(to)),
    diff: async (from, to) => describeDiff(git.filesOf(from), git.filesOf(to)),
    show: async (commit, path) => git.filesOf(commit).get(path) ?? null,
  };
}

function changedFiles(from: Tree, to: Tree): string[] {
  const paths = [...new Set([...from.keys(), ...to.keys()])].sort();
  return paths.filter((path) => from.get(path) !== to.get(path));
}

function describeDiff(from: Tree, to: Tree): string {
  return changedFiles(from, to)
    .map((path) => `${path}: ${from.get(path)?.length ?? 0} to ${to.get(path)?.length ?? 0} characters`)
    .join('\n');
}

/** The tree that a world's repository begins with. */
export function firstTree(): Tree {
  const lines = (name: string): string => Array.from({ length: 8 }, (_, n) => `${name} line ${n}\n`).join('');
  return sortedTree([
    ['a.txt', lines('a')],
    ['b.txt', lines('b')],
    ['check.sh', 'grep -rl BROKEN . && exit 1; exit 0\n'],
    ['shared.txt', lines('shared')],
    ['test/a.test.txt', 'a works\n'],
  ]);
}
