/** What a step's agent is shown of memory: asked of the memory as it is when its prompt is made. */
import type { PlanTask } from '../artifacts/plan.ts';
import { readTextBlob } from '../journal/blob-text.ts';
import { type Recalled, recall, recallLimit } from '../memory/recall.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import type { WorkerContext } from './worker-context.ts';

export async function recallForStep(
  context: WorkerContext,
  { state, team }: EffectRequest,
  effect: StepEffect,
  task: PlanTask | null,
): Promise<Recalled[]> {
  const memory = await context.memory();
  const packs = await context.packs();
  if (memory.records.size === 0 && packs.length === 0) return [];
  const about = [
    state.title,
    await readTextBlob(context.journal, state.brief),
    ...(task ? [task.title, task.instructions] : []),
    ...effect.findings.map(({ message }) => message),
  ];
  // Whoever still changes files may come to any; whoever looks at the change has its files before them.
  const isOfChange = !effect.stepDefinition.commits && state.base !== null && state.base !== effect.base;
  return recall(memory, {
    packs,
    // The task is the narrower word: it comes first.
    text: about.toReversed().join('\n'),
    place: {
      team: team.flow.name,
      item: state.number,
      paths: isOfChange ? await context.mirror.changedFiles(state.base ?? '', effect.base) : [],
    },
    nowMs: context.clock.now(),
    limit: recallLimit,
  });
}
