/** Names of ledger accounts. A reservation names every account that it must fit in, from the agent's outwards. */
import type { StreamId } from '../journal/event.ts';

/** What one item may spend, over all its agents and attempts. */
export function itemAccount(project: string, number: number): string {
  return `item:${project}/${number}`;
}

/** What one agent run may spend; named by the agent's stream, so a new attempt has a new account. */
export function agentAccount(stream: StreamId): string {
  return stream;
}
