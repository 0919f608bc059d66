/**
 * Lands one item's commit on a target branch: what would land is built without a work tree, checked whole, and only
 * then put in place by compare-and-swap. A red or conflicting result never reaches the target. Batch size is one.
 */
import type { Finding } from '../artifacts/finding.ts';
import type { Mirror } from '../git/mirror.ts';

export interface LandRequest {
  mirror: Mirror;
  /** The user's repository. */
  repository: string;
  target: string;
  /** Head of the item's branch, the very commit that a person accepted. */
  commit: string;
  message: string;
  /** Identifies this landing for ever: written as a trailer, looked up before anything is done. */
  landingKey: string;
  trailers: Record<string, string>;
  authorName: string;
  authorEmail: string;
  at: number;
  /** Runs the project's checks on a commit; findings when red. */
  check: (commit: string) => Promise<{ isPassed: boolean; summary: string; findings: Finding[] }>;
}

export type LandOutcome =
  | { outcome: 'landed'; commit: string; summary: string }
  | {
      outcome: 'refused';
      reason: 'conflict' | 'red' | 'target_busy';
      findings: Finding[];
      /** For the item to go on from: its commit with the target's head (`base`) merged in, conflict markers included. */
      onto: { base: string; head: string } | null;
    };

export const landingTrailer = 'Meshwright-Landing';

/** The target may move while checks run; each move costs a whole new check, so the patience is bounded. */
const maxRounds = 5;

export async function landCommit(request: LandRequest): Promise<LandOutcome> {
  const { mirror, repository, target } = request;
  for (let round = 0; round < maxRounds; round += 1) {
    const head = await mirror.importBranch(repository, target);
    const earlier = await mirror.findByTrailer(head, landingTrailer, request.landingKey);
    if (earlier) return { outcome: 'landed', commit: earlier, summary: 'had landed before' };

    const merged = await mirror.mergeTree({ ours: head, theirs: request.commit });
    const onto = async () => ({ base: head, head: await mergeForRework(request, head, merged.tree) });
    if (!merged.ok) return refused('conflict', conflictFindings(target, merged.conflicts), await onto());
    const candidate = await mirror.commitTree({
      tree: merged.tree,
      parents: [head],
      message: request.message,
      trailers: { ...request.trailers, [landingTrailer]: request.landingKey },
      authorName: request.authorName,
      authorEmail: request.authorEmail,
      at: request.at,
    });
    const verdict = await request.check(candidate);
    if (!verdict.isPassed) return refused('red', verdict.findings, await onto());

    const advanced = await mirror.advanceBranch({ repository, branch: target, from: head, to: candidate });
    if (advanced === 'advanced') return { outcome: 'landed', commit: candidate, summary: verdict.summary };
    if (advanced === 'dirty')
      return refused(
        'target_busy',
        [busyFinding(target, 'has uncommitted changes, or another git command at work in it')],
        null,
      );
  }
  const moved = busyFinding(target, `moved ${maxRounds} times while it was being checked`);
  return refused('target_busy', [moved], null);
}

/** A merge commit on the item's side: the developers put right what only shows together with the target. */
function mergeForRework(request: LandRequest, head: string, tree: string): Promise<string> {
  return request.mirror.commitTree({
    tree,
    parents: [request.commit, head],
    message: `Merge ${request.target} for rework`,
    trailers: {},
    authorName: request.authorName,
    authorEmail: request.authorEmail,
    at: request.at,
  });
}

type Refusal = Extract<LandOutcome, { outcome: 'refused' }>;

function refused(reason: Refusal['reason'], findings: Finding[], onto: Refusal['onto']): LandOutcome {
  return { outcome: 'refused', reason, findings, onto };
}

function conflictFindings(target: string, files: readonly string[]): Finding[] {
  return files.map((file) => ({
    source: 'landing',
    message: `conflicts with what ${target} has now; the file carries the conflict markers`,
    file,
    line: null,
    output: null,
  }));
}

function busyFinding(target: string, what: string): Finding {
  return {
    source: 'landing',
    message: `${target} ${what}; nothing was changed. Commit or stash there, then accept again`,
    file: null,
    line: null,
    output: null,
  };
}
