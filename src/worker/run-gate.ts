/** Effect: collects the evidence of one gate and has it judged. An agent's word is no evidence. */
import { parsePlan } from '../artifacts/parse-plan.ts';
import { parseVerdict } from '../artifacts/parse-verdict.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream } from '../items/item-stream.ts';
import { readTextBlob } from '../journal/blob-text.ts';
import { judgeArtifact, judgeVerdict } from '../verdicts/judge-artifact.ts';
import type { Judgement } from '../verdicts/judgement.ts';
import { checkCommit } from './check-commit.ts';
import type { EffectRequest, GateEffect, Settle } from './effect.ts';
import type { WorkerContext } from './worker-context.ts';

export async function runGate(request: EffectRequest, effect: GateEffect): Promise<Settle | null> {
  const judgement = await judge(request, effect);
  if (request.signal.aborted) return null;
  const { phase, round, gate } = effect;
  return async () => [{ kind: 'gate.judged', data: { phase, round, gate, ...judgement } }];
}

async function judge(request: EffectRequest, effect: GateEffect): Promise<Judgement> {
  const { context, state } = request;
  const { definition } = effect;
  switch (definition.kind) {
    case 'artifact': {
      const text = await artifactText(context, state, definition.artifact);
      return judgeArtifact(definition.artifact, text !== null, problemsOf(definition.schema, text));
    }
    case 'verdict': {
      const text = await artifactText(context, state, definition.artifact);
      if (text === null) return judgeArtifact(definition.artifact, false, []);
      const { verdict, problems } = parseVerdict(text);
      return verdict
        ? judgeVerdict(verdict, definition.artifact)
        : judgeArtifact(definition.artifact, true, problems);
    }
    case 'commands':
      return checkCommit(context, {
        seat: {
          fence: request.claim.fence,
          owner: itemStream(context.project, state.number),
          purpose: `gate/${effect.phase}/${effect.round}/${effect.gate}`,
        },
        commit: effect.commit,
        names: definition.checks,
        signal: request.signal,
      });
  }
}

async function artifactText(context: WorkerContext, state: ItemState, name: string): Promise<string | null> {
  const hash = state.artifacts[name];
  return hash ? readTextBlob(context.journal, hash) : null;
}

function problemsOf(schema: 'plan' | 'verdict' | null, text: string | null): string[] {
  if (text === null || schema === null) return [];
  return schema === 'plan' ? parsePlan(text).problems : parseVerdict(text).problems;
}
