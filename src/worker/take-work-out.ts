/** Takes what a finished agent left out of its workspace: artifacts from the tape, files as one commit within its scope. */
import type { Finding } from '../artifacts/finding.ts';
import { outOfScope } from '../capabilities/path-scope.ts';
import { emptyPlacesOf } from '../capabilities/write-scope.ts';
import type { TapeState } from '../gateway/tape.ts';
import type { Role } from '../teams/team.ts';
import { CaptureRefused } from '../workspaces/capture-refused.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import { findUnasked } from './find-unasked.ts';
import { keepWork } from './kept-work.ts';
import { commitStep } from './step-commit.ts';
import { type StepDone, type StepResult, stepFailed } from './step-result.ts';

export interface FinishedAgent {
  request: EffectRequest;
  effect: StepEffect;
  role: Role;
  workspace: Workspace;
  tape: TapeState;
}

/** A change outside of the role's write scope fails the step: the shell can write where the tools would have refused. */
export async function takeWorkOut(agent: FinishedAgent, summary: string): Promise<StepResult> {
  const { request, effect, role, workspace, tape } = agent;
  const { context, state } = request;
  const { mirror } = context;
  const { costMicroUsd } = tape;
  const done: StepDone = { ok: true, summary, artifacts: { ...tape.delivered }, commit: null, costMicroUsd };
  if (!effect.stepDefinition.commits) return done;
  const captured = await capture(workspace, role);
  if (!captured.ok)
    return stepFailed('out_of_scope', captured.message, { findings: captured.findings, costMicroUsd });
  const { tree } = captured;
  if (tree === (await mirror.treeOf(effect.base))) return done;
  const commit = await commitStep(context, state, effect, { tree, parent: effect.base, summary });
  const files = await mirror.changedFiles(effect.base, commit);
  const strays = outOfScope(role, files, tape.approvedFiles);
  if (strays.length === 0) {
    const change = { item: state.number, from: effect.base, to: commit, files };
    const findings = await findUnasked(context, change);
    if (findings.length === 0) return { ...done, commit };
    // It asks, and goes on from what it has made.
    await keepWork(context, state, effect, tree);
    const message = `does what must be asked first: ${findings.map(({ source }) => source).join(', ')}`;
    return stepFailed('must_ask', message, { findings, costMicroUsd });
  }
  const message = `changed ${strays.length} file(s) outside of what the role ${role.name} may write`;
  const findings = strays.map((file) => ({
    source: 'scope',
    message: `the role ${role.name} may not change this file`,
    file,
    line: null,
    output: null,
  }));
  return stepFailed('out_of_scope', message, { findings, costMicroUsd });
}

/** Files that must not become a commit fail the step like files out of scope: the findings go back to the agent. */
async function capture(
  workspace: Workspace,
  role: Role,
): Promise<{ ok: true; tree: string } | { ok: false; message: string; findings: Finding[] }> {
  try {
    return { ok: true, tree: await workspace.captureTree({ emptyPlaces: emptyPlacesOf(role) }) };
  } catch (error) {
    if (!(error instanceof CaptureRefused)) throw error;
    return { ok: false, message: `cannot be committed: ${error.message}`, findings: error.findings };
  }
}
