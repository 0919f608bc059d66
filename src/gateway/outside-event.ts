/**
 * What an outside agent's tape holds beside its model calls and its calls of our tools: its sessions, what it was asked, what it
 * said it did with tools of its own, and what it was permitted. Said by the agent itself, so material and no proof.
 */

export type OutsideEvent =
  /** `agent`: its name in the policy; `program` and `version`: what it calls itself. */
  | {
      kind: 'outside.session_started';
      data: { agent: string; program: string; version: string; session: string; isMetered: boolean };
    }
  /** A turn begins. `text` is packed. */
  | { kind: 'outside.prompted'; data: { text: string } }
  | { kind: 'outside.said'; data: { text: string } }
  /** A tool of its own, once it has ended. */
  | { kind: 'outside.tool_reported'; data: { id: string; tool: string; about: string; isFailed: boolean } }
  /** It asked before it used a tool of its own. `rule`: what decided. */
  | {
      kind: 'outside.permission_judged';
      data: { id: string; tool: string; about: string; isAllowed: boolean; rule: string; reason: string };
    }
  /** `stop`: why, in the protocol's word; `broken` when there was no answer, with the reason in `message`. */
  | { kind: 'outside.turn_ended'; data: { stop: string; message: string } };

/** An outside agent's part of the tape. */
export interface OutsideTape {
  sessions: number;
  turns: number;
  /** What the first turn was asked, the assembled prompt in it; null: no turn began. */
  firstPrompt: string | null;
  /** Since the latest turn began. */
  lastWords: string;
}

export const emptyOutsideTape: OutsideTape = { sessions: 0, turns: 0, firstPrompt: null, lastWords: '' };

export function applyOutsideEvent(state: OutsideTape, event: OutsideEvent): OutsideTape {
  switch (event.kind) {
    case 'outside.session_started':
      return { ...state, sessions: state.sessions + 1 };
    case 'outside.prompted': {
      const { text } = event.data;
      return {
        ...state,
        turns: state.turns + 1,
        firstPrompt: state.firstPrompt ?? text,
        lastWords: '',
      };
    }
    case 'outside.said':
      return { ...state, lastWords: event.data.text };
    case 'outside.tool_reported':
    case 'outside.permission_judged':
    case 'outside.turn_ended':
      return state;
  }
}
