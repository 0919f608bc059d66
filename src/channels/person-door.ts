/** What comes in from people, whatever the channel: who says what about which question or approval. How it is written is inbound-requests.ts. */
import type { Handle } from '../policy/stakeholders.ts';

export interface Incoming {
  /** `Q-7` or `A-2`. */
  ask: string;
  by: Handle;
  /** The channel's name. */
  via: string;
  saying: Saying;
}

export type Saying =
  /** As they typed it. `hash`: of the action that they were shown, for an approval. */
  | { does: 'text'; text: string; hash: string | null }
  | { does: 'answer'; option: number; hash: string | null }
  | { does: 'acknowledge' }
  /** To be asked which kind it is. */
  | { does: 'not_mine' }
  | { does: 'reroute'; kind: string };

export interface Heard {
  /** One line for whoever said it. */
  line: string;
  isAccepted: boolean;
  /** Kinds to choose from, when that is what is missing. */
  kinds: readonly string[];
}

export interface PersonDoor {
  /** Rejects only when it could not be written; then it may be said again. */
  hear(incoming: Incoming): Promise<Heard>;
  /** Null: nobody of that member id is listed. */
  handleOfSlack(memberId: string): Promise<Handle | null>;
  /** Null: it is not among the people. */
  listed(handle: string): Promise<Handle | null>;
}
