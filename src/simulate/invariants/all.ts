/** Every invariant of a world, in the order in which they are asked. */
import type { CreateWatcher } from '../watch.ts';
import { watchAsks } from './asks.ts';
import { watchEnd } from './at-end.ts';
import { watchBlocks } from './blocks.ts';
import { watchCommits } from './commits.ts';
import { watchControls } from './controls.ts';
import { watchFences } from './fences.ts';
import { watchHashChain } from './hash-chain.ts';
import { watchItemLife } from './item-life.ts';
import { watchMoney } from './money.ts';
import { watchWorkspaces } from './one-hand.ts';
import { watchPayments } from './paid-once.ts';
import { watchPlaces } from './places.ts';
import { watchTapes } from './tape-life.ts';
import { watchTarget } from './target.ts';

export const allWatchers: readonly CreateWatcher[] = [
  watchHashChain,
  watchFences,
  watchItemLife,
  watchTapes,
  watchMoney,
  watchPayments,
  watchCommits,
  watchTarget,
  watchWorkspaces,
  watchControls,
  watchAsks,
  watchBlocks,
  watchPlaces,
  watchEnd,
];
