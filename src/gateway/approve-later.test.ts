import { describe, expect, it } from 'vitest';
import { agent, kindsOf, makeWorld, toolCall } from '../../test/doubles/agent-world.ts';
import { makeRole } from '../../test/doubles/make-role.ts';
import { approvalOffice, questionOffice } from '../../test/doubles/offices.ts';
import type { AskRule } from '../permissions/permission-rule.ts';
import { type AgentGateway, openAgentGateway } from './agent-gateway.ts';

const publishing: AskRule = {
  text: 'Bash(echo publish:*)',
  from: 'policy',
  tools: ['run', 'shell'],
  part: { kind: 'command', words: ['echo', 'publish'], isPrefix: true },
  tier: 'external',
};
const role = makeRole({ permissions: { allow: [], ask: [publishing], deny: [] } });

async function openDesk() {
  const { options, journal, cell } = await makeWorld();
  const { door, known, rule } = approvalOffice();
  const { door: people, settle } = questionOffice();
  const executed: string[] = [];
  const crash = { inRun: false };
  const counting: typeof cell = {
    ...cell,
    exec: async (request, signal) => {
      executed.push(request.argv.join(' '));
      if (crash.inRun) throw new Error('the process dies here');
      return cell.exec(request, signal);
    },
  };
  const open = (): Promise<AgentGateway> =>
    openAgentGateway(options({ role, approvals: door, people, cell: counting }));
  return { open, known, rule, settle, executed, crash, journal };
}

const publish = (id: string, text = '') => toolCall('shell', { command: `echo publish${text}` }, id);
const answersOf = ({ tape }: AgentGateway) => tape.asks.map(({ ask, answer }) => [ask, answer]);

describe('what needs the yes of people, for an agent that cannot wait within a call', () => {
  it('is not done when it is asked for, nor while nobody answers, and once when they have said yes', async () => {
    const { open, rule, executed, journal } = await openDesk();
    const gateway = await open();
    expect(await gateway.callToolAtOnce(publish('c1'))).toMatchObject({
      isError: false,
      output: expect.stringMatching(/^not done yet: .* asked as A-1\./),
    });
    expect(await gateway.hearAnswers()).toMatchObject({ ask: 'A-1', mode: 'wait' });
    expect(executed).toEqual([]);
    rule('A-1', 'approved');
    expect(await gateway.hearAnswers()).toBeNull();
    expect(await gateway.hearAnswers()).toBeNull();
    expect(executed).toEqual(['bash -c echo publish']);
    expect(answersOf(gateway)).toEqual([
      ['A-1', 'What became of A-1, shell {"command":"echo publish"}:\nexit code 0\npublish'],
    ]);
    expect(await kindsOf(journal)).toEqual([
      'agent.seated',
      'people.asked',
      'tool.call_intended',
      'tool.call_finished',
    ]);
    const intended = (await journal.read(agent)).find(({ kind }) => kind === 'tool.call_intended');
    expect(intended?.data).toMatchObject({ approval: 'A-1', input: { command: 'echo publish' } });
  });

  it('is never done when they said no, and the agent is told so', async () => {
    const { open, rule, executed } = await openDesk();
    const gateway = await open();
    await gateway.callToolAtOnce(publish('c1'));
    rule('A-1', 'denied');
    expect(await gateway.hearAnswers()).toBeNull();
    expect(executed).toEqual([]);
    expect(answersOf(gateway)).toEqual([['A-1', expect.stringContaining('@sarah-pm denied it (A-1)')]]);
  });

  it('is asked for once, however often it is called and its run begins anew', async () => {
    const { open, known, rule, executed, journal } = await openDesk();
    await (await open()).callToolAtOnce(publish('c1'));
    const second = await open();
    await second.callToolAtOnce(publish('c1'));
    await second.callToolAtOnce(publish('c2'));
    expect(known.size).toBe(1);
    expect((await kindsOf(journal)).filter((kind) => kind === 'people.asked')).toHaveLength(1);
    rule('A-1', 'approved');
    // Called again after the yes, it is done at once, and not a second time when the turn has ended.
    expect(await second.callToolAtOnce(publish('c3'))).toMatchObject({ output: 'exit code 0\npublish\n' });
    expect(await second.hearAnswers()).toBeNull();
    expect(executed).toHaveLength(1);
  });

  it('is asked for anew when it was done once and is wanted again', async () => {
    const { open, rule, executed } = await openDesk();
    const gateway = await open();
    await gateway.callToolAtOnce(publish('c1'));
    rule('A-1', 'approved');
    await gateway.hearAnswers();
    expect(await gateway.callToolAtOnce(publish('c2'))).toMatchObject({
      output: expect.stringContaining('asked as A-2'),
    });
    expect(await gateway.hearAnswers()).toMatchObject({ ask: 'A-2' });
    expect(executed).toHaveLength(1);
  });

  it('is not done again after a crash in the middle of it: the agent is told that nobody knows', async () => {
    const { open, rule, executed, crash } = await openDesk();
    const first = await open();
    await first.callToolAtOnce(publish('c1'));
    rule('A-1', 'approved');
    crash.inRun = true;
    await expect(first.hearAnswers()).rejects.toThrow('dies here');
    crash.inRun = false;
    const second = await open();
    expect(await second.hearAnswers()).toBeNull();
    expect(executed).toHaveLength(1);
    expect(answersOf(second)).toEqual([['A-1', expect.stringContaining('outcome unknown')]]);
  });

  it('is one thing at a time, and what needs no yes is done at once meanwhile', async () => {
    const { open, known, executed } = await openDesk();
    const gateway = await open();
    await gateway.callToolAtOnce(publish('c1'));
    expect(await gateway.callToolAtOnce(publish('c2', ' more'))).toMatchObject({
      isError: true,
      output: expect.stringMatching(/^refused: A-1 is not answered yet/),
    });
    expect(known.size).toBe(1);
    const plain = toolCall('shell', { command: 'echo plain' }, 'c3');
    expect(await gateway.callToolAtOnce(plain)).toMatchObject({ output: 'exit code 0\nplain\n' });
    expect(executed).toEqual(['bash -c echo plain']);
  });

  it('is done between its turns, and not in the middle of one that asks something else', async () => {
    const { open, rule, executed } = await openDesk();
    const gateway = await open();
    await gateway.callToolAtOnce(publish('c1'));
    rule('A-1', 'approved');
    const question = toolCall('decline', { stance: 'refuse' }, 'c2');
    expect(await gateway.callToolAtOnce(question)).toMatchObject({
      output: expect.stringMatching(/^refused: A-1 is not answered yet/),
    });
    expect(executed).toEqual([]);
    expect(await gateway.hearAnswers()).toBeNull();
    expect(executed).toHaveLength(1);
  });

  it('is asked for as soon as what was asked before is answered, in the same turn', async () => {
    const { open, known, settle } = await openDesk();
    const gateway = await open();
    await gateway.callToolAtOnce(toolCall('ask', { kind: 'k', topic: 'a.b' }, 'c1'));
    expect(await gateway.callToolAtOnce(publish('c2'))).toMatchObject({
      output: expect.stringMatching(/^refused: Q-1 is not answered yet/),
    });
    expect(known.size).toBe(0);
    settle('Q-1', 'yes');
    expect(await gateway.callToolAtOnce(publish('c3'))).toMatchObject({
      output: expect.stringContaining('asked as A-1'),
    });
    expect(answersOf(gateway)).toEqual([
      ['Q-1', 'yes'],
      ['A-1', null],
    ]);
  });
});
