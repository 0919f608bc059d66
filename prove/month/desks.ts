/**
 * The workers of a month: the product's own drivers of the mesh and of the outboxes, in a process that dies now and then at
 * whatever it is doing, and is started again.
 */
import { silentLog } from '../../src/base/log.ts';
import { ControlWatch } from '../../src/controls/control-watch.ts';
import { streamId } from '../../src/journal/event.ts';
import type { Claim } from '../../src/journal/journal.ts';
import { openMemory } from '../../src/memory/memory-store.ts';
import { outboxStream } from '../../src/outbox/outbox-event.ts';
import type { Channel } from '../../src/questions/channel.ts';
import { nothingHeld } from '../../src/secrets/held-secrets.ts';
import { openMeshDriver } from '../../src/worker/drive-mesh.ts';
import { openOutboxDriver } from '../../src/worker/drive-outbox.ts';
import type { UnitDriver, UnitOptions } from '../../src/worker/unit-driver.ts';
import { createWake } from '../../src/worker/wake.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { hourMs } from './office.ts';
import { type Entrance, project, type World } from './world.ts';

export interface DeskHooks {
  /** The channels of one process, whose calls may be its last. */
  channelsOf: (entrance: Entrance) => Channel[];
  onDown: (nowMs: number) => void;
  onUp: (nowMs: number) => void;
  /** The product failed. */
  onFailure: (error: unknown) => void;
}

/** Longer than any month: who is dead is known. */
const leaseMs = 1_000 * hourMs;

export class Desks {
  readonly #world: World;
  readonly #hooks: DeskHooks;
  readonly #deathChance: number;
  readonly #dead: string[] = [];
  #isEnding = false;
  deaths = 0;

  constructor(world: World, deathChance: number, hooks: DeskHooks) {
    this.#world = world;
    this.#hooks = hooks;
    this.#deathChance = deathChance;
  }

  start(): void {
    const random = this.#world.random('restart', this.deaths);
    const entrance = this.#world.enter('desk', {
      deathChance: this.#deathChance,
      onDeath: () => {
        this.deaths += 1;
        this.#dead.push(entrance.process.name);
        this.#hooks.onDown(this.#world.nowMs());
        if (!this.#isEnding)
          this.#world.scheduler.after(random.between(500, 90_000) * 1000, () => this.start());
      },
    });
    this.#run(entrance).catch((error: unknown) => this.#hooks.onFailure(error));
  }

  end(): void {
    this.#isEnding = true;
  }

  async #run(entrance: Entrance): Promise<void> {
    const { process, journal } = entrance;
    const wake = createWake(process.clock);
    journal.onWake(wake.ring);
    const controls = new ControlWatch(journal, project, () => {});
    const drivers = await this.#openDrivers(entrance, controls, wake.ring);
    for (let isFirst = true; process.isAlive; isFirst = false) {
      await controls.refresh();
      for (const driver of drivers) await driver.tick();
      if (isFirst) this.#hooks.onUp(this.#world.nowMs());
      const dues = drivers.flatMap((driver) => driver.dueAtMs() ?? []);
      const waitMs = Math.min(hourMs, ...dues.map((due) => due - process.clock.now()));
      await wake.wait(Math.max(0, waitMs));
    }
  }

  async #openDrivers(
    entrance: Entrance,
    controls: ControlWatch,
    onChange: () => void,
  ): Promise<UnitDriver[]> {
    const { journal, process } = entrance;
    const channels = this.#hooks.channelsOf(entrance);
    const context = this.#contextOf(entrance, channels);
    const claim = async (unit: Claim['unit']): Promise<UnitOptions> => {
      const request = { owner: process.name, host: 'office', leaseMs, project, voidOwners: this.#dead };
      const claimed = await journal.claimUnit(unit, request);
      if (!claimed) throw new Error(`${process.name} could not claim ${unit}`);
      const { onFailure } = this.#hooks;
      return {
        context,
        claim: claimed,
        scope: { items: null, requestsOnly: false },
        controls,
        onChange,
        onNotice: () => {},
        onFailure,
      };
    };
    const drivers = [await openMeshDriver(await claim(streamId('mesh', project)))];
    for (const { name } of channels) {
      const outbox = await openOutboxDriver(await claim(outboxStream(project, name)));
      if (outbox) drivers.push(outbox);
    }
    return drivers;
  }

  /** What the two drivers use of a worker's context. */
  #contextOf({ process, journal, newId }: Entrance, channels: Channel[]): WorkerContext {
    const used: Partial<WorkerContext> = {
      journal,
      clock: process.clock,
      newId,
      log: silentLog,
      project,
      owner: process.name,
      host: 'office',
      stakeholders: async () => this.#world.stakeholders,
      channels,
      memory: openMemory(journal, project),
      secrets: nothingHeld,
    };
    return used as WorkerContext;
  }
}
