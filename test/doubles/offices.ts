/** Where an agent's gateway asks people, for tests: nothing is stored, and answers are what the test says. */
import { canonicalJson } from '../../src/base/json.ts';
import type { ApprovalDoor, Passage } from '../../src/gateway/approval-door.ts';
import type { AskState, QuestionDoor } from '../../src/gateway/question-door.ts';

const well = { ok: true, key: { kind: 'k', topic: 'a.b', scope: 'mesh' }, text: {} as never } as const;

export interface QuestionOffice {
  door: QuestionDoor;
  /** By the key of their call. */
  questions: ReadonlyMap<string, AskState>;
  settle(ask: string, text: string): void;
  /** Runs when a question is open, before anybody hears of it. */
  after: { opening: () => void };
}

/** Opens a question per key, as the journal does. */
export function questionOffice(): QuestionOffice {
  const questions = new Map<string, AskState>();
  const after = { opening: () => {} };
  const door: QuestionDoor = {
    read: async () => well,
    recall: async () => null,
    open: async (call) => {
      const ask = `Q-${questions.size + 1}`;
      const state = questions.get(call) ?? { isOpen: true, ask, mode: 'wait', of: '@sarah-pm' };
      questions.set(call, state);
      after.opening();
      return state;
    },
    stateOf: async (ask) => {
      const state = [...questions.values()].find((each) => each.ask === ask);
      if (state === undefined) throw new Error(`no ${ask}`);
      return state;
    },
  };
  const settle = (ask: string, text: string) => {
    for (const [call, state] of questions)
      if (state.ask === ask) questions.set(call, { isOpen: false, ask, text });
  };
  return { door, questions, settle, after };
}

interface Approval {
  ask: string;
  state: 'open' | 'approved' | 'denied' | 'used';
}

export interface ApprovalOffice {
  door: ApprovalDoor;
  known: ReadonlyMap<string, Approval>;
  rule(ask: string, state: 'approved' | 'denied'): void;
}

/** One approval per call, used up at its first passage, as the journal keeps them. */
export function approvalOffice(): ApprovalOffice {
  const known = new Map<string, Approval>();
  const door: ApprovalDoor = {
    pass: async (call): Promise<Passage> => {
      const key = canonicalJson({ call: call.id, tool: call.tool, input: call.input });
      const approval = known.get(key) ?? { ask: `A-${known.size + 1}`, state: 'open' as const };
      known.set(key, approval);
      const { ask, state } = approval;
      if (state === 'denied') return { state: 'refused', why: `@sarah-pm denied it (${ask})` };
      if (state === 'open') return { state: 'waits', ask };
      approval.state = 'used';
      return state === 'used' ? { state: 'unknown', ask } : { state: 'passed', ask };
    },
  };
  const rule = (ask: string, state: 'approved' | 'denied') => {
    for (const approval of known.values()) if (approval.ask === ask) approval.state = state;
  };
  return { door, known, rule };
}
