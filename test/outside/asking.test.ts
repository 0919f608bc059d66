/** An outside agent asks people: through a whole item, over MCP as real ones do, with a small program in place of a real one. */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { itemStream, readItemEvent } from '../../src/items/item-stream.ts';
import { readQuestion } from '../../src/questions/question-record.ts';
import { replyToQuestion } from '../../src/requests/answer-question.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { viewStatus } from '../../src/views/status-view.ts';
import type { TestProject } from '../harness/project.ts';
import { alwaysThere } from '../questions/people.ts';
import { failuresOf, ofKind, tapeEvents } from './outside-project.ts';
import { useFakeAgent } from './use-fake-agent.ts';

const fake = useFakeAgent();

async function start(way: string, files: Record<string, string> = {}): Promise<TestProject> {
  const project = await fake.start(way, { files, stakeholders: alwaysThere });
  await project.add('Export it');
  return project;
}

async function say({ journal, context }: TestProject, name: string, text: string, by = '@sarah-pm') {
  const word = { journal, newId, project: 'test', stakeholders: alwaysThere, name, by, via: 'cli', text };
  return (await replyToQuestion({ ...word, nowMs: context.clock.now() })).line;
}

const question = ({ journal }: TestProject, number: number) => readQuestion(journal, 'test', number);

async function kindsOf({ journal }: TestProject): Promise<string[]> {
  return (await journal.read(itemStream('test', 1))).map((stored) => readItemEvent(stored).kind);
}

/** What it noted of itself, as it stands on the branch. */
async function notesOf(project: TestProject): Promise<string[]> {
  const text = await project.context.mirror.show('refs/heads/mesh/1', 'agent.txt');
  return (text ?? '').trimEnd().split('\n');
}

const asked =
  'asked Q-1 of @sarah-pm; it is answered later; finish what does not depend on it, then end your turn: you are taken up again with the answer';

/** Its notes, in the folder where it works. */
function findNotes({ root }: TestProject): string | undefined {
  const files = readdirSync(root, { recursive: true }).map(String);
  return files.find((file) => file.endsWith('/agent.txt'));
}

function letGo(project: TestProject): void {
  writeFileSync(path.join(project.root, path.dirname(findNotes(project) ?? ''), 'go.txt'), 'go\n');
}

async function runUntilAsked(project: TestProject, signal: AbortSignal): Promise<{ running: Promise<void> }> {
  const running = project.run(signal);
  const hasAsked = async () => ofKind(await tapeEvents(project.journal), 'people.asked').length;
  await expect.poll(hasAsked, { timeout: 20_000 }).toBe(1);
  await expect.poll(() => findNotes(project), { timeout: 20_000 }).toBeDefined();
  return { running };
}

