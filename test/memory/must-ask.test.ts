/** Rules of packs that say what must be asked: judged on what agents really committed, through the whole worker. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { loadPacks } from '../../src/memory/load-packs.ts';
import type { MemoryRecord } from '../../src/memory/memory-record.ts';
import { parseRule } from '../../src/memory/parse-rule.ts';
import { recordMemory } from '../../src/requests/change-memory.ts';
import { type SmallTeam, say, write } from '../engine/small-team.ts';
import { packageDir } from '../harness/project.ts';
import { type AskingWorld, openAskingWorld } from '../questions/asking-world.ts';
import { ask } from '../questions/question-input.ts';

const logging = "console.log('patient', patient.ssn)\n";
const zoneRule = `---
id: H-1
kind: rule
topic: export.timezone
must_ask: requirement_ambiguity
when: { paths: ["**/*.ts"], matches: zone }
---
Nobody chooses a time zone alone.
`;
const agentOf = (attempt: number) => `agent:test/1/build/developer/1/${attempt}`;

async function phi(): Promise<readonly MemoryRecord[]> {
  const { rules, diagnostics } = await loadPacks({
    names: [{ name: 'phi', at: { file: '.mesh/mesh.yaml', line: 1, col: 1 } }],
    repoDir: path.join(packageDir, 'none'),
    builtInDir: path.join(packageDir, 'assets/team'),
  });
  expect(diagnostics).toEqual([]);
  return rules;
}

async function open(
  developer: NonNullable<SmallTeam['developer']>,
  rules?: readonly MemoryRecord[],
): Promise<AskingWorld> {
  const packs = rules ?? (await phi());
  return openAskingWorld(
    { developer },
    { flow: 'solo', change: (context) => ({ ...context, packs: async () => packs }) },
  );
}

function failures(events: readonly ItemEvent[]) {
  return events.flatMap((event) => (event.kind === 'step.failed' ? [event.data] : []));
}

/** Writes, is told, asks, and ends: what the rule wants. */
const obedient: NonNullable<SmallTeam['developer']> = (request, turn) => {
  const told = JSON.stringify(request.messages[0]);
  if (!told.includes('must be asked')) return turn === 0 ? write('log.ts', logging) : say('done');
  if (turn > 0) return say('done');
  return ask({
    kind: 'compliance_question',
    topic: 'phi.logging',
    options: [],
    default: null,
    compliance: {
      access_pattern: 'The log line has the social security number.',
      reference: 'PHI-2',
      suggestion: 'Log the number for a week.',
    },
  });
};

describe('a line that must be asked about', () => {
  test('fails the step, says what to ask, keeps the work; asked and answered, the step ends well', async () => {
    const world = await open(obedient);
    const number = await world.add('Log patients');
    await world.run();
    const [failure] = failures(await world.events(number));
    expect(failure).toMatchObject({ reason: 'must_ask' });
    expect(failure?.findings).toMatchObject([
      { source: 'rule:phi/PHI-2', file: 'log.ts', line: 1, output: logging.trim() },
    ]);
    expect(failure?.findings[0]?.message).toContain(
      'ask with kind `compliance_question`, topic `phi.logging`, scope `mesh`',
    );
    expect(await world.question(1)).toMatchObject({ key: { topic: 'phi.logging', scope: 'mesh' } });
    await world.say('Q-1', '1', '@compliance-team');
    await world.run();
    expect(failures(await world.events(number))).toHaveLength(1);
    const item = await world.item(number);
    expect(item.status).toBe('ready');
    // The first attempt's file is there though the second wrote none.
    expect(await world.context.mirror.show(item.readyCommit ?? '', 'log.ts')).toBe(logging);
  }, 120_000);

  test('is fine where a decision answers the question already', async () => {
    const world = await open((_, turn) => (turn === 0 ? write('log.ts', logging) : say('done')));
    const { journal } = world;
    await recordMemory(
      { journal, newId, project: 'test', by: 'compliance-team', nowMs: Date.now() },
      {
        kind: 'decision',
        answers: 'compliance_question',
        topic: 'phi.logging',
        scope: 'mesh',
        statement: 'Numbers may be logged in tests.',
        reasons: '',
        rejected: [],
        validUntil: null,
      },
    );
    await world.add('Log patients');
    await world.run();
    expect((await world.item(1)).status).toBe('ready');
    expect(await world.question(1)).toBeNull();
  }, 120_000);

  test('is fine where the question was asked and left to the judgment of the agent', async () => {
    const { value: rule } = parseRule('.mesh/packs/house/a.md', zoneRule, 'house');
    const world = await open(
      (_, turn) => {
        if (turn === 0) return ask({ topic: 'export.timezone' });
        return turn === 1 ? write('export.ts', 'const zone = UTC;\n') : say('done');
      },
      rule ? [rule] : [],
    );
    await world.add('Export');
    await world.run();
    await world.say('Q-1', 'use your judgment');
    await world.run();
    expect(failures(await world.events(1))).toEqual([]);
    expect((await world.item(1)).status).toBe('ready');
    expect((await world.context.memory()).records.size).toBe(0);
  }, 120_000);

  test('in a prompt is named beforehand, and who goes on without asking ends at a person', async () => {
    let system = '';
    const world = await open((request, turn) => {
      system = request.system;
      return turn === 0 ? write('log.ts', `${request.messages.length}${logging}`) : say('done');
    });
    await world.add('Log patients');
    await world.run();
    expect(system).toContain('- phi/PHI-2 (phi.logging) No log line,');
    expect(system).toContain('Ask before you add a line that matches');
    const failed = failures(await world.events(1));
    expect(failed.length).toBeGreaterThan(1);
    expect(new Set(failed.map(({ reason }) => reason))).toEqual(new Set(['must_ask']));
    expect((await world.item(1)).status).toBe('paused');
    expect(await world.kinds(agentOf(1))).toContain('memory.recalled');
  }, 120_000);

  test('that was there before, and lines of other files, need no question', async () => {
    const world = await open((_, turn) =>
      turn === 0 ? write('notes.md', 'console.log(patient) is not how we do it\n') : say('done'),
    );
    await world.add('Write notes');
    await world.run();
    expect((await world.item(1)).status).toBe('ready');
  }, 120_000);
});
