/** Keeps a channel's ear open: begins again whenever it ended or could not begin, until closed, and tells whoever runs the worker. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import type { ChannelSurroundings } from './open-channel.ts';

const firstWaitMs = 1_000;
const longestWaitMs = 60_000;
/** A hiccup is nobody's business. */
const failuresUntilTold = 2;

/**
 * Never rejects.
 * @param listen calls `begun` when it listens; settles when it does no more
 */
export async function keepListening(
  name: string,
  listen: (begun: () => void) => Promise<void>,
  { log, onNotice, closing }: Pick<ChannelSurroundings, 'log' | 'onNotice'> & { closing: AbortSignal },
): Promise<void> {
  let failures = 0;
  const begun = () => {
    log.info(`${name}: listens to what people answer`);
    if (failures >= failuresUntilTold) onNotice(`${name} is back: answers are heard again`);
    failures = 0;
  };
  while (!closing.aborted) {
    try {
      await listen(begun);
    } catch (error) {
      if (closing.aborted) return;
      failures += 1;
      log.warn(`${name}: cannot listen (${messageOf(error)})`);
      if (failures === failuresUntilTold)
        onNotice(
          `${name}: no answer is heard there (${messageOf(error)}); it is tried again, and \`meshwright answer\` works all the same`,
        );
    }
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, Math.min(failures, 10) - 1));
    await delay(waitMs, undefined, { signal: closing }).catch(() => {});
  }
}
