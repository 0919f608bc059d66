/** What an agent and its item do when it asks a person: through the whole worker, on real PostgreSQL, with scripted models. */
import { describe, expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { say, write } from '../engine/small-team.ts';
import { openAskingWorld, toldSoFar } from './asking-world.ts';
import { ask, questionOf } from './question-input.ts';

const agentOf = (task: string) => `agent:test/1/build/${task}/developer/1/1`;

describe('an agent that asks', () => {
  test('is told everything that is missing, and nobody is asked', async () => {
    const world = await openAskingWorld({
      developer: ({ seat }, turn) => {
        if (seat.task !== 'T1') return turn === 0 ? write(`${seat.task}.txt`, 'x\n') : say('done');
        if (turn === 0) return ask({ topic: 'timezone', default: 7, why_you: '', options: [] });
        return turn === 1 ? write('T1.txt', 'x\n') : say('done');
      },
    });
    const number = await world.add('# Export\n\nExport it.');
    await world.run();
    expect((await world.item(number)).status).toBe('ready');
    const [told] = await world.results(agentOf('T1'));
    expect(told).toContain('nobody was asked; put this right first:');
    for (const line of [
      'topic must have at least two words',
      'why_you is missing',
      'options must be 2 to 9',
    ]) {
      expect(told).toContain(line);
    }
    expect(await world.question(1)).toBeNull();
  });

  test('waits while another step goes on, and goes on itself with the answer, in its own files, nothing paid again', async () => {
    const world = await openAskingWorld({
      developer: (request, turn) => {
        const { task } = request.seat;
        if (task !== 'T1') return turn === 0 ? write(`${task}.txt`, 'x\n') : say('done');
        if (turn === 0) return write('before.txt', 'written before it asked\n');
        if (turn === 1) return ask();
        if (turn > 2) return say('done');
        return write('after.txt', /option 2/.test(toldSoFar(request)) ? 'local\n' : 'BROKEN\n');
      },
    });
    const number = await world.add('# Export\n\nExport it.');
    await world.run();
    const waiting = await world.item(number);
    expect(waiting.status).toBe('running');
    expect(waiting.phase?.steps['build/T1/developer']?.waiting).toMatchObject({ ask: 'Q-1', mode: 'wait' });
    expect(waiting.phase?.steps['build/T2/developer']?.status).toBe('done');
    const callsBefore = (await world.kinds(agentOf('T1'))).filter(
      (kind) => kind === 'model.call_finished',
    ).length;
    expect(callsBefore).toBe(2);

    expect(await world.say('Q-1', '2')).toContain('Q-1');
    await world.run();
    expect((await world.item(number)).status).toBe('ready');
    const files = await world.context.mirror.changedFiles(waiting.base ?? '', 'refs/heads/mesh/1');
    expect(files).toEqual(expect.arrayContaining(['before.txt', 'after.txt']));
    const kinds = (await world.events(number)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'step.asked' || kind === 'step.answered')).toEqual([
      'step.asked',
      'step.answered',
    ]);
    expect(kinds).not.toContain('step.failed');
    const tape = await world.kinds(agentOf('T1'));
    expect(tape.filter((kind) => kind === 'agent.seated')).toHaveLength(1);
    expect(tape.filter((kind) => kind === 'model.call_finished')).toHaveLength(4);
    expect((await world.results(agentOf('T1')))[1]).toContain('Q-1 was answered by @sarah-pm: option 2');
  });

  test('asks nobody when a decision holds that answers the very question', async () => {
    const world = await openAskingWorld({
      developer: (_, turn) => (turn === 0 ? ask() : turn === 1 ? write('x.txt', `${turn}\n`) : say('done')),
    });
    await world.add('# First\n\nDo it.', undefined);
    await world.run();
    await world.say('Q-1', '1');
    await world.run();
    const second = await world.add('# Second\n\nDo it too.');
    await world.run();
    expect((await world.item(second)).status).toBe('ready');
    expect(await world.question(2)).toBeNull();
    const tape = `agent:test/${second}/build/T1/developer/1/1`;
    expect((await world.results(tape))[0]).toContain('Decision D-1 holds: Export UTC with a timezone label');
    expect(await world.kinds(tape)).toContain('memory.answered');
  });

  test('is forgotten by its question when its item is canceled', async () => {
    const world = await openAskingWorld({ developer: (_, turn) => (turn === 0 ? ask() : say('done')) });
    const number = await world.add('# Export\n\nExport it.');
    await world.run();
    const request = { kind: 'cancel', by: 'test', reason: 'no more' } as const;
    await askOfItem({ journal: world.journal, newId, project: 'test', number, request });
    await world.run();
    expect((await world.item(number)).status).toBe('canceled');
    expect((await world.question(1))?.status).toBe('withdrawn');
  });

  test('that declines is heard, and the item ends where a person says so', async () => {
    const world = await openAskingWorld({
      developer: () => ({
        calls: [
          {
            tool: 'decline',
            input: {
              stance: 'refuse',
              what: 'Delete the audit log',
              why: 'It must be kept.',
              needed: 'Another brief.',
            },
          },
        ],
      }),
    });
    const number = await world.add('# Clean up\n\nDelete the audit log.');
    await world.run();
    expect((await world.question(1))?.key).toMatchObject({ kind: 'agent_refusal', scope: `item:${number}` });
    await world.say('Q-1', '2', '@alex-engineering-lead');
    await world.run();
    expect((await world.item(number)).status).toBe('canceled');
  });
});

describe('an item all of which waits for people who may take their time', () => {
  test('lets the next one begin, and comes back by itself', async () => {
    const world = await openAskingWorld(
      {
        planner: (request, turn) =>
          request.seat.item === 1 && turn === 0
            ? { calls: [{ tool: 'ask', input: questionOf({ kind: 'gtm_dependency', default: null }) }] }
            : turn < 2 && !/delivered/.test(toldSoFar(request))
              ? {
                  calls: [
                    {
                      tool: 'deliver',
                      input: {
                        name: 'plan.json',
                        content: JSON.stringify({
                          summary: 'one',
                          tasks: [{ id: 'T1', title: 'one', instructions: 'do it', after: [] }],
                        }),
                      },
                    },
                  ],
                }
              : say('planned'),
      },
      { policy: 'limits: { items_at_once: 1 }\n' },
    );
    const first = await world.add('# First\n\nDo it.');
    const second = await world.add('# Second\n\nDo it.');
    await world.run();
    expect((await world.item(first)).isParked).toBe(true);
    expect((await world.item(second)).status).toBe('ready');
    await world.say('Q-1', '1', '@marketing-ops');
    await world.run();
    expect((await world.item(first)).status).toBe('ready');
    const kinds = (await world.events(first)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => /parked|requeued/.test(kind))).toEqual(['item.parked', 'item.requeued']);
  });
});
