/** Replays of items whose agents asked: what people, the clock and memory said is on the tape, so nobody is asked again and nothing is written. */
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createScriptedProviderFromBrain } from '../../src/gateway/scripted/scripted-provider.ts';
import { type ItemReplay, replayItem } from '../../src/replay/replay-item.ts';
import { say, write } from '../engine/small-team.ts';
import { type AskingWorld, openAskingWorld, toldSoFar } from '../questions/asking-world.ts';
import { mapOf } from '../questions/people.ts';
import { ask } from '../questions/question-input.ts';

/** Minutes run as seconds: nobody answers the second kind in time. */
const map = mapOf(`
rehearsal: true
people: { "@alex-engineering-lead": { role: engineering_lead } }
escalation_routes:
  requirement_ambiguity: { primary: "@sarah-pm", sla_minutes: 600 }
  architectural_decision: { primary: "@alex-engineering-lead", sla_minutes: 1, on_timeout: default_and_flag }
`);

/** Each item asks first, about what its brief names, and writes down what it was told. */
function openWorld(): Promise<AskingWorld> {
  return openAskingWorld(
    {
      developer(request, turn) {
        const isMenu = JSON.stringify(request.messages[0]).includes('menu');
        if (turn === 0) return ask(isMenu ? { kind: 'architectural_decision', topic: 'menu.colour' } : {});
        return turn === 1 ? write('told.txt', `${toldSoFar(request)}\n`) : say('done');
      },
    },
    { flow: 'solo', change: (context) => ({ ...context, stakeholders: async () => map }) },
  );
}

/** With a model, people, channels and a memory that must not be asked. */
function replay({ context }: AskingWorld, item: number): Promise<ItemReplay> {
  const never = (what: string) => () => {
    throw new Error(`a replay asked ${what}`);
  };
  const silent = {
    ...context,
    provider: createScriptedProviderFromBrain(never('a model')),
    stakeholders: never('who decides'),
    channels: [{ name: 'slack', reaches: never('a channel'), deliver: never('a channel') }],
    memory: never('memory'),
  };
  const request = { item, agent: null, isCurrent: false, runsTools: true };
  return replayItem(silent, { ...request, signal: AbortSignal.timeout(60_000) });
}

async function expectSame(world: AskingWorld, item: number): Promise<void> {
  expect((await world.item(item)).status).toBe('ready');
  const before = await world.journal.head();
  const replayed = await replay(world, item);
  expect(replayed).toMatchObject({ isIdentical: true, notes: [] });
  expect(replayed.agents).toMatchObject([{ divergence: null, outcome: 'done' }]);
  const [{ tree } = { tree: null }] = replayed.agents;
  expect(tree?.remade).toBe(tree?.recorded);
  expect(replayed.trees).toMatchObject([{ of: 'build/developer', isIdentical: true }]);
  expect(await world.journal.head()).toBe(before);
}

it('what a person answered, what nobody did, and what memory knew come out again, and nobody is asked', async () => {
  const world = await openWorld();
  const answered = await world.add('# Export\n\nExport it.');
  await world.run();
  await world.say('Q-1', '2, but only for patients');
  await world.run();

  const defaulted = await world.add('# Paint\n\nPaint the menu.');
  await world.run();
  const { dueAt } = (await world.question(2)) ?? {};
  await setTimeout(Math.max(0, Date.parse(dueAt ?? '') - Date.now()));
  await world.run();
  expect(await world.question(2)).toMatchObject({ status: 'defaulted' });

  const remembered = await world.add('# Print\n\nPrint the export.');
  await world.run();
  expect(await world.kinds(`agent:test/${remembered}/build/developer/1/1`)).toContain('memory.answered');

  for (const item of [answered, defaulted, remembered]) await expectSame(world, item);
  expect(await world.question(3)).toBeNull();
}, 120_000);

it('what an agent still waits for is replayed as far as its tape goes, and is not asked again', async () => {
  const world = await openWorld();
  await world.add('# Export\n\nExport it.');
  await world.run();
  const before = await world.journal.head();
  const replayed = await replay(world, 1);
  expect(replayed.agents).toMatchObject([{ isIdentical: true, outcome: null }]);
  expect(await world.journal.head()).toBe(before);
  expect(await world.question(2)).toBeNull();
}, 60_000);
