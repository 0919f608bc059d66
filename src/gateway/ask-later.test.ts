import { describe, expect, it } from 'vitest';
import { agent, kindsOf, makeWorld, toolCall } from '../../test/doubles/agent-world.ts';
import { questionOffice } from '../../test/doubles/offices.ts';
import { openAgentGateway } from './agent-gateway.ts';

const input = { kind: 'k', topic: 'a.b' };

describe('an agent that cannot wait within a call', () => {
  it('whose process died when the question was open, and it had heard nothing, has asked it once', async () => {
    const { options, journal } = await makeWorld();
    const { door, questions, settle, after } = questionOffice();
    after.opening = () => {
      throw new Error('the process dies here');
    };
    const first = await openAgentGateway(options({ people: door }));
    await expect(first.callToolAtOnce(toolCall('ask', input, 'c1'))).rejects.toThrow('dies here');
    expect(await kindsOf(journal)).toEqual(['agent.seated', 'tool.call_intended']);

    after.opening = () => {};
    const second = await openAgentGateway(options({ people: door }));
    expect(await second.hearAnswers()).toMatchObject({ ask: 'Q-1', of: '@sarah-pm' });
    expect(second.tape.asks).toMatchObject([{ ask: 'Q-1', answer: null }]);
    expect(second.tape.inDoubt).toBeNull();
    settle('Q-1', 'Q-1 was answered');
    expect(await second.hearAnswers()).toBeNull();
    expect(second.tape.asks).toMatchObject([{ ask: 'Q-1', answer: 'Q-1 was answered' }]);
    expect(questions.size).toBe(1);
    expect(await second.hearAnswers()).toBeNull();
    expect((await kindsOf(journal)).filter((kind) => kind.startsWith('people.'))).toEqual([
      'people.asked',
      'people.answered',
    ]);
  });

  it('asks the same question once, whatever its calls are called and however often it begins anew', async () => {
    const { options, journal } = await makeWorld();
    const { door, questions } = questionOffice();
    const first = await openAgentGateway(options({ people: door }));
    const told = await first.callToolAtOnce(toolCall('ask', input, 'c1'));
    const second = await openAgentGateway(options({ people: door }));
    const again = await second.callToolAtOnce(toolCall('ask', { topic: 'a.b', kind: 'k' }, 'c2'));
    expect(again).toMatchObject({ output: told.output, isError: false });
    expect(questions.size).toBe(1);
    expect((await journal.read(agent)).filter(({ kind }) => kind === 'people.asked')).toHaveLength(1);
  });

  it('asks one thing at a time', async () => {
    const { options } = await makeWorld();
    const { door, questions, settle } = questionOffice();
    const gateway = await openAgentGateway(options({ people: door }));
    await gateway.callToolAtOnce(toolCall('ask', input, 'c1'));
    const other = toolCall('decline', { stance: 'refuse' }, 'c2');
    expect(await gateway.callToolAtOnce(other)).toMatchObject({
      isError: true,
      output: expect.stringMatching(/^refused: Q-1 is not answered yet/),
    });
    expect(questions.size).toBe(1);
    settle('Q-1', 'yes');
    expect(await gateway.callToolAtOnce({ ...other, id: 'c3' })).toMatchObject({
      output: expect.stringContaining('asked Q-2'),
    });
  });

  it('whose process died while a file was written finds it written once, and no intent left open', async () => {
    const { options, journal, cell } = await makeWorld();
    const dying: typeof cell = {
      ...cell,
      writeFile: async (path, content) => {
        await cell.writeFile(path, content);
        throw new Error('the process dies here');
      },
    };
    const writing = toolCall('write', { path: 'new.txt', content: 'once\n' }, 'c1');
    const first = await openAgentGateway(options({ cell: dying }));
    await expect(first.callToolAtOnce(writing)).rejects.toThrow('dies here');

    const second = await openAgentGateway(options({ cell }));
    expect(second.tape.inDoubt).toMatchObject({ kind: 'tool', call: 'c1' });
    expect(await second.hearAnswers()).toBeNull();
    expect(second.tape.inDoubt).toBeNull();
    const finished = (await journal.read(agent)).filter(({ kind }) => kind === 'tool.call_finished');
    expect(finished.map(({ data }) => [data.id, data.isError])).toEqual([['c1', false]]);
    expect(await second.callToolAtOnce(toolCall('read', { path: 'new.txt' }, 'c2'))).toMatchObject({
      output: expect.stringContaining('once'),
    });
  });
});
