/** A journal whose process can die: from then on nothing is read or written through it any more, as after a SIGKILL. */
import type { Journal } from '../../src/journal/journal.ts';
import type { Unit } from '../../src/journal/unit.ts';
import { connectClient } from '../../src/postgres/connect.ts';

export interface MortalJournal {
  journal: Journal;
  die(): void;
}

/** `diesAt`: the process ends when it is about to store such a unit; the unit is lost. */
export function createMortalJournal(
  living: Journal,
  diesAt: (unit: Unit) => boolean = () => false,
): MortalJournal {
  let isDead = false;
  const dead = () => Promise.reject(new Error('this process is dead'));
  const append: Journal['append'] = (unit) => {
    if (diesAt(unit)) isDead = true;
    return isDead ? dead() : living.append(unit);
  };
  const journal = new Proxy(living, {
    get(target, name: keyof Journal) {
      if (name === 'append') return append;
      if (!isDead || name === 'close') return target[name];
      return name === 'onWake' ? () => () => {} : dead;
    },
  });
  return {
    journal,
    die() {
      isDead = true;
    },
  };
}

/** As if the leases' time had passed. */
export async function expireLeases(url: string): Promise<void> {
  const client = await connectClient(url, { applicationName: 'meshwright test' });
  try {
    await client.query(
      `update meshwright.claim_unit set lease_until = clock_timestamp() - interval '1 second' where owner is not null`,
    );
  } finally {
    await client.end();
  }
}
