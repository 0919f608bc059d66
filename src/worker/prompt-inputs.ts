/**
 * Gathers from the journal what a step's prompt is made of, and keeps it by name, so that a replay makes the same prompt again.
 * What is long is kept once: as the blob or the commits that it comes from.
 */
import { assemblePrompt, type Prompt, type PromptInputs } from '../agents/assemble-prompt.ts';
import { parsePlan } from '../artifacts/parse-plan.ts';
import type { PlanTask } from '../artifacts/plan.ts';
import { isReadOnly } from '../capabilities/judge-tool-call.ts';
import { putJsonBlob, readTextBlob } from '../journal/blob-text.ts';
import { type BudgetView, describeBudget } from '../ledger/budget.ts';
import type { Role } from '../teams/team.ts';
import { askingFor } from './asking-inputs.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import { recallForStep } from './recall-memory.ts';
import type { WorkerContext } from './worker-context.ts';

/** The inputs of a prompt as they are stored. The role is not among them: the item pins it. */
export type StoredInputs = Omit<
  PromptInputs,
  'role' | 'brief' | 'artifacts' | 'diff' | 'hasKeptWork' | 'decided' | 'asking'
> & {
  /** Absent: written by a version that had no memory. */
  decided?: PromptInputs['decided'];
  /** Absent: written by a version that did not say when to ask. */
  asking?: PromptInputs['asking'];
  /** `text`: blob hash. */
  brief: { title: string; text: string; criteria: readonly string[] };
  artifacts: readonly { name: string; hash: string }[];
  /** Commits. */
  diff: { from: string; to: string } | null;
  /** Commit of an earlier attempt's work from which this one starts; null: from the step's base. */
  kept: string | null;
};

/** `madeFrom`: blob of the inputs; `recalled`: ids of what it shows of memory. */
export type MadePrompt = Prompt & { madeFrom: string; recalled: readonly string[] };

export async function promptFor(
  context: WorkerContext,
  request: EffectRequest,
  effect: StepEffect,
  seat: { role: Role; kept: string | null; left: BudgetView },
): Promise<MadePrompt> {
  const inputs = await gatherInputs(context, request, effect, seat);
  const prompt = assemblePrompt(await fillInputs(context, inputs, seat.role));
  const recalled = (inputs.decided ?? []).map(({ id }) => id);
  return { ...prompt, madeFrom: await putJsonBlob(context.journal, inputs), recalled };
}

/** The inputs with everything that they only name. @throws MeshwrightError `blob_deleted`, `blob_missing`. */
export async function fillInputs(
  { journal, mirror, secrets }: Pick<WorkerContext, 'journal' | 'mirror' | 'secrets'>,
  inputs: StoredInputs,
  role: Role,
): Promise<PromptInputs> {
  const artifacts: { name: string; content: string }[] = [];
  for (const { name, hash } of inputs.artifacts)
    artifacts.push({ name, content: await readTextBlob(journal, hash) });
  const { kept, diff, ...plain } = inputs;
  const { title, text, criteria } = inputs.brief;
  // Before anything is cut to size: half of a secret is not found any more.
  const filled = secrets.redactor.redactJson({
    ...plain,
    decided: inputs.decided ?? [],
    asking: inputs.asking ?? null,
    hasKeptWork: kept !== null,
    brief: { title, text: await readTextBlob(journal, text), criteria },
    artifacts,
    diff: diff && (await mirror.diff(diff.from, diff.to)),
  });
  return { ...filled, role };
}

async function gatherInputs(
  context: WorkerContext,
  request: EffectRequest,
  effect: StepEffect,
  { role, kept, left }: { role: Role; kept: string | null; left: BudgetView },
): Promise<StoredInputs> {
  const { state } = request;
  const { reads, writes, commits } = effect.stepDefinition;
  const task = await taskOf(context, request, effect);
  return {
    brief: { title: state.title, text: state.brief, criteria: state.criteria },
    artifacts: reads.flatMap((name) => {
      const hash = state.artifacts[name];
      return hash ? [{ name, hash }] : [];
    }),
    task,
    decided: await recallForStep(context, request, effect, task),
    asking: await askingFor(request, role),
    diff: diffFor(request, effect, role),
    findings: effect.findings,
    deliverables: writes,
    commits,
    kept,
    checks: context.policy.profile.checks.map(({ name, run }) => ({ name, run })),
    budget: describeBudget(left),
  };
}

/** A role that may run commands asks git itself; one that only reads has no other way to see what changed. */
function diffFor(request: EffectRequest, effect: StepEffect, role: Role): StoredInputs['diff'] {
  const { base } = request.state;
  if (!isReadOnly(role) || base === null || base === effect.base) return null;
  return { from: base, to: effect.base };
}

/** The plan's task; for a rework step, which no plan names, there is none: its findings say what to do. */
export async function taskOf(
  context: WorkerContext,
  request: EffectRequest,
  effect: StepEffect,
): Promise<PlanTask | null> {
  const hash = request.state.artifacts['plan.json'];
  if (!effect.task || !hash) return null;
  const { plan } = parsePlan(await readTextBlob(context.journal, hash));
  return plan?.tasks.find((task) => task.id === effect.task) ?? null;
}
