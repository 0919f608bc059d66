import { describe, expect, it } from 'vitest';
import { streamId } from '../journal/event.ts';
import { builtInTiers } from '../policy/approval-tiers.ts';
import { unwrittenStakeholders } from '../policy/no-stakeholders.ts';
import { unknownPerson } from '../policy/route-of.ts';
import type { ApprovalTier, Stakeholders } from '../policy/stakeholders.ts';
import type { ApprovalEvent } from './approval-event.ts';
import { type ApprovalState, applyApproval } from './approval-state.ts';
import { type ApprovalFacts, decideApproval } from './decide-approval.ts';
import { type ApprovalAnswer, judgeApproval, judgeUse } from './judge-approval.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 10, 2);
const sarah = '@sarah-pm';
const alex = '@alex-engineering-lead';
const agent = streamId('agent', 'orders', 3, 'build/T1/developer', 1, 1);

const tier: ApprovalTier = {
  name: 'infrastructure',
  approvers: [sarah, alex],
  peopleCount: 2,
  windowMs: 48 * hourMs,
  channel: null,
};
const stakeholders: Stakeholders = {
  ...unwrittenStakeholders,
  isWritten: true,
  engineeringLead: alex,
  people: { [sarah]: { ...unknownPerson(sarah), deputy: '@marketing-ops' }, [alex]: unknownPerson(alex) },
  approvalTiers: { infrastructure: tier },
};

const requested: ApprovalEvent = {
  kind: 'approval.requested',
  data: {
    number: 2,
    asker: {
      item: 3,
      title: 'Export',
      cluster: 'main',
      step: 'build/T1/developer',
      role: 'developer',
      agent,
      call: 'c1',
    },
    tier,
    action: 'blob',
    actionHash: 'a'.repeat(64),
    line: 'run deploy',
    rule: 'ask Bash(deploy:*) of the policy',
    expiresAt: at(48),
  },
};

function at(hours: number): string {
  return new Date(startMs + hours * hourMs).toISOString();
}

function after(state: ApprovalState | null, events: readonly ApprovalEvent[]): ApprovalState {
  const done = events.reduce((now, event) => applyApproval(now, event, at(0)), state);
  if (!done) throw new Error('nothing happened');
  return done;
}

const open = after(null, [requested]);

function decide(state: ApprovalState, hours: number, facts: Partial<ApprovalFacts> = {}) {
  let ids = 0;
  const decided = decideApproval(state, {
    nowMs: startMs + hours * hourMs,
    stakeholders,
    roomOf: () => 5,
    channelsOf: () => ['slack'],
    newId: () => {
      ids += 1;
      return `${hours}.${ids}`;
    },
    ...facts,
  });
  const { nextDueAtMs } = decided;
  const dueHours = nextDueAtMs === null ? null : (nextDueAtMs - startMs) / hourMs;
  return { events: decided.events, dueHours, state: after(state, decided.events) };
}

function answer(by: string, hours: number, more: Partial<ApprovalAnswer> = {}): ApprovalAnswer {
  const nowMs = startMs + hours * hourMs;
  return {
    by,
    via: 'slack',
    verdict: 'approve',
    actionHash: open.actionHash,
    why: '',
    nowMs,
    stakeholders,
    ...more,
  };
}

function approved(state: ApprovalState, by: string, hours: number): ApprovalState {
  const { events, refused } = judgeApproval(state, answer(by, hours));
  if (refused !== null) throw new Error(refused);
  return after(state, events);
}

function whom(events: readonly ApprovalEvent[]) {
  return events.flatMap((event) =>
    event.kind === 'approval.notified' ? [`${event.data.why} ${event.data.to.join(' ')}`] : [event.kind],
  );
}

