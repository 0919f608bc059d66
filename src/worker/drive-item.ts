/**
 * Drives one item: folds its stream, records what the interpreter decides, keeps one running effect for every intent
 * without a result, and appends what came of it. All turns of one item run one after another; effects run beside.
 */
import { parsePlan } from '../artifacts/parse-plan.ts';
import type { Plan } from '../artifacts/plan.ts';
import { advance } from '../items/advance.ts';
import { decide } from '../items/decide.ts';
import { type ItemEffect, inFlight } from '../items/in-flight.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StreamId } from '../journal/event.ts';
import type { Claim } from '../journal/journal.ts';
import type { InboxMessage } from '../journal/unit.ts';
import type { Team } from '../teams/team.ts';
import { readJsonBlob, readTextBlob } from '../journal/blob-text.ts';
import { answerMessage } from './item-message.ts';
import { foldItemEvents, toNewEvent } from '../items/item-stream.ts';
import { effectKey, runEffect } from './run-effect.ts';
import { createSerialQueue } from './serial-queue.ts';
import { startItem } from './start-item.ts';
import { createStreamWriter, type UnitExtras } from './stream-writer.ts';
import type { WorkerContext } from './worker-context.ts';

export interface ItemDriver {
  stream: StreamId;
  state(): ItemState;
  /** True when no turn is queued and no effect runs. */
  isIdle(): boolean;
  receive(messages: readonly InboxMessage[]): void;
  /** Begins work on a queued item (the cluster decides when there is room). */
  begin(): void;
  /** Aborts every effect and waits until nothing runs. Nothing is appended after it resolves. */
  stop(): Promise<void>;
}

export interface ItemDriverOptions {
  context: WorkerContext;
  claim: Claim;
  stream: StreamId;
  /** The state has changed or something has ended. */
  onChange: () => void;
  /** The item cannot be driven on in this process (claim lost, storage gone, corrupted stream). */
  onFailure: (error: unknown) => void;
}

export async function openItemDriver(options: ItemDriverOptions): Promise<ItemDriver> {
  const { context, claim, stream, onChange } = options;
  const history = await context.journal.read(stream);
  const version = history.at(-1)?.version ?? 0;
  const writer = createStreamWriter({ journal: context.journal, newId: context.newId, claim, stream, version });
  const seenMessages = new Set<string>();
  const running = new Map<string, { controller: AbortController; done: Promise<void> }>();
  let state = foldItemEvents(history);
  let team = state.team ? await readJsonBlob<Team>(context.journal, state.team) : null;
  let plan: { hash: string; plan: Plan | null } | null = null;
  let hasBegun = false;
  let isStopped = false;
  const fail = (error: unknown) => {
    if (!isStopped) options.onFailure(error);
  };
  const queue = createSerialQueue(fail);

  async function record(events: ItemEvent[], actor: string, extras: UnitExtras = {}): Promise<void> {
    if (events.length === 0) return;
    await writer.append(
      events.map((event) => toNewEvent(event, actor)),
      extras,
    );
    for (const event of events) state = advance(state, event);
    onChange();
  }

  async function currentPlan(): Promise<Plan | null> {
    const hash = state.artifacts['plan.json'];
    if (!hash) return null;
    if (plan?.hash !== hash) {
      plan = { hash, plan: parsePlan(await readTextBlob(context.journal, hash)).plan ?? null };
    }
    return plan.plan;
  }

  /** Records everything that follows from the state by itself, then sees to the effects. */
  async function pump(): Promise<void> {
    while (team && !isStopped) {
      const events = decide(state, team.flow, {
        project: context.project,
        plan: await currentPlan(),
        seats: context.policy.team.seats,
        stepAttempts: context.policy.limits.stepAttempts,
      });
      if (events.length === 0) return syncEffects(team);
      await record(events, claim.unit);
    }
  }

  function syncEffects(currentTeam: Team): void {
    // A landing is carried by the message that was posted with the accept; its answer comes to the inbox.
    const effects = inFlight(state, currentTeam.flow).filter((effect) => effect.effect !== 'land');
    const wanted = new Map(effects.map((effect) => [effectKey(effect), effect]));
    for (const [key, entry] of running) if (!wanted.has(key)) entry.controller.abort();
    for (const [key, effect] of wanted) if (!running.has(key)) startEffect(key, effect, currentTeam);
  }

  function startEffect(key: string, effect: ItemEffect, currentTeam: Team): void {
    const controller = new AbortController();
    const done = runEffect({ context, claim, team: currentTeam, state, effect, signal: controller.signal })
      .then((settle) =>
        queue.push(async () => {
          running.delete(key);
          if (isStopped) return;
          if (settle && !controller.signal.aborted) await record(await settle(state), claim.unit);
          await pump();
        }),
      )
      .catch((error: unknown) => {
        running.delete(key);
        fail(error);
      });
    running.set(key, { controller, done });
  }

  queue.push(pump);
  return {
    stream,
    state: () => state,
    isIdle: () => queue.isIdle() && running.size === 0,
    receive(messages) {
      for (const message of messages) {
        if (seenMessages.has(message.id)) continue;
        seenMessages.add(message.id);
        queue.push(async () => {
          if (isStopped) return;
          const answer = answerMessage(context, state, message);
          await record(answer.events, message.actor, { ...answer.extras, consumes: [message.id] });
          await pump();
        });
      }
    },
    begin() {
      if (hasBegun) return;
      hasBegun = true;
      queue.push(async () => {
        if (isStopped || state.status !== 'queued') return;
        const started = await startItem(context, state);
        team = started.team;
        await record([started.event], claim.unit, { ledger: started.ledger });
        await pump();
      });
    },
    async stop() {
      isStopped = true;
      for (const entry of running.values()) entry.controller.abort();
      await Promise.allSettled([...running.values()].map((entry) => entry.done));
      await queue.settled();
    },
  };
}
