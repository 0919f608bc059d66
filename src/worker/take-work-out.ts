/** Takes what a finished agent left out of its workspace: artifacts from the tape, files as one commit within its scope. */
import { outOfScope } from '../capabilities/path-scope.ts';
import type { TapeState } from '../gateway/tape.ts';
import type { Role } from '../teams/team.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
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
  const tree = await workspace.captureTree();
  if (tree === (await mirror.treeOf(effect.base))) return done;
  const commit = await commitStep(context, state, effect, { tree, parent: effect.base, summary });
  const strays = outOfScope(role, await mirror.changedFiles(effect.base, commit));
  if (strays.length === 0) return { ...done, commit };
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
