/** Reads what an agent's requests were made of, and makes its prompt again: from the inputs on its tape, or from the files as they are now. */
import { assemblePrompt, type Prompt } from '../agents/assemble-prompt.ts';
import type { ModelMessage, ModelRequest, ToolSpec } from '../gateway/model.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import { toolSpecs } from '../gateway/tool-specs.ts';
import { readJsonBlob } from '../journal/blob-text.ts';
import type { Journal } from '../journal/journal.ts';
import { type Route, type RouteFacts, routeModel } from '../ledger/route-model.ts';
import type { Policy } from '../policy/policy.ts';
import type { Role } from '../teams/team.ts';
import { fillInputs, type StoredInputs } from '../worker/prompt-inputs.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import type { Materials, StoredPrompt } from './replay-conversation.ts';

export interface RolePlay {
  role: Role;
  deliverables: readonly string[];
  /** As the policy is now; else as it was. */
  isCurrent: boolean;
}

export async function gatherMaterials(
  context: WorkerContext,
  events: readonly TapeEvent[],
  play: RolePlay,
): Promise<Materials> {
  const { role, deliverables, isCurrent } = play;
  const inputs = await readStoredInputs(context.journal, events);
  return {
    stored: await readStoredPrompts(context.journal, events),
    remade: inputs && (await remakePrompt(context, inputs, play)),
    tools: toolSpecs(role, deliverables, mayAsk(events)),
    deliverables,
    chosen: isCurrent ? chooseNow(context.policy, { role, inputs, events }) : null,
  };
}

/** As it was seated: agents of earlier versions could ask nobody. */
function mayAsk(events: readonly TapeEvent[]): boolean {
  return events.some(
    ({ kind, data }) => kind === 'agent.seated' && 'tools' in data && data.tools.includes('ask'),
  );
}

function chooseNow(
  { models }: Policy,
  { role, inputs, events }: { role: Role; inputs: StoredInputs | null; events: readonly TapeEvent[] },
): Pick<ModelRequest, 'model' | 'effort' | 'maxOutputTokens'> {
  const facts = { models, role, complexity: inputs?.task?.complexity ?? null };
  const { model } = wasCapped(facts, events) ?? routeModel({ ...facts, cap: null });
  return { model: model ?? '', effort: role.effort, maxOutputTokens: models.maxOutputTokens };
}

/** The choice under the cap that money had put on the seat, if it is still the same; how much was left then is no matter of the files. */
function wasCapped(facts: Omit<RouteFacts, 'cap'>, events: readonly TapeEvent[]): Route | null {
  const seated = events.find(({ kind }) => kind === 'agent.seated');
  if (seated?.kind !== 'agent.seated') return null;
  const { tier, why } = seated.data;
  if (tier === null || tier === 'none') return null;
  const capped = routeModel({ ...facts, cap: tier });
  return capped.why === why ? capped : null;
}

/** What the agent's prompt was made of; null: an earlier version did not record it. */
export async function readStoredInputs(
  journal: Journal,
  events: readonly TapeEvent[],
): Promise<StoredInputs | null> {
  for (const event of events) {
    if (event.kind !== 'prompt.recorded') continue;
    const { madeFrom } = event.data;
    return madeFrom === null ? null : readJsonBlob<StoredInputs>(journal, madeFrom);
  }
  return null;
}

async function remakePrompt(
  context: WorkerContext,
  stored: StoredInputs,
  { role, isCurrent }: RolePlay,
): Promise<Prompt> {
  const inputs = await fillInputs(context, stored, role);
  const { checks } = isCurrent ? context.policy.profile : inputs;
  // As the gateway does with whatever goes out.
  return context.secrets.redactor.redactJson(assemblePrompt({ ...inputs, checks }));
}

/** Of every version: three blobs under one name, or (schema 1) one. */
async function readStoredPrompts(
  journal: Journal,
  events: readonly TapeEvent[],
): Promise<Map<string, StoredPrompt>> {
  const found = new Map<string, StoredPrompt>();
  for (const event of events) {
    if (event.kind === 'prompt.recorded') {
      const { prompt, system, tools, firstMessage } = event.data;
      found.set(prompt, {
        system: await readJsonBlob<string>(journal, system),
        tools: await readJsonBlob<ToolSpec[]>(journal, tools),
        firstMessage: await readJsonBlob<ModelMessage | null>(journal, firstMessage),
      });
    }
    if (event.kind === 'model.call_intended' && event.data.wholePrompt && !found.has(event.data.prompt)) {
      found.set(event.data.prompt, await readJsonBlob<StoredPrompt>(journal, event.data.wholePrompt));
    }
  }
  return found;
}
