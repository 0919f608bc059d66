/** Nothing lands in a cluster that a question blocks: not what is accepted then, nor what was about to land. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { StoredEvent } from '../../src/journal/event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { controlOfItem, describeControlShort, viewControls } from '../../src/views/control-view.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { say, write } from '../engine/small-team.ts';
import { openAskingWorld } from './asking-world.ts';
import { askIn } from './desk-world.ts';
import { alwaysThere } from './people.ts';
import { ask } from './question-input.ts';

const compliance = {
  kind: 'compliance_question',
  topic: 'export.audit',
  options: [],
  compliance: {
    access_pattern: 'Every export reads the whole history of one patient.',
    reference: 'HIPAA 164.312(b)',
    suggestion: 'Log each export with the id of who asked for it',
  },
};

/** The mesh is slow to lay the control that an open question holds: until a little after the accept it only believes that it has. */
function layingLate(context: WorkerContext): WorkerContext {
  let left = Number.POSITIVE_INFINITY;
  const append: Journal['append'] = async (unit) => {
    if (unit.events[0]?.kind === 'item.accepted') left = 12;
    if (unit.events[0]?.kind !== 'control.set' || left === 0) return context.journal.append(unit);
    left -= 1;
    const at = new Date().toISOString();
    const events = unit.events.map((event, index): StoredEvent => {
      const version = unit.expectedVersion + 1 + index;
      return { ...event, stream: unit.stream, version, position: 0, at, unit: unit.id, hash: '' };
    });
    return { outcome: 'appended', events, isDuplicate: false };
  };
  return { ...context, journal: { ...context.journal, append } };
}

const withAndWithout: [string, ((context: WorkerContext) => WorkerContext) | undefined][] = [
  ['with the control that it holds', undefined],
  ['before the control is laid', layingLate],
];

it('an item that is accepted meanwhile waits for the answer of another one', async () => {
  const world = await openAskingWorld(
    {
      developer: ({ seat }, turn) => {
        if (seat.item === 2 && turn === 0) return ask(compliance);
        return turn < 2 ? write(`${seat.item}-${turn}.txt`, 'x\n') : say('done');
      },
    },
    { flow: 'solo' },
  );
  await world.add('# Print\n\nPrint it.');
  await world.run();
  await world.add('# Export\n\nExport it.');
  await world.run();
  expect(await world.question(1)).toMatchObject({ status: 'notified', mode: 'block' });
  await world.accept(1);
  const waiting = await world.item(1);
  expect(waiting.status).toBe('landing');
  const control = controlOfItem(await viewControls(world.journal, 'test'), waiting);
  expect(control && describeControlShort(control)).toBe(
    'cluster main is blocked by Q-1 (compliance_question, waits for @compliance-team); `meshwright answer Q-1 …` lifts it',
  );
  expect(await world.say('Q-1', 'yes', '@compliance-team')).toContain('answered');
  await world.run();
  expect((await world.item(1)).status).toBe('landed');
  expect((await world.item(2)).status).toBe('ready');
});

it('an item that is accepted before the control is laid waits as well', async () => {
  const world = await openAskingWorld(
    { developer: (_, turn) => (turn === 0 ? write('x.txt', 'x\n') : say('done')) },
    { flow: 'solo', change: layingLate },
  );
  await world.add('# Print\n\nPrint it.');
  await world.run();
  const { journal, context } = world;
  await askIn({ journal, stakeholders: alwaysThere, nowMs: context.clock.now() }, 'compliance_question');
  await world.accept(1);
  expect((await world.item(1)).status).toBe('landing');
  // Not even its checks are begun.
  expect(await world.kinds('target:test/main')).not.toContain('landing.intended');
  await expect(world.git('show', 'main:x.txt')).rejects.toThrow();
  await world.say('Q-1', '1', '@compliance-team');
  await world.run();
  expect((await world.item(1)).status).toBe('landed');
});

it.each(withAndWithout)(
  'an item whose landing is being checked does not reach the target when a compliance question is asked, %s',
  async (_, change) => {
    const gates = mkdtempSync(path.join(tmpdir(), 'mesh-landing-'));
    onTestFinished(() => rmSync(gates, { recursive: true }));
    const [closed, reached] = [path.join(gates, 'closed'), path.join(gates, 'reached')];
    const world = await openAskingWorld(
      { developer: (_, turn) => (turn === 0 ? write('x.txt', 'x\n') : say('done')) },
      {
        flow: 'solo',
        ...(change && { change }),
        checkScript: `[ -e ${closed} ] || exit 0\ntouch ${reached}\nwhile [ -e ${closed} ]; do sleep 0.05; done\n`,
      },
    );
    await world.add('# Print\n\nPrint it.');
    await world.run();
    writeFileSync(closed, '');
    const landing = world.accept(1);
    while (!existsSync(reached)) await delay(20);
    const { journal, context } = world;
    await askIn({ journal, stakeholders: alwaysThere, nowMs: context.clock.now() }, 'compliance_question');
    rmSync(closed);
    await landing;
    expect((await world.item(1)).status).toBe('landing');
    await expect(world.git('show', 'main:x.txt')).rejects.toThrow();
    await world.say('Q-1', '1', '@compliance-team');
    await world.run();
    expect((await world.item(1)).status).toBe('landed');
    expect(await world.git('show', 'main:x.txt')).toBe('x');
  },
);
