/** What needs the yes of people, wanted by an outside agent: through a whole item, asked for over MCP as real ones do. */
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { readApproval } from '../../src/questions/approval-record.ts';
import { answerApproval } from '../../src/requests/approve.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { engineeringLead } from '../approvals/releasing-team.ts';
import type { TestProject } from '../harness/project.ts';
import { failuresOf, ofKind, tapeEvents } from './outside-project.ts';
import { useFakeAgent } from './use-fake-agent.ts';

const fake = useFakeAgent();

async function start(way: string): Promise<TestProject> {
  const project = await fake.start(way, {
    files: { 'publish.sh': 'echo published $1 >> published.txt\necho "published for all to see"\n' },
    ask: ['Bash(sh publish.sh:*)'],
    stakeholders: engineeringLead,
  });
  await project.add('Publish it');
  return project;
}

const approval = ({ journal }: TestProject, number: number) => readApproval(journal, 'test', number);

async function answer(project: TestProject, number: number, verdict: 'approve' | 'deny') {
  const actionHash = (await approval(project, number))?.actionHash ?? '';
  const who = { by: '@alex-engineering-lead', via: 'cli', stakeholders: engineeringLead };
  const place = { journal: project.journal, newId, project: 'test', nowMs: Date.now() };
  return answerApproval({ ...place, ...who, name: `A-${number}`, verdict, actionHash, why: 'not today' });
}

/** Lines of a file on the item's branch. */
async function linesOf({ context }: TestProject, file: string): Promise<string[]> {
  const text = await context.mirror.show('refs/heads/mesh/1', file);
  return (text ?? '').split('\n').filter(Boolean);
}

const waitsFor = async (project: TestProject) =>
  (await project.item(1)).phase?.steps['build/developer']?.waiting?.ask ?? null;

describe('an outside agent that wants what people have to approve', () => {
  it('is refused it by itself, asks for it, and finds it done once, in its files, after their yes', async () => {
    const project = await start('publishes');
    await project.run();
    expect(await waitsFor(project)).toBe('A-1');
    expect(await approval(project, 1)).toMatchObject({ status: 'open', line: 'shell sh publish.sh' });
    const tape = await tapeEvents(project.journal);
    const [prompted] = ofKind(tape, 'outside.prompted');
    expect(prompted?.text).toContain('These need the yes of people: `Bash(sh publish.sh:*)`.');
    expect(ofKind(tape, 'outside.permission_judged')).toMatchObject([
      { isAllowed: false, reason: expect.stringContaining('ask for it with `shell` of the MCP server') },
    ]);
    expect(ofKind(tape, 'tool.call_intended')).toEqual([]);

    expect(await answer(project, 1, 'approve')).toMatchObject({ isAccepted: true });
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    expect(await linesOf(project, 'published.txt')).toEqual(['published']);
    expect(await linesOf(project, 'agent.txt')).toEqual([
      'itself: false',
      expect.stringMatching(/^not done yet: it needs the yes of people, who are asked as A-1\./),
      'What became of A-1, shell {"command":"sh publish.sh"}:',
      'exit code 0',
    ]);
    expect(await approval(project, 1)).toMatchObject({ status: 'used', isFiled: true });
    expect(await failuresOf(project, 1)).toEqual([]);
  });

  it('hears a no with its reason, and nothing was done', async () => {
    const project = await start('publishes');
    await project.run();
    await answer(project, 1, 'deny');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    expect(await linesOf(project, 'published.txt')).toEqual([]);
    expect((await linesOf(project, 'agent.txt')).at(-1)).toBe(
      'refused: @alex-engineering-lead denied it (A-1): not today',
    );
  });

  it('and crashes has asked, and is taken up with what became of it', async () => {
    const project = await start('publishes_and_crashes');
    await project.run();
    expect(await waitsFor(project)).toBe('A-1');
    await answer(project, 1, 'approve');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    expect(await linesOf(project, 'published.txt')).toEqual(['published']);
    expect(await failuresOf(project, 1)).toEqual([]);
  });

  it('needs another yes for the same thing again, and for anything else', async () => {
    const project = await start('publishes_twice');
    await project.run();
    await answer(project, 1, 'approve');
    await project.run();
    expect(await waitsFor(project)).toBe('A-2');
    await answer(project, 2, 'approve');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    expect(await linesOf(project, 'published.txt')).toEqual(['published', 'published']);
    const notes = await linesOf(project, 'agent.txt');
    expect(notes[1]).toMatch(/^refused: A-1 is not answered yet/);
    expect(notes.slice(2, 4)).toEqual(['exit code 0', 'at once']);
  });

  it('is not asked about any more when its item is canceled', async () => {
    const project = await start('publishes');
    await project.run();
    const request = { kind: 'cancel', by: 'test', reason: 'no more' } as const;
    await askOfItem({ journal: project.journal, newId, project: 'test', number: 1, request });
    await project.run();
    expect(await approval(project, 1)).toMatchObject({ status: 'withdrawn' });
    expect(await answer(project, 1, 'approve')).toMatchObject({ isAccepted: false });
  });
});
