/** Gathers from the journal what a step's prompt is made of. */
import { assemblePrompt, type Prompt } from '../agents/assemble-prompt.ts';
import { parsePlan } from '../artifacts/parse-plan.ts';
import type { PlanTask } from '../artifacts/plan.ts';
import { isReadOnly } from '../capabilities/judge-tool-call.ts';
import { readTextBlob } from '../journal/blob-text.ts';
import type { Role } from '../teams/team.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import type { WorkerContext } from './worker-context.ts';

export async function promptFor(
  context: WorkerContext,
  request: EffectRequest,
  effect: StepEffect,
  seat: { role: Role; hasKeptWork: boolean },
): Promise<Prompt> {
  const { state } = request;
  const artifacts: { name: string; content: string }[] = [];
  for (const name of effect.stepDefinition.reads) {
    const hash = state.artifacts[name];
    if (hash) artifacts.push({ name, content: await readTextBlob(context.journal, hash) });
  }
  return assemblePrompt({
    role: seat.role,
    brief: {
      title: state.title,
      text: await readTextBlob(context.journal, state.brief),
      criteria: state.criteria,
    },
    artifacts,
    task: await taskOf(context, request, effect),
    diff: await diffFor(context, request, effect, seat.role),
    findings: effect.findings,
    deliverables: effect.stepDefinition.writes,
    commits: effect.stepDefinition.commits,
    hasKeptWork: seat.hasKeptWork,
    checks: context.policy.profile.checks,
  });
}

/** A role that may run commands asks git itself; one that only reads has no other way to see what changed. */
async function diffFor(
  context: WorkerContext,
  request: EffectRequest,
  effect: StepEffect,
  role: Role,
): Promise<string | null> {
  const { base } = request.state;
  if (!isReadOnly(role) || base === null || base === effect.base) return null;
  return context.mirror.diff(base, effect.base);
}

/** The plan's task; for a rework step, which no plan names, there is none: its findings say what to do. */
async function taskOf(
  context: WorkerContext,
  request: EffectRequest,
  effect: StepEffect,
): Promise<PlanTask | null> {
  const hash = request.state.artifacts['plan.json'];
  if (!effect.task || !hash) return null;
  const { plan } = parsePlan(await readTextBlob(context.journal, hash));
  return plan?.tasks.find((task) => task.id === effect.task) ?? null;
}
