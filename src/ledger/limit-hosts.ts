/** How many connections to a host are made per minute, over all cells and worker processes. Who opens them is not its matter. */
import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { RateBuckets } from './rate-bucket.ts';

/**
 * Resolves when one more connection may be made; the log says of every wait what for. `hosts`: host name in small letters →
 * connections per minute; one that is not named is not limited.
 */
export function limitHosts(
  hosts: Readonly<Record<string, number>>,
  buckets: RateBuckets,
  log: Pick<Log, 'info'>,
  clock: Pick<Clock, 'sleep'> = systemClock,
): (host: string) => Promise<void> {
  return async (host) => {
    const perMinute = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
    if (perMinute === undefined) return;
    const waitMs = await buckets.take(`host:${host}`, { perMinute, amount: 1 });
    if (waitMs <= 0) return;
    log.info('waits: so many connections per minute to this host', { host, perMinute, waitMs });
    await clock.sleep(waitMs);
  };
}