describe('an outside agent that asks', () => {
  it('is told at once that it did, waits without a session, and goes on in a new one that has the answer', async () => {
    const project = await start('asks');
    await project.run();
    const waiting = await project.item(1);
    expect(waiting.status).toBe('running');
    expect(waiting.phase?.steps['build/developer']?.waiting).toMatchObject({ ask: 'Q-1', mode: 'wait' });
    expect(await question(project, 1)).toMatchObject({
      status: 'notified',
      addressee: '@sarah-pm',
      key: { kind: 'requirement_ambiguity', topic: 'export.timezone', scope: 'mesh' },
    });

    await say(project, 'Q-1', '2');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    const answer = "Q-1 was answered by @sarah-pm: option 2, Export the patient's local time";
    expect(await notesOf(project)).toEqual([asked, answer]);
    const kinds = await kindsOf(project);
    expect(kinds.filter((kind) => /^step\.(asked|answered|failed)$/.test(kind))).toEqual([
      'step.asked',
      'step.answered',
    ]);
    const events = await tapeEvents(project.journal);
    expect(ofKind(events, 'agent.seated')).toHaveLength(1);
    expect(ofKind(events, 'agent.seated')[0]?.tools).toEqual(expect.arrayContaining(['ask', 'decline']));
    expect(ofKind(events, 'people.asked')).toMatchObject([{ ask: 'Q-1' }]);
    expect(ofKind(events, 'people.answered')).toMatchObject([
      { ask: 'Q-1', text: expect.stringContaining(answer) },
    ]);
    const [first, second] = ofKind(events, 'outside.prompted').map(({ text }) => text);
    expect(second).toContain(first);
    expect(second).toContain(answer);
    expect(second).toContain('It binds you');
  });

  it('asks nobody when a decision holds', async () => {
    const project = await start('asks');
    await project.run();
    await say(project, 'Q-1', '2');
    await project.run();
    await project.add('Export it again');
    await project.run();
    expect(await question(project, 2)).toBeNull();
    const events = await tapeEvents(project.journal);
    expect(ofKind(events, 'memory.answered')).toMatchObject([{ id: 'D-1' }]);
    const results = ofKind(events, 'tool.call_finished').map(({ output }) => output);
    expect(results.some((output) => output.startsWith('Decision D-1 holds'))).toBe(true);
  });

  it('is told everything that is missing, as an error of the tool, and nobody is asked', async () => {
    const project = await start('asks_badly');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    const notes = (await notesOf(project)).join('\n');
    for (const line of ['topic must have at least two words', 'why_you is missing', 'needed is missing'])
      expect(notes).toContain(line);
    expect(ofKind(await tapeEvents(project.journal), 'tool.call_finished')).toMatchObject([
      { tool: 'ask', isError: true },
      { tool: 'decline', isError: true },
      { tool: 'deliver', isError: false },
    ]);
    expect(await question(project, 1)).toBeNull();
  });

  it('asks one thing at a time: the next is refused until the first is answered', async () => {
    const project = await start('asks_again');
    await project.run();
    expect(await question(project, 2)).toBeNull();
    await say(project, 'Q-1', 'use your judgment');
    await project.run();
    expect(await question(project, 2)).toMatchObject({ key: { topic: 'export.name' }, status: 'notified' });
    await say(project, 'Q-2', '1');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    const notes = await notesOf(project);
    expect(notes[0]).toBe(asked);
    expect(notes[1]).toMatch(/^refused: Q-1 is not answered yet, and one question is asked at a time/);
    // The same question in the same words is the one that was asked.
    expect(notes[2]).toContain('Q-1: @sarah-pm says: use your judgment.');
    expect(await question(project, 3)).toBeNull();
  });

  it('hears the answer in the same session when somebody answers before its turn ends', async () => {
    const project = await start('asks_on');
    const { running } = await runUntilAsked(project, AbortSignal.timeout(60_000));
    await say(project, 'Q-1', '1');
    letGo(project);
    await running;
    expect((await project.item(1)).status).toBe('ready');
    expect(await notesOf(project)).toEqual([asked, 'told in the same session']);
    expect(ofKind(await tapeEvents(project.journal), 'outside.session_started')).toHaveLength(1);
  });

  it('that was cut off after it asked is not started again before the answer, and nobody is asked twice', async () => {
    const project = await start('asks_on');
    const leaving = new AbortController();
    const { running } = await runUntilAsked(project, leaving.signal);
    leaving.abort();
    await running;
    await project.run();
    expect((await project.item(1)).phase?.steps['build/developer']?.waiting).toMatchObject({ ask: 'Q-1' });
    expect(ofKind(await tapeEvents(project.journal), 'outside.session_started')).toHaveLength(1);
    await say(project, 'Q-1', '1');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    expect(await notesOf(project)).toEqual([asked, 'told in a new session']);
    expect((await question(project, 1))?.asks).toHaveLength(1);
    expect(await question(project, 2)).toBeNull();
  });

  it('and crashes has asked, and begins anew with the answer', async () => {
    const project = await start('asks_and_crashes');
    await project.run();
    expect((await project.item(1)).phase?.steps['build/developer']?.waiting).toMatchObject({ ask: 'Q-1' });
    await say(project, 'Q-1', '1');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    expect(await failuresOf(project, 1)).toEqual([]);
    expect(await question(project, 2)).toBeNull();
  });

  it('about compliance stops its cluster, and goes on when it is answered', async () => {
    const project = await start('asks_compliance');
    await project.run();
    expect(await question(project, 1)).toMatchObject({ mode: 'block', addressee: '@compliance-team' });
    const { controls } = await viewStatus(project.journal, 'test');
    expect(controls).toMatchObject([{ holder: 'Q-1' }]);
    await say(project, 'Q-1', '1', '@compliance-team');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    expect((await notesOf(project)).at(-1)).toMatch(/^Q-1 was answered by @compliance-team: option 1/);
    expect(await question(project, 2)).toBeNull();
  });

  it('is told that nobody answers, where its role denies it, and is refused', async () => {
    const role = [
      '---',
      'name: developer',
      'description: Builds.',
      'disallowedTools: ask',
      'mesh: { writes: [notes.md] }',
    ];
    const project = await start('asks', {
      '.mesh/roles/developer.md': `${role.join('\n')}\n---\nYou build.\n`,
    });
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    expect((await notesOf(project))[0]).toMatch(/^refused: role developer may not use ask/);
    const [told] = ofKind(await tapeEvents(project.journal), 'outside.prompted');
    expect(told?.text).toContain('Nobody answers questions during your turn.');
    expect(told?.text).not.toContain('When to ask people');
  });

  it('needs no answer any more when its item is canceled in the middle of its turn', async () => {
    const project = await start('asks_on');
    const { running } = await runUntilAsked(project, AbortSignal.timeout(60_000));
    const request = { kind: 'cancel', by: 'test', reason: 'no more' } as const;
    await askOfItem({ journal: project.journal, newId, project: 'test', number: 1, request });
    await running;
    expect((await project.item(1)).status).toBe('canceled');
    await project.run();
    expect((await question(project, 1))?.status).toBe('withdrawn');
  });

  it('and refuses what it was asked is heard, and its item ends where a person says so', async () => {
    const project = await start('refuses');
    await project.run();
    expect((await question(project, 1))?.key).toMatchObject({ kind: 'agent_refusal', scope: 'item:1' });
    expect((await project.item(1)).phase?.steps['build/developer']?.waiting).toMatchObject({ ask: 'Q-1' });
    await say(project, 'Q-1', '2', '@alex-engineering-lead');
    await project.run();
    expect((await project.item(1)).status).toBe('canceled');
    expect(await failuresOf(project, 1)).toEqual([]);
  });
});
