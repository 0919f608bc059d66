/** Looks at an account's row over and over through a connection of its own, as an outsider who trusts nobody would. */
import { connectClient } from '../../src/postgres/connect.ts';

export interface AccountWatch {
  /** Ends the watching; what was seen, the last look after everything was over included. */
  stop(): Promise<Seen>;
}

export interface Seen {
  sampleCount: number;
  /** Looks that saw something spent or reserved for the first time or changed since the look before. */
  changeCount: number;
  /** The most that was spent and reserved together at any look. */
  mostMicroUsd: number;
  spentMicroUsd: number;
  reservedMicroUsd: number;
}

export async function watchAccount(url: string, account: string): Promise<AccountWatch> {
  const client = await connectClient(url, { applicationName: 'meshwright test watch' });
  const seen: Seen = {
    sampleCount: 0,
    changeCount: 0,
    mostMicroUsd: 0,
    spentMicroUsd: 0,
    reservedMicroUsd: 0,
  };
  let isStopped = false;

  async function look(): Promise<void> {
    const { rows } = await client.query<{ spent: number; reserved: number }>(
      'select spent_micro_usd as spent, reserved_micro_usd as reserved from meshwright.account where id = $1',
      [account],
    );
    const { spent = 0, reserved = 0 } = rows[0] ?? {};
    if (spent !== seen.spentMicroUsd || reserved !== seen.reservedMicroUsd) seen.changeCount += 1;
    seen.sampleCount += 1;
    seen.spentMicroUsd = spent;
    seen.reservedMicroUsd = reserved;
    seen.mostMicroUsd = Math.max(seen.mostMicroUsd, spent + reserved);
  }

  const watching = (async () => {
    while (!isStopped) await look();
    await look();
  })();
  return {
    async stop() {
      isStopped = true;
      try {
        await watching;
      } finally {
        await client.end();
      }
      return seen;
    },
  };
}
