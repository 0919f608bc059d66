/**
 * The claim units that one worker holds: claims what is due or was left by the dead, keeps each one's driver, and lets go of
 * one that is lost. A unit is claimed again only after its old driver has put everything down.
 */
import type { ControlWatch } from '../controls/control-watch.ts';
import type { StreamId } from '../journal/event.ts';
import { FencedError } from '../journal/fenced-error.ts';
import { type Claim, type ClaimHolder, dueAtOnce } from '../journal/journal.ts';
import { outboxStream } from '../outbox/outbox-event.ts';
import { guardEffects } from './guard-effects.ts';
import { createLeases, type Leases, leaseMs, momentOf } from './lease.ts';
import { drivableKinds, hostBoundKinds, openUnitDriver } from './open-unit.ts';
import type { Scope, UnitDriver } from './unit-driver.ts';
import type { WorkerContext } from './worker-context.ts';

export interface HeldUnitsOptions {
  context: WorkerContext;
  scope: Scope;
  controls: ControlWatch;
  onChange: () => void;
  onNotice: (line: string) => void;
  /** Of a driver, other than the loss of its claim. */
  onFailure: (error: unknown) => void;
}

export class HeldUnits {
  readonly #options: HeldUnitsOptions;
  readonly #units = new Map<StreamId, UnitDriver>();
  readonly #stopping = new Set<Promise<void>>();
  /** What this version cannot drive; given back, and not asked for again. */
  readonly #foreign = new Set<StreamId>();
  readonly #leases: Leases;

  constructor(options: HeldUnitsOptions) {
    const { clock, journal } = options.context;
    this.#options = options;
    this.#leases = createLeases({ clock, journal, onLost: (unit) => this.#letGo(unit) });
  }

