/** Approvals in Slack from end to end: everybody who may say yes has a message of their own, whose buttons are for the exact action. */
import { describe, expect, it, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { streamId } from '../../src/journal/event.ts';
import { hashAction } from '../../src/questions/approval-action.ts';
import { openApproval, readApproval } from '../../src/questions/approval-record.ts';
import { anAsker } from '../questions/asked.ts';
import { openSlackDesk, type Place, type SlackDesk, soon } from './slack-desk-world.ts';

const stream = streamId('approval', 'test', 1);
const timeoutMs = 120_000;

/** As an agent's gateway asks, of a tier that needs two people. */
async function request({ journal, map }: SlackDesk): Promise<string> {
  const asker = { ...anAsker(3, newId()), agent: streamId('agent', 'test', 3, 'build/T1/developer', 1) };
  const action = {
    project: 'test',
    item: 3,
    agent: asker.agent,
    role: 'developer',
    tool: 'run',
    input: { argv: ['npm', 'run', 'migrate'] },
    base: 'a'.repeat(40),
  };
  const tier = map.approvalTiers.infrastructure;
  if (!tier) throw new Error('there is no such tier');
  await openApproval({
    journal,
    newId,
    project: 'test',
    asker,
    tier,
    action,
    rule: 'ask Bash(npm run migrate:*) of the policy',
    nowMs: Date.now(),
  });
  return hashAction(action);
}

/** The first message that the app wrote to this person by themselves. */
async function messageTo({ emulator }: SlackDesk, person: string): Promise<Place> {
  const users = await emulator.memberId(person);
  const { channel: direct } = (await emulator.call('conversations.open', { users })) as {
    channel?: { id: string };
  };
  const channel = direct?.id ?? '';
  return vi.waitFor(async () => {
    const { messages = [] } = await emulator.call('conversations.history', { channel });
    const ts = messages.at(-1)?.ts;
    if (ts === undefined) throw new Error(`nothing was written to ${person}`);
    return { channel, threadTs: ts, ts };
  }, soon);
}

async function refusals({ events }: SlackDesk): Promise<unknown[]> {
  return (await events(stream, 'approval.answer_refused')).map(({ data }) => [data.by, data.why]);
}

describe.each(['socket', 'http'] as const)('by %s', (mode) => {
  it(
    'two different people say yes, each in a message of their own, to the action that they were shown',
    async () => {
      const desk = await openSlackDesk(mode);
      const hash = await request(desk);
      const [toAlex, toCto] = [await messageTo(desk, 'alex'), await messageTo(desk, 'cto')];
      expect(toAlex.channel).not.toBe(toCto.channel);

      await desk.reply('marketing', toAlex, '1');
      await vi.waitFor(() => expect(desk.told().length).toBe(1), soon);
      await desk.press('alex', toAlex, 'answer.1');
      await desk.press('alex', toAlex, 'answer.1');
      const other = JSON.stringify({ does: 'answer', ask: 'A-1', option: 1, hash: 'f'.repeat(64) });
      const action = { type: 'button', action_id: 'meshwright.answer.1', value: other };
      const forged = { ...toCto, action: { ...action, block_id: 'meshwright/test/answers' } };
      await desk.send(await desk.front.press('cto', forged));
      expect((await readApproval(desk.journal, 'test', 1))?.status).toBe('open');

      await desk.reply('cto', toCto, 'approve');
      await desk.until('both said yes', async () => {
        const state = await readApproval(desk.journal, 'test', 1);
        return state?.status === 'granted';
      });
      const yeses = (await desk.events(stream, 'approval.approved')).map(({ data }) => data);
      expect(yeses).toMatchObject([
        { by: '@alex-engineering-lead', via: 'slack', actionHash: hash, isEnough: false },
        { by: '@cto-channel', via: 'slack', actionHash: hash, isEnough: true },
      ]);
      expect(await refusals(desk)).toEqual([
        ['@marketing-ops', 'not_theirs'],
        ['@alex-engineering-lead', 'same_person'],
        ['@cto-channel', 'other_action'],
      ]);
      await vi.waitFor(() => expect(desk.told().length).toBe(5), soon);
      expect(desk.told()).toContain('A-1 has 1 of 2 yeses; another person must say yes too');
    },
    timeoutMs,
  );

  it(
    'one no is enough: both messages lose their buttons and say who said it',
    async () => {
      const desk = await openSlackDesk(mode);
      await request(desk);
      const places = [await messageTo(desk, 'alex'), await messageTo(desk, 'cto')];
      const [toAlex = { channel: '', threadTs: '', ts: '' }] = places;
      await desk.press('alex', toAlex, 'answer.2');
      for (const { channel } of places)
        await vi.waitFor(async () => {
          const { messages = [] } = await desk.emulator.call('conversations.history', { channel });
          const blocks = JSON.stringify(messages.at(-1)?.blocks);
          expect(blocks).toContain('A-1 was denied by @alex-engineering-lead');
          expect(blocks).not.toContain('"actions"');
        }, soon);
    },
    timeoutMs,
  );
});
