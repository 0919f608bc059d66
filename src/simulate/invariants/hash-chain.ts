/** Every event continues its stream: next version, next position, and a hash over the one before it. */
import { expectedHash, ZERO_HASH } from '../../journal/hash-chain.ts';
import type { CreateWatcher } from '../watch.ts';

export const watchHashChain: CreateWatcher = (watched) => {
  const heads = new Map<string, { version: number; hash: string; at: string }>();
  let position = 0;
  return {
    onEvent(event) {
      const head = heads.get(event.stream) ?? { version: 0, hash: ZERO_HASH, at: '' };
      const isNext = event.version === head.version + 1 && event.position === position + 1;
      if (!isNext || event.at < head.at || expectedHash(event, head.hash) !== event.hash) {
        watched.violate('hash chain', `${event.stream} ${event.version} does not continue its stream`);
      }
      position = event.position;
      heads.set(event.stream, { version: event.version, hash: event.hash, at: event.at });
    },
  };
};
