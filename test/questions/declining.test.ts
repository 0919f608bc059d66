/** An agent of our own that will not go on, or cannot: through the whole worker, on real PostgreSQL, with scripted models. */
import { describe, expect, test } from 'vitest';
import { say, write } from '../engine/small-team.ts';
import { openAskingWorld, toldSoFar } from './asking-world.ts';

const developer = (item: number) => `agent:test/${item}/build/developer/1/1`;

const refusal = {
  stance: 'refuse',
  what: 'Delete the audit log',
  why: 'It must be kept for ten years.',
  needed: 'Another brief.',
};
const lack = {
  stance: 'need_information',
  what: 'Which customers may export',
  why: 'The brief names two groups that contradict each other.',
  needed: 'The name of one group.',
};

/** Declines, then writes down what it was told; BROKEN where that is not what was awaited. */
function openDecliningWorld(input: Record<string, string>, awaited: RegExp) {
  return openAskingWorld(
    {
      developer(request, turn) {
        if (turn === 0) return { calls: [{ tool: 'decline', input }] };
        if (turn > 1) return say('done');
        return write('told.txt', awaited.test(toldSoFar(request)) ? 'as awaited\n' : 'BROKEN\n');
      },
    },
    { flow: 'solo' },
  );
}

describe('an agent that needs information', () => {
  test('is a question to the engineering lead, and goes on with their words; it holds for its item alone', async () => {
    const world = await openDecliningWorld(
      lack,
      /Q-1 was answered by @alex-engineering-lead:\nWholesale only/,
    );
    const number = await world.add('# Export\n\nExport it.');
    await world.run();
    expect(await world.question(1)).toMatchObject({
      status: 'notified',
      addressee: '@alex-engineering-lead',
      title: 'developer needs to know: Which customers may export',
      key: { kind: 'information_needed', scope: `item:${number}` },
      optionCount: 0,
    });
    expect((await world.item(number)).phase?.steps['build/developer']?.waiting).toMatchObject({ ask: 'Q-1' });
    await world.say('Q-1', 'Wholesale only, until March.', '@alex-engineering-lead');
    await world.run();
    expect((await world.item(number)).status).toBe('ready');
    expect(await world.kinds(developer(number))).not.toContain('agent.told');
    const [record] = (await world.context.memory()).records.values();
    expect(record).toMatchObject({ statement: 'Wholesale only, until March.', scope: `item:${number}` });
  });

  test('is told what is missing when it does not say what, why and what would help', async () => {
    const world = await openDecliningWorld({ stance: 'perhaps', what: 'Which?' }, /nobody was asked/);
    const number = await world.add('# Export\n\nExport it.');
    await world.run();
    expect((await world.item(number)).status).toBe('ready');
    const [told] = await world.results(developer(number));
    for (const line of ['stance must be refuse or need_information', 'why is missing', 'needed is missing'])
      expect(told).toContain(line);
    expect(await world.question(1)).toBeNull();
  });
});

describe('an agent that refuses', () => {
  test('stops with its reason in front of the engineering lead, who has two answers and words', async () => {
    const world = await openDecliningWorld(refusal, /option 1, Go on without it/);
    const number = await world.add('# Clean up\n\nDelete the audit log.');
    await world.run();
    expect(await world.question(1)).toMatchObject({
      addressee: '@alex-engineering-lead',
      title: 'developer refuses: Delete the audit log',
      key: { kind: 'agent_refusal' },
      optionCount: 2,
      defaultOption: null,
    });
    const [asked] = (await world.events(number)).filter(({ kind }) => kind === 'step.asked');
    expect(asked?.data).toMatchObject({ ask: 'Q-1', agent: developer(number) });
    await world.say('Q-1', '1', '@alex-engineering-lead');
    await world.run();
    expect((await world.item(number)).status).toBe('ready');
  });

  test('does what a person says it is to do instead', async () => {
    const world = await openDecliningWorld(
      refusal,
      /Q-1 was answered by @alex-engineering-lead:\nArchive it instead\.\nIt binds you/,
    );
    const number = await world.add('# Clean up\n\nDelete the audit log.');
    await world.run();
    await world.say('Q-1', 'Archive it instead.', '@alex-engineering-lead');
    await world.run();
    expect((await world.item(number)).status).toBe('ready');
  });

  test('ends its item when a person says so, also where they were faster than the step that waits', async () => {
    let answer = async () => {};
    const world = await openAskingWorld(
      { developer: () => ({ calls: [{ tool: 'decline', input: refusal }] }) },
      {
        flow: 'solo',
        // The answer is there before the item has heard that its step waits.
        change: (context) => ({
          ...context,
          workspaces: {
            ...context.workspaces,
            prepare: async (request) => {
              const prepared = await context.workspaces.prepare(request);
              if (!prepared.ok) return prepared;
              const { workspace } = prepared;
              const captureTree: typeof workspace.captureTree = async (options) => {
                await answer();
                return workspace.captureTree(options);
              };
              return { ok: true, workspace: { ...workspace, captureTree } };
            },
          },
        }),
      },
    );
    answer = async () => {
      answer = async () => {};
      expect(await world.say('Q-1', '2', '@alex-engineering-lead')).toContain('Q-1');
    };
    const number = await world.add('# Clean up\n\nDelete the audit log.');
    await world.run();
    expect((await world.item(number)).status).toBe('canceled');
    expect(await world.kinds(`item:test/${number}`)).not.toContain('step.asked');
  });
});