describe('an approval in time', () => {
  it('is told to every approver at once, in every channel, and then waits for half of its window', () => {
    const told = decide(open, 0);
    expect(told.events).toEqual([
      {
        kind: 'approval.notified',
        data: {
          to: [sarah, alex],
          why: 'asked',
          urgency: 0,
          deliveries: [
            { id: 'A-2/0.1', channel: 'slack', to: sarah },
            { id: 'A-2/0.2', channel: 'slack', to: alex },
          ],
        },
      },
    ]);
    expect(told.dueHours).toBe(24);
    expect(decide(told.state, 1).events).toEqual([]);
  });

  it('reminds once, and only those who have not said yes', () => {
    const told = approved(decide(open, 0).state, alex, 1);
    const reminded = decide(told, 24);
    expect(whom(reminded.events)).toEqual([`reminder ${sarah}`]);
    expect(reminded.state.urgency).toBe(1);
    expect(decide(reminded.state, 25).events).toEqual([]);
  });

  it('is asked anew at the end of every window, for ever, and never ends by itself', () => {
    let state = decide(open, 0).state;
    for (let round = 1; round <= 50; round += 1) {
      const anew = decide(state, 48 * round);
      expect(whom(anew.events)).toEqual(['approval.lapsed', `asked ${sarah} ${alex}`]);
      expect([anew.state.status, anew.state.expiresAt]).toEqual(['open', at(48 * (round + 1))]);
      state = anew.state;
    }
  });

  it('lapses when a yes was not used in its window: that yes counts no more, the other one still does', () => {
    const granted = approved(approved(decide(open, 0).state, alex, 1), sarah, 20);
    expect(granted.status).toBe('granted');
    expect(decide(granted, 48).events).toEqual([]);
    const lapsed = decide(granted, 49);
    expect(lapsed.events[0]).toEqual({ kind: 'approval.lapsed', data: { by: [alex], expiresAt: at(97) } });
    expect(whom(lapsed.events.slice(1))).toEqual([`asked ${alex}`]);
    expect(lapsed.state.yeses.map(({ by }) => by)).toEqual([sarah]);
    expect(approved(lapsed.state, alex, 50).status).toBe('granted');
  });

  it('does not go to people beyond their attention: to a deputy who has room, else when they have', () => {
    const room = (rooms: Record<string, number>) => ({ roomOf: (person: string) => rooms[person] ?? 0 });
    const told = decide(open, 0, room({ '@marketing-ops': 1 }));
    expect(whom(told.events)).toEqual(['deputy @marketing-ops']);
    expect(decide(told.state, 1, room({})).events).toEqual([]);
    expect(whom(decide(told.state, 1, room({ [alex]: 1 })).events)).toEqual([`asked ${alex}`]);
  });

  it('says nothing more once it is over', () => {
    const denied = after(
      open,
      judgeApproval(open, answer(alex, 1, { verdict: 'deny', why: 'not now' })).events,
    );
    expect(denied.ending).toEqual({ by: alex, why: 'not now' });
    expect(decide(denied, 100)).toMatchObject({ events: [], dueHours: null });
  });
});

describe('a change of the stakeholder map', () => {
  const use = { agent, call: 'c1', actionHash: open.actionHash, nowMs: startMs + 2 * hourMs };
  const granted = approved(approved(open, alex, 1), sarah, 1);

  it('that takes an approver away takes their yes away', () => {
    const approvalTiers = { infrastructure: { ...tier, approvers: [alex, '@cto-channel'] } };
    const changed = { ...stakeholders, approvalTiers };
    expect(judgeUse(granted, { ...use, stakeholders })).toBeNull();
    expect(judgeUse(granted, { ...use, stakeholders: changed })).toBe('not_approved');
    expect(whom(decide(granted, 2, { stakeholders: changed }).events)).toEqual([
      'approval.lapsed',
      'asked @cto-channel',
    ]);
  });

  it('that shows two handles to be one person leaves one yes', () => {
    const one = (handle: string) => ({ ...unknownPerson(handle), slackId: 'U1' });
    const people = { [sarah]: one(sarah), [alex]: one(alex) };
    expect(judgeUse(granted, { ...use, stakeholders: { ...stakeholders, people } })).toBe('not_approved');
  });

  it('can ask for more people, and never for fewer', () => {
    const single = approved(open, alex, 1);
    const approvalTiers = { infrastructure: { ...tier, peopleCount: 1 } };
    expect(judgeUse(single, { ...use, stakeholders: { ...stakeholders, approvalTiers } })).toBe(
      'not_approved',
    );
  });
});

describe('who may say yes', () => {
  const { external, infrastructure } = builtInTiers();
  const asked = (builtIn: ApprovalTier) => ({ ...open, tier: builtIn });
  const judge = (state: ApprovalState, by: string, map: Stakeholders, via = 'cli') =>
    judgeApproval(state, answer(by, 1, { stakeholders: map, via }));

  it('is the engineering lead, or the deputy, where a tier names nobody', () => {
    const map = { ...stakeholders, approvalTiers: builtInTiers() };
    expect(judge(asked(external), alex, map).refused).toBeNull();
    expect(judge(asked(external), sarah, map)).toMatchObject({
      refused: 'not_theirs',
      line: `A-2 is not ${sarah}'s to answer: it asks ${alex}`,
    });
  });

  it('is whoever may run commands where nobody is named at all, for one person’s yes only', () => {
    expect(judge(asked(external), '@ada', unwrittenStakeholders).refused).toBeNull();
    expect(judge(asked(external), '@ada', unwrittenStakeholders, 'slack').refused).toBe('not_theirs');
    const refused = judge(asked(infrastructure), '@ada', unwrittenStakeholders);
    expect(refused).toMatchObject({
      refused: 'not_theirs',
      line: expect.stringContaining('needs the yes of 2 people and cannot be met by one: nobody is named'),
    });
  });

  it('a no counts even after the window, and after a yes that was not used', () => {
    const late = judgeApproval(open, answer(sarah, 60, { verdict: 'deny' }));
    expect(late.refused).toBeNull();
    const granted = approved(approved(open, alex, 1), sarah, 1);
    expect(after(granted, judgeApproval(granted, answer(alex, 2, { verdict: 'deny' })).events).status).toBe(
      'denied',
    );
  });
});
