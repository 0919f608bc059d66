/**
 * Drives one item: folds its stream, records what the interpreter decides, keeps one running effect for every intent
 * without a result, and appends what came of it. All turns of one item run one after another; effects run beside.
 */
import { openDoor } from '../controls/control-door.ts';
import type { Control } from '../controls/control-state.ts';
import type { ControlWatch } from '../controls/control-watch.ts';
import { advance } from '../items/advance.ts';
import { decide } from '../items/decide.ts';
import { isDue } from '../items/due-time.ts';
import { isRequeued } from '../items/find-waits.ts';
import { type ItemEffect, inFlight } from '../items/in-flight.ts';
import { isFinal } from '../items/is-final.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { itemReducer } from '../items/item-reducer.ts';
import type { ItemState } from '../items/item-state.ts';
import { toNewEvent } from '../items/item-stream.ts';
import { judgeRequest } from '../items/judge-request.ts';
import { readJsonBlob } from '../journal/blob-text.ts';
import type { StreamId } from '../journal/event.ts';
import { type Folded, foldStream, saveFold } from '../journal/fold-stream.ts';
import type { Claim } from '../journal/journal.ts';
import type { InboxMessage } from '../journal/unit.ts';
import { completeTeam } from '../teams/pinned-team.ts';
import type { Team } from '../teams/team.ts';
import { type EffectReins, type EffectRequest, effectKey, LeavingError, type Settle } from './effect.ts';
import { endKilledAgents } from './end-killed.ts';
import { ensureForkBranch } from './fork-branch.ts';
import { endRunningSteps } from './hand-over.ts';
import { postsOfDropped } from './item-asks.ts';
import { agentOf, controlOver, doorOf, letsGoOn } from './item-controls.ts';
import { answerMessage, requestOf } from './item-message.ts';
import { createPlanReader, type PlanReader } from './read-plan.ts';
import { runGate } from './run-gate.ts';
import { runStep } from './run-step.ts';
import { RunningEffects } from './running-effects.ts';
import { createSerialQueue, type SerialQueue } from './serial-queue.ts';
import { startItem } from './start-item.ts';
import { createStreamWriter, type StreamWriter, type UnitExtras } from './stream-writer.ts';
import type { WorkerContext } from './worker-context.ts';

export interface ItemDriverOptions {
  context: WorkerContext;
  claim: Claim;
  stream: StreamId;
  /** Answers messages only: starts no effect and records no decision of its own. */
  isPassive: boolean;
  controls: ControlWatch;
  /** The state has changed or something has ended. */
  onChange: () => void;
  /** The item cannot be driven on in this process (claim lost, storage gone, corrupted stream). */
  onFailure: (error: unknown) => void;
}

export async function openItemDriver(options: ItemDriverOptions): Promise<ItemDriver> {
  const { journal } = options.context;
  const folded = await foldStream(journal, options.stream, itemReducer);
  // An ended item needs none, and retention may have deleted it.
  const team = isFinal(folded.state) ? null : folded.state.team;
  if (team) await ensureForkBranch(options.context, folded.state);
  const driver = new ItemDriver(
    options,
    folded,
    team ? completeTeam(await readJsonBlob<Team>(journal, team)) : null,
  );
  driver.start();
  return driver;
}

/** States: open (turns and effects run) → stopped (nothing is appended any more). */
export class ItemDriver {
  readonly stream: StreamId;
  /** Told to begin, and not at work yet. */
  isBeginning = false;
  readonly #options: ItemDriverOptions;
  readonly #writer: StreamWriter;
  readonly #queue: SerialQueue;
  readonly #seenMessages = new Set<string>();
  readonly #running = new RunningEffects();
  readonly #readPlan: PlanReader;
  #state: ItemState;
  #team: Team | null;
  #snapshotVersion: number;
  #isStopped = false;

  constructor(options: ItemDriverOptions, folded: Folded<ItemState>, team: Team | null) {
    const { context, claim, stream } = options;
    this.#options = options;
    this.stream = stream;
    this.#state = folded.state;
    this.#snapshotVersion = folded.snapshotVersion;
    this.#team = team;
    const { version } = folded;
    const { journal, newId } = context;
    this.#readPlan = createPlanReader(journal);
    this.#writer = createStreamWriter({ journal, newId, claim, stream, version });
    this.#queue = createSerialQueue((error) => this.#fail(error));
  }

