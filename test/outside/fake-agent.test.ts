/** Every way of an outside agent, well and badly behaved, through a whole item: with a small program in place of a real one. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { findProcesses } from '../../src/cells/bench-for-contract.ts';
import { readTape } from '../../src/gateway/tape-writer.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import type { TestProject } from '../harness/project.ts';
import {
  agentsOf,
  createOutsideProject,
  failuresOf,
  ofKind,
  scriptedModel,
  tapeEvents,
} from './outside-project.ts';
import { useFakeAgent } from './use-fake-agent.ts';

const fake = useFakeAgent();

async function spentOf(project: TestProject): Promise<number> {
  const account = await project.journal.account(itemAccount('test', 1));
  expect(account?.reservedMicroUsd).toBe(0);
  return account?.spentMicroUsd ?? 0;
}

function isThere(folder: string, name: string): boolean {
  return readdirSync(folder, { recursive: true }).some((file) => String(file).endsWith(`/${name}`));
}

const show = (project: TestProject, head: string | null, file: string) =>
  project.context.mirror.show(head ?? '', file);

describe('an outside agent', () => {
  it('works on its item: metered, taped, permitted and refused by the rules, its files committed', async () => {
    const project = await fake.start('works');
    const number = await project.add('Make a file');
    await project.run();
    const item = await project.item(number);
    expect(item).toMatchObject({ status: 'ready', pause: null });
    expect(await show(project, item.head, 'made.txt')).toBe('made by the fake agent\n');
    expect(await show(project, item.head, 'agent.txt')).toBe('ls: true\ncurl: false\npasswd: false\n');
    const events = await tapeEvents(project.journal);
    expect(ofKind(events, 'outside.session_started')).toEqual([
      {
        agent: 'fake',
        program: 'fake-agent',
        version: '1.2.3',
        session: expect.any(String),
        isMetered: true,
      },
    ]);
    expect(ofKind(events, 'outside.prompted')[0]?.text).toMatch(
      /You are the developer[\s\S]*# Brief: Make a file/,
    );
    const permissions = ofKind(events, 'outside.permission_judged');
    expect(permissions.map(({ about, isAllowed }) => [about, isAllowed])).toEqual([
      ['Write made.txt', true],
      ['ls', true],
      ['curl http://example.org', false],
      ['Write', false],
    ]);
    expect(permissions.map(({ rule }) => rule)).not.toContain('');
    expect(permissions[2]?.rule).toContain('Bash(curl:*)');
    const tools = ofKind(events, 'outside.tool_reported').map(({ id, isFailed }) => [id, isFailed]);
    expect(tools).toEqual([
      ['t1', false],
      ['t2', false],
      ['t3', true],
      ['t4', true],
    ]);
    expect(ofKind(events, 'artifact.delivered').map(({ name }) => name)).toEqual(['notes.md']);
    expect(ofKind(events, 'outside.turn_ended')).toEqual([{ stop: 'end_turn', message: '' }]);
    const [agent] = await agentsOf(project.journal);
    const tape = agent && (await readTape(project.journal, agent));
    expect(tape).toMatchObject({ calls: 1, inDoubt: null });
    expect(tape?.costMicroUsd).toBeGreaterThan(0);
    expect(item.costMicroUsd).toBe(tape?.costMicroUsd);
    expect(tape?.ending?.summary).toContain('notes.md delivered');
  });

  it('is asked again while it owes an artifact, and no more than twice', async () => {
    const lazy = await fake.start('lazy');
    await lazy.add('Make a file');
    await lazy.run();
    const events = await tapeEvents(lazy.journal);
    expect(ofKind(events, 'outside.prompted')[1]?.text).toContain('you still owe: notes.md');
    expect((await lazy.item(1)).status).toBe('ready');

    const never = await fake.start('never_delivers', { mesh: ['limits: { breaker: 1 }'] });
    await never.add('Make a file');
    await never.run();
    const [failure] = await failuresOf(never, 1);
    expect(failure?.reason).toBe('artifact_missing');
    expect(failure?.message).toContain('its last words: That was turn 3.');
  });

  it('that stops at a refusal is told to go on in another way', async () => {
    const project = await fake.start('timid');
    await project.add('Make a file');
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    const prompts = ofKind(await tapeEvents(project.journal), 'outside.prompted');
    expect(prompts).toHaveLength(2);
    expect(prompts[1]?.text).toMatch(/curl was refused: .*curl/);
  });

  it('is lent no files and no terminal, and what makes no sense is passed over', async () => {
    const project = await fake.start('reaches');
    await project.add('Reach out');
    await project.run();
    const item = await project.item(1);
    expect(item.status).toBe('ready');
    expect(await show(project, item.head, 'agent.txt')).toBe('refused -32601\n'.repeat(3));
  });

  it('ends at a ceiling although it says that all is well, and goes on in its files after a raise', async () => {
    const project = await fake.start('spends');
    await project.add('---\nceiling_usd: 0.009\n---\nSpend a lot');
    await project.run();
    const paused = await project.item(1);
    expect(paused).toMatchObject({ status: 'paused', pause: { reason: 'ceiling' } });
    const before = await spentOf(project);
    expect(before).toBeLessThanOrEqual(9_000);
    const request = { kind: 'resume', by: 'test', ceilingMicroUsd: 11_000 } as const;
    await askOfItem({ journal: project.journal, newId, project: 'test', number: 1, request });
    await project.run();
    const events = await tapeEvents(project.journal);
    expect(ofKind(events, 'outside.session_started')).toHaveLength(2);
    const later = ofKind(events, 'outside.prompted').at(-1)?.text;
    expect(later).toMatch(/You are the developer[\s\S]*# An earlier session/);
    expect(ofKind(events, 'model.call_refused').length).toBeGreaterThanOrEqual(2);
    const again = await project.item(1);
    expect(again).toMatchObject({ status: 'paused', pause: { reason: 'ceiling' } });
    expect(await spentOf(project)).toBeGreaterThan(before);
    expect(await spentOf(project)).toBeLessThanOrEqual(11_000);
  });

  it('ends at its turn limit', async () => {
    const project = await fake.start('spends', { mesh: ['limits: { turns: 3, breaker: 1 }'] });
    await project.add('Go on and on');
    await project.run();
    const [failure] = await failuresOf(project, 1);
    expect(failure).toMatchObject({
      reason: 'turn_limit',
      message: expect.stringContaining('3 model calls'),
    });
    expect(ofKind(await tapeEvents(project.journal), 'model.call_finished')).toHaveLength(3);
  });

  it('that goes in circles is ended, since nobody can tell it in the middle of its turn', async () => {
    const project = await fake.start('circles', { mesh: ['limits: { repetitions: 3, breaker: 1 }'] });
    await project.add('Go round');
    await project.run();
    const [failure] = await failuresOf(project, 1);
    expect(failure).toMatchObject({
      reason: 'repetition',
      message: expect.stringMatching(/^went in circles: look .*a\.txt.*, 4 times in a row$/),
    });
    expect(ofKind(await tapeEvents(project.journal), 'model.call_finished')).toHaveLength(4);
  });

  it.each([
    ['crashes', 'the agent fake broke: .* \\(it printed: panic: out of ideas\\)'],
    ['junk', 'lines that are no message'],
    ['huge', 'a message of more than'],
    ['floods', 'floods its tape'],
    ['old', 'did not start: it speaks version 0'],
    ['no_mcp', 'did not start: it takes no MCP server over HTTP'],
  ])('that %s fails its step with one line that says so', async (way, message) => {
    const project = await fake.start(way, { mesh: ['limits: { breaker: 1 }'] });
    await project.add('Behave badly');
    await project.run();
    const failures = await failuresOf(project, 1);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toBe('model_failed');
    expect(failures[0]?.message).toMatch(new RegExp(message));
    expect(findProcesses(fake.program)).toEqual([]);
  });

  it('that neither ends nor listens is ended by the time limit, with everything it started', async () => {
    const project = await fake.start('deaf', { mesh: ['limits: { step_minutes: 0.03, breaker: 1 }'] });
    await project.add('Never end');
    await project.run();
    expect((await failuresOf(project, 1))[0]?.reason).toBe('timed_out');
    expect(findProcesses(fake.program)).toEqual([]);
    expect(findProcesses('ticks.txt')).toEqual([]);
  });

  it('that was put down in the middle goes on in its files, in a new session that is told so', async () => {
    const project = await fake.start('resumes');
    await project.add('Make it whole');
    const leaving = new AbortController();
    const running = project.run(leaving.signal);
    await expect
      .poll(async () => ofKind(await tapeEvents(project.journal), 'model.call_finished').length, {
        timeout: 20_000,
      })
      .toBe(1);
    await expect.poll(() => isThere(project.root, 'half.txt'), { timeout: 20_000 }).toBe(true);
    leaving.abort();
    await running;
    expect(findProcesses(fake.program)).toEqual([]);
    await project.run();
    const item = await project.item(1);
    expect(item.status).toBe('ready');
    expect(await show(project, item.head, 'whole.txt')).toBe('whole\n');
    const events = await tapeEvents(project.journal);
    expect(ofKind(events, 'outside.session_started')).toHaveLength(2);
    expect(ofKind(events, 'model.call_finished')).toHaveLength(1);
    const [first, second] = ofKind(events, 'outside.prompted').map(({ text }) => text);
    expect(second?.startsWith(first ?? '?')).toBe(true);
    expect(second).toMatch(/# An earlier session/);
  });

  it('that is not on this machine stops its item at once, with what to install', async () => {
    const project = await createOutsideProject({
      model: () => ({ text: 'never asked' }),
      mesh: [scriptedModel],
      agent: 'claude-code',
      change: (context) => ({ ...context, findProgram: () => null }),
    });
    onTestFinished(() => project.remove());
    await project.add('Nobody is there');
    await project.run();
    const failures = await failuresOf(project, 1);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toBe(
      'the agent claude-code is not on this machine: no claude-agent-acp on the PATH; install it: npm install -g @agentclientprotocol/claude-agent-acp',
    );
    expect((await project.item(1)).status).toBe('paused');
  });
});

it('the fake agent of these tests uses no library, so that its bytes are its own', () => {
  expect(readFileSync(fake.program, 'utf8')).not.toMatch(/from '(?!node:)/);
});
