/** Which kills are dealt: on what, in the middle of what, beside how many workers. Data, and the order of it. */

/** In the middle of what the kill comes. */
export type Moment =
  /** The provider has the request and has not answered. */
  | 'model call'
  /** The provider said to come back much later. */
  | 'waiting for retry'
  /** One short call after the other: wherever it happens to be. */
  | 'between calls'
  /** Files are written, one call each. */
  | 'write'
  /** A command that ignores SIGTERM, and a child of it in a session of its own, both at work. */
  | 'command'
  /** The same, in the set-up of the agent's workspace, */
  | 'set-up'
  /** as a check of a gate, */
  | 'gate'
  /** and as a check of what would land. */
  | 'landing'
  /** Nothing has begun yet. */
  | 'queued'
  /** It was paused before. */
  | 'paused';

export type Level = 'agent' | 'item' | 'cluster' | 'mesh';

export interface KillCase {
  moment: Moment;
  level: Level;
  workers: 1 | 2;
}

const levels: readonly Level[] = ['agent', 'item', 'cluster', 'mesh'];
const moments: readonly Moment[] = [
  'model call',
  'waiting for retry',
  'between calls',
  'write',
  'command',
  'set-up',
  'gate',
  'landing',
  'queued',
  'paused',
];
/** No agent does these. */
const withoutAgent: readonly Moment[] = ['gate', 'landing', 'queued'];
/** Dealt once more beside a second worker. */
const withTwoWorkers: readonly Moment[] = ['model call', 'command', 'gate', 'landing'];

function on(moment: Moment, workers: KillCase['workers']): KillCase[] {
  return levels
    .filter((level) => level !== 'agent' || !withoutAgent.includes(moment))
    .map((level) => ({ moment, level, workers }));
}

/** Fifty-one of them. */
export const killCases: readonly KillCase[] = [
  ...moments.flatMap((moment) => on(moment, 1)),
  ...withTwoWorkers.flatMap((moment) => on(moment, 2)),
];

/** Each level once, where most can go wrong. */
export const sampleCases: readonly KillCase[] = [
  { moment: 'command', level: 'agent', workers: 1 },
  { moment: 'model call', level: 'item', workers: 2 },
  { moment: 'landing', level: 'cluster', workers: 1 },
  { moment: 'set-up', level: 'mesh', workers: 1 },
];

export function describeCase({ moment, level, workers }: KillCase): string {
  return `${level}, ${moment}${workers === 2 ? ', two workers' : ''}`;
}