  get state(): ItemState {
    return this.#state;
  }

  /** True when no turn is queued and no effect runs. */
  get isIdle(): boolean {
    return this.#queue.isIdle() && this.#running.isEmpty;
  }

  start(): void {
    this.#queue.push(() => this.#goOn());
  }

  /** Messages that it has seen already are left out. */
  receive(messages: readonly InboxMessage[]): void {
    for (const message of messages) {
      if (this.#seenMessages.has(message.id)) continue;
      this.#seenMessages.add(message.id);
      this.#queue.push(async () => {
        if (this.#isStopped) return;
        await this.#makeWay(message);
        const { events, extras } = await answerMessage(this.#options.context, this.#state, message);
        await this.#record(events, message.actor, { ...extras, consumes: [message.id] });
        await this.#goOn();
      });
    }
  }

  /** A person gets the item as it is, with nothing running on it: what runs has ended and is recorded before that. */
  async #makeWay(message: InboxMessage): Promise<void> {
    const request = requestOf(message);
    if (request?.kind !== 'takeover' || !judgeRequest(this.#state, request).ok || !this.#team) return;
    await this.#running.endAll();
    const why = `${request.to} took the item over`;
    const ended = await endRunningSteps(this.#requestOf(this.#team), () => why);
    await this.#record(ended, this.#options.claim.unit);
  }

  /** Goes on when the moment has come that its pause named: a window or a quota has ended. */
  resumeWhenDue(nowMs: number): void {
    if (!isDue(this.#state, nowMs) || !this.#queue.isIdle()) return;
    this.#queue.push(async () => {
      if (this.#isStopped || !isDue(this.#state, nowMs)) return;
      const by = this.#options.claim.unit;
      const data = { by, ceilingMicroUsd: null, account: null };
      await this.#record([{ kind: 'item.resumed', data }], by);
      await this.#goOn();
    });
  }

  /** There is room: begins work on a queued item, and goes on with one that was parked and has been answered. */
  begin(): void {
    if (this.isBeginning) return;
    this.isBeginning = true;
    this.#queue.push(async () => {
      const isFree = !this.#isStopped && this.mayBegin();
      if (isFree && isRequeued(this.#state)) {
        await this.#record([{ kind: 'item.requeued', data: {} }], this.#options.claim.unit);
      } else if (isFree && this.#state.status === 'queued') {
        const { event, team, ledger } = await startItem(this.#options.context, this.#state);
        this.#team = team;
        await this.#record([event], this.#options.claim.unit, { ledger });
      }
      this.isBeginning = false;
      await this.#goOn();
    });
  }

  /** No control is over it. */
  mayBegin(): boolean {
    return this.#controlOver(null) === null;
  }

  /** Ends what is killed at once, has what is paused put down at its next call, and takes up what is let go on. */
  obey(): void {
    this.#running.obey((agent) => this.#controlOver(agent));
    this.#queue.push(() => this.#goOn());
  }

  /** Nothing of what is killed runs any more; of what may not begin nothing is being recorded. */
  isObedient(): boolean {
    const isKilled = (agent: StreamId | null) => this.#controlOver(agent)?.state === 'killed';
    return !this.#running.isAnyOf(isKilled) && (this.#queue.isIdle() || this.mayBegin());
  }

  #controlOver(agent: StreamId | null): Control | null {
    return controlOver(this.#options.controls, this.#state, agent);
  }

  /** Aborts every effect and waits until nothing runs. Nothing is appended after it resolves. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running.endAll(new LeavingError());
    await this.#queue.settled();
  }

  /** After `stop`: what whoever drives next need not fold again. Not needed for anything to be right. */
  async saveSnapshot(): Promise<void> {
    const version = this.#writer.version();
    const folded = { state: this.#state, version, snapshotVersion: this.#snapshotVersion };
    await saveFold(this.#options.context.journal, this.stream, itemReducer, folded);
  }

  async #record(events: readonly ItemEvent[], actor: string, extras: UnitExtras = {}): Promise<void> {
    if (events.length === 0) return;
    // Stored, an event that cannot follow would leave nobody able to read the item ever again: it fails before.
    const after = events.reduce(advance, this.#state);
    const dropped = await postsOfDropped(this.#options.context, this.#state, { events, after });
    const posts = [...(extras.posts ?? []), ...dropped];
    const stored = await this.#writer.append(
      events.map((event) => toNewEvent(event, actor)),
      { ...extras, ...(posts.length > 0 && { posts }) },
    );
    // What is folded is what is stored: text of agents and checks may have had what the journal cannot hold.
    for (const { kind, data } of stored)
      this.#state = advance(this.#state, { kind, data } as unknown as ItemEvent);
    this.#options.onChange();
  }

  /** Records everything that follows from the state by itself, then sees to the effects. */
  async #goOn(): Promise<void> {
    const { context, claim, isPassive } = this.#options;
    while (this.#team && !this.#isStopped && !isPassive) {
      await this.#endKilled(this.#team);
      if (!this.mayBegin()) return this.#syncEffects(this.#team);
      const events = decide(this.#state, this.#team.flow, {
        project: context.project,
        plan: await this.#readPlan(this.#state),
        seats: context.policy.team.seats,
        breaker: context.policy.limits.breaker,
      });
      if (events.length === 0) return this.#syncEffects(this.#team);
      await this.#record(events, claim.unit);
    }
  }

  async #endKilled(team: Team): Promise<void> {
    const { controls, claim } = this.#options;
    const isRunning = (effect: ItemEffect) => this.#running.has(effectKey(effect));
    await this.#record(await endKilledAgents(this.#requestOf(team), controls, isRunning), claim.unit);
  }

  /** For what the item's own turn does, which nothing interrupts. */
  #requestOf(team: Team): EffectRequest {
    const { context, claim } = this.#options;
    const { signal } = new AbortController();
    return { context, claim, team, state: this.#state, controls: openDoor, signal };
  }

  #syncEffects(team: Team): void {
    const effects = inFlight(this.#state, team.flow);
    const wanted = new Map(effects.map((effect) => [effectKey(effect), effect]));
    this.#running.endUnwanted(this.#state, (key) => wanted.has(key));
    for (const [key, effect] of wanted) {
      const agent = agentOf(effect);
      if (this.#running.has(key) || !letsGoOn(this.#controlOver(agent))) continue;
      const run = this.#runnerOf(effect, team);
      if (run) this.#startEffect(key, agent, run);
    }
  }

  /** Null: a landing is carried by the message that was posted with the accept; its answer comes to the inbox. */
  #runnerOf(effect: ItemEffect, team: Team): ((reins: EffectReins) => Promise<Settle | null>) | null {
    const { context, claim } = this.#options;
    const request = { context, claim, team, state: this.#state };
    if (effect.effect === 'runStep') return (reins) => runStep({ ...request, ...reins }, effect);
    return effect.effect === 'judgeGate' ? (reins) => runGate({ ...request, ...reins }, effect) : null;
  }

  #startEffect(
    key: string,
    agent: StreamId | null,
    run: (reins: EffectReins) => Promise<Settle | null>,
  ): void {
    const controller = new AbortController();
    const hold = new AbortController();
    const { signal } = controller;
    const controls = doorOf(this.#options.controls, this.#state, { agent, held: hold.signal });
    const finish = async (settle: Settle | null) => {
      this.#running.remove(key);
      if (this.#isStopped) return;
      if (settle && !signal.aborted) await this.#record(await settle(this.#state), this.#options.claim.unit);
      await this.#goOn();
    };
    const done = run({ signal, controls }).then(
      (settle) => this.#queue.push(() => finish(settle)),
      (error: unknown) => {
        if (signal.aborted) this.#queue.push(() => finish(null));
        else this.#fail(error);
      },
    );
    this.#running.add(key, { agent, controller, hold, done });
  }

  #fail(error: unknown): void {
    if (!this.#isStopped) this.#options.onFailure(error);
  }
}