  /** Claims everything that can be claimed now; true when there was something. */
  async claimAll(): Promise<boolean> {
    const { journal, project, owner, host, log } = this.#options.context;
    const request = { owner, host, leaseMs, project, kinds: drivableKinds, hostBoundKinds };
    await Promise.all(this.#stopping);
    let isAny = false;
    const holders = await journal.claimHolders(project);
    for (const { unit, owner: holder } of holders.filter((each) => this.#isVoid(each))) {
      log.warn('takes over from a worker that is dead', { unit, holder });
      const asked = { ...request, voidOwners: [holder] };
      isAny = (await this.#take(() => journal.claimUnit(unit, asked))) || isAny;
    }
    while (await this.#take(() => journal.claim(request))) isAny = true;
    for (const unit of this.#freeOutboxes(holders)) {
      const asked = { ...request, kinds: ['outbox'], voidOwners: this.#voidOwners(holders, unit) };
      isAny = (await this.#take(() => journal.claimUnit(unit, asked))) || isAny;
    }
    return isAny;
  }

  async tickAll(): Promise<void> {
    for (const unit of [...this.#units.values()]) {
      await unit.tick().catch((error: unknown) => this.#failed(unit.claim.unit, error));
    }
  }

  isIdle(): boolean {
    return this.#stopping.size === 0 && [...this.#units.values()].every((unit) => unit.isIdle());
  }

  /** When something that is held has to be looked at although nothing arrives; null: never. */
  dueAtMs(): number | null {
    const moments = [...this.#units.values()].flatMap((unit) => unit.dueAtMs() ?? []);
    return moments.length > 0 ? Math.min(...moments) : null;
  }

  /** The controls have changed. */
  obey(): void {
    for (const unit of this.#units.values()) unit.obey();
  }

  /** Nothing of what is killed runs in this worker. */
  isObedient(): boolean {
    return this.#stopping.size === 0 && [...this.#units.values()].every((unit) => unit.isObedient());
  }

  /** Renews the leases until the signal aborts. */
  keepLeases(signal: AbortSignal): Promise<void> {
    return this.#leases.keep(signal);
  }

  /** Stops every driver; nothing is held any more, as far as this process knows. */
  async dropAll(): Promise<void> {
    for (const unit of [...this.#units.keys()]) this.#letGo(unit);
    await Promise.all(this.#stopping);
  }

  /** Stops every driver and gives the units back. */
  async giveBackAll(): Promise<void> {
    const { journal, log } = this.#options.context;
    const all = [...this.#units.values()];
    await Promise.all([...all.map((unit) => unit.stop()), ...this.#stopping]);
    await Promise.all(
      all.map((unit) =>
        journal
          .release(unit.claim, wakeTimeOf(unit))
          .catch((error: unknown) => log.warn('could not give back', { err: error, unit: unit.claim.unit })),
      ),
    );
    for (const { claim } of all) this.#leases.drop(claim);
  }

  /** What is held by a process that is dead, or by this one without knowing it (the answer to its claim was lost). */
  #isVoid(holder: ClaimHolder): boolean {
    const { owner, isOwnerDead } = this.#options.context;
    return holder.owner === owner
      ? this.#units.get(holder.unit)?.claim.fence !== holder.fence
      : isOwnerDead(holder.owner);
  }

  /**
   * Of the channels that this worker has, those whose outbox nobody drives. They are held as long as the worker runs: a message
   * then goes out at once, and a worker without the channel never has to put it back.
   */
  #freeOutboxes(holders: readonly ClaimHolder[]): StreamId[] {
    const { channels, project, clock } = this.#options.context;
    const isHeld = (unit: StreamId) =>
      this.#units.has(unit) ||
      this.#foreign.has(unit) ||
      holders.some(
        (each) => each.unit === unit && !this.#isVoid(each) && Date.parse(each.leaseUntil) > clock.now(),
      );
    return channels.map(({ name }) => outboxStream(project, name)).filter((unit) => !isHeld(unit));
  }

  #voidOwners(holders: readonly ClaimHolder[], unit: StreamId): string[] {
    return holders.filter((each) => each.unit === unit && this.#isVoid(each)).map(({ owner }) => owner);
  }

  async #take(ask: () => Promise<Claim | undefined>): Promise<boolean> {
    const { context, scope, controls, onChange, onNotice } = this.#options;
    const askedAt = momentOf(context.clock);
    const claim = await ask();
    if (!claim) return false;
    this.#leases.hold(claim, askedAt);
    // As they are once the claim stands: what was laid on before is known before anything begins.
    await controls.refresh();
    const driver = await openUnitDriver({
      context: guardEffects(context, () => this.#leases.assertHeld(claim)),
      claim,
      scope,
      controls,
      onChange,
      onNotice,
      onFailure: (error) => this.#failed(claim.unit, error),
    });
    if (driver) this.#units.set(claim.unit, driver);
    else {
      this.#foreign.add(claim.unit);
      this.#leases.drop(claim);
      await context.journal.release(claim, null);
    }
    return true;
  }

  #failed(unit: StreamId, error: unknown): void {
    if (error instanceof FencedError) this.#letGo(unit);
    else this.#options.onFailure(error);
  }

  #letGo(unit: StreamId): void {
    const { log } = this.#options.context;
    const driver = this.#units.get(unit);
    if (!driver) return;
    this.#units.delete(unit);
    this.#leases.drop(driver.claim);
    log.warn('stops driving: its claim is lost', { unit });
    const stopped = driver.stop().catch((error: unknown) => log.warn('stopped badly', { err: error, unit }));
    this.#stopping.add(stopped);
    void stopped.finally(() => this.#stopping.delete(stopped));
    this.#options.onChange();
  }
}

/** Whoever is there then claims it. */
function wakeTimeOf(unit: UnitDriver): string | null {
  if (unit.isDue()) return dueAtOnce;
  const dueAtMs = unit.dueAtMs();
  return dueAtMs === null ? null : new Date(dueAtMs).toISOString();
}
