import { describe, expect, it } from 'vitest';
import { agent, kindsOf, makeWorld, toolCall } from '../../test/doubles/agent-world.ts';
import { openAgentGateway } from './agent-gateway.ts';
import type { AskState, QuestionDoor } from './question-door.ts';

const well = { ok: true, key: { kind: 'k', topic: 'a.b', scope: 'mesh' }, text: {} as never } as const;

/** Opens a question per key, as the journal does, and then may fail before anybody hears of it. */
function office() {
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

const input = { kind: 'k', topic: 'a.b' };

describe('an agent that cannot wait within a call', () => {
  it('whose process died when the question was open, and it had heard nothing, has asked it once', async () => {
    const { options, journal } = await makeWorld();
    const { door, questions, settle, after } = office();
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
    const { door, questions } = office();
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
    const { door, questions, settle } = office();
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
});
