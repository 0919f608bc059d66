/**
 * Deals one kill by the command line, and looks from outside, one and two seconds after the command has returned, whether
 * anything of what was killed still does something; then resumes it and sees it to its end.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { controlStream } from '../../src/controls/control-event.ts';
import type { ProveServer } from '../prove-server.ts';
import { burningProject } from './burning-project.ts';
import { type BurningWorld, openBurningWorld } from './burning-world.ts';
import type { KillCase, Level, Moment } from './kill-case.ts';
import { findEffects, observe } from './observe-effects.ts';

export interface KillResult {
  problems: string[];
  /**
   * From the recorded control to the last worker's word that it is carried out, by the database's clock; where workers came
   * only after it, from when they were ready. Null: none has said it.
   */
  effectMs: number | null;
}

const boundMs = 1_000;

export async function dealKill(server: ProveServer, dealt: KillCase): Promise<KillResult> {
  const world = await openBurningWorld(server);
  try {
    const number = await world.add();
    await reach(world, dealt, number);
    const scope = await nameScope(world, dealt.level, number);
    const killed = await world.command('kill', scope, '--json');
    if (killed.code !== 0) return { problems: [`kill ${scope}: ${killed.out}${killed.err}`], effectMs: null };
    const killComesFirst = dealt.moment === 'queued';
    if (killComesFirst) await world.startWorkers(dealt.workers);
    const readyAtMs = killComesFirst ? Date.now() : 0;
    const problems = await lookAfter(world);
    const effectMs = await measureEffect(world, readyAtMs);
    return { problems: [...problems, ...(await bringToAnEnd(world, dealt, { number, scope }))], effectMs };
  } finally {
    await world.close();
  }
}

/** Resolves in the middle of it. */
async function reach(world: BurningWorld, { moment, workers }: KillCase, number: number): Promise<void> {
  if (moment === 'queued') return;
  const isLanding = moment === 'landing';
  if (!isLanding) world.burn(moment);
  world.model.keepBusy(moment);
  await world.startWorkers(workers);
  if (isLanding) {
    await world.until('a ready item', async () => (await world.item(number)).status === 'ready');
    world.burn(moment);
    await world.accept(number);
  }
  await world.until(`the middle of: ${moment}`, () => isInTheMiddle(world, moment, number));
  if (moment === 'paused') await world.command('pause', String(number));
}

async function isInTheMiddle(world: BurningWorld, moment: Moment, number: number): Promise<boolean> {
  switch (moment) {
    case 'model call':
      return world.model.count() > 0;
    case 'waiting for retry':
      return (await countTaped(world, 'model.call_failed')) > 0;
    case 'write':
    case 'between calls':
    case 'paused':
      return (await countTaped(world, 'tool.call_finished')) > 2;
    case 'command':
    case 'set-up':
    case 'gate':
    case 'landing':
      return existsSync(`${world.flag}.started`);
    case 'queued':
      return (await world.item(number)).status === 'queued';
  }
}

async function countTaped({ journal }: BurningWorld, kind: string): Promise<number> {
  const events = await journal.readAll({ after: 0, limit: 100_000 });
  return events.filter((event) => event.kind === kind).length;
}

async function nameScope(world: BurningWorld, level: Level, number: number): Promise<string> {
  switch (level) {
    case 'mesh':
      return 'mesh';
    case 'cluster':
      return 'cluster:main';
    case 'item':
      return String(number);
    case 'agent': {
      const steps = Object.keys((await world.item(number)).phase?.steps ?? {});
      return `agent:${number}/${steps[0]}`;
    }
  }
}

async function lookAfter(world: BurningWorld): Promise<string[]> {
  const subject = { home: world.home, journal: world.journal, modelRequests: () => world.model.count() };
  await delay(boundMs);
  const first = await observe(subject);
  await delay(boundMs);
  return findEffects(first, await observe(subject));
}

async function measureEffect({ journal }: BurningWorld, readyAtMs: number): Promise<number | null> {
  const events = await journal.read(controlStream(burningProject));
  const laid = events.findLast(({ data }) => data.state === 'killed');
  const last = events.findLast(({ kind }) => kind === 'control.obeyed');
  if (!laid || !last || last.version < laid.version) return null;
  return Math.max(0, Date.parse(last.at) - Math.max(readyAtMs, Date.parse(laid.at)));
}

/** What was killed waits for a person, says so, and comes to its end when it is resumed; nobody's money is left behind. */
async function bringToAnEnd(
  world: BurningWorld,
  { moment, workers }: KillCase,
  { number, scope }: { number: number; scope: string },
): Promise<string[]> {
  const problems: string[] = [];
  const status = await world.command('status');
  if (!status.out.includes('sarah-pm')) problems.push(`status does not say who did it: ${status.out}`);
  world.burn(null);
  world.model.keepBusy(null);
  const resumed = await world.command('resume', scope);
  if (resumed.code !== 0) problems.push(`resume ${scope}: ${resumed.out}${resumed.err}`);
  // The pause that was there before is a control of its own, unless the kill took its place.
  if (moment === 'paused' && scope !== String(number)) await world.command('resume', String(number));
  const end = moment === 'landing' ? 'landed' : 'ready';
  await world.until(`an item that is ${end} again (${workers} workers)`, async () => {
    return (await world.item(number)).status === end;
  });
  const held = await world.journal.reservations(burningProject, { state: 'held' });
  if (held.length > 0) problems.push(`${held.length} reservations are still held`);
  return problems;
}
