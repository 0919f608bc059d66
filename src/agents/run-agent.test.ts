import { describe, expect, test } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import type { ModelMessage } from '../gateway/model.ts';
import { assemblePrompt, type PromptInputs } from './assemble-prompt.ts';
import { conversation, openingOf } from './run-agent.ts';

const inputs: PromptInputs = {
  role: makeRole({ instructions: 'You write code.' }),
  brief: { title: 'CSV', text: 'Export it.', criteria: ['quoted'] },
  artifacts: [{ name: 'plan.json', content: '{}' }],
  task: { id: 'T1', title: 'Rows', instructions: 'Make rows.', after: [] },
  diff: null,
  findings: [
    { source: 'check:test', message: '2 of 43 tests failed', file: null, line: null, output: 'boom' },
  ],
  deliverables: ['notes.md'],
  commits: true,
  hasKeptWork: false,
  decided: [],
  asking: null,
  checks: [{ name: 'test', run: 'npm test' }],
  budget: null,
};

describe('a prompt', () => {
  test('is the same text for the same inputs, the stable part first', () => {
    const prompt = assemblePrompt(inputs);
    expect(assemblePrompt(structuredClone(inputs))).toEqual(prompt);
    const other = assemblePrompt({
      ...inputs,
      task: null,
      findings: [],
      brief: { ...inputs.brief, title: 'PDF' },
    });
    expect(other.system).toBe(prompt.system);
  });

  test('says when to ask, of which kinds, and what is open: the first stays, the last differs', () => {
    const asking: PromptInputs['asking'] = {
      kinds: [
        { kind: 'compliance_question', primary: '@compliance-team', sla: '30 min SLA', mode: 'block' },
        { kind: 'requirement_ambiguity', primary: '@sarah-pm', sla: '60 min SLA', mode: 'wait' },
      ],
      open: [],
    };
    const key = { kind: 'requirement_ambiguity', topic: 'tax.rounding', scope: 'mesh' };
    const open = [{ ask: 'Q-7', ...key, addressee: '@sarah-pm', dueAt: '2026-11-23T10:00:00.000Z' }];
    const plain = assemblePrompt({ ...inputs, asking });
    const busy = assemblePrompt({ ...inputs, asking: { ...asking, open } });
    expect(busy.system).toBe(plain.system);
    expect(plain.system).toContain('# When to ask people');
    expect(plain.system).toContain('- `requirement_ambiguity`: @sarah-pm, 60 min SLA\n');
    expect(plain.system).toContain('@compliance-team, 30 min SLA, stops all work of the cluster');
    expect(plain.firstMessage).not.toContain('Asked already');
    expect(busy.firstMessage).toContain(
      '# Asked already, and not answered yet\n\n- Q-7: `tax.rounding`, kind `requirement_ambiguity`, scope `mesh`, @sarah-pm, due 2026-11-23T10:00:00.000Z',
    );
    expect(JSON.stringify(assemblePrompt(inputs))).not.toMatch(/ask people|Asked already/);
  });

  test('says the task, the criteria, what was found wrong with its output, and what is owed', () => {
    const { firstMessage } = assemblePrompt(inputs);
    for (const part of ['T1 Rows', '- quoted', '2 of 43 tests failed', 'boom', 'notes.md', 'one commit']) {
      expect(firstMessage).toContain(part);
    }
  });

  test('cuts an enormous diff and says so', () => {
    const { firstMessage } = assemblePrompt({ ...inputs, diff: '+x\n'.repeat(100_000) });
    expect(firstMessage.length).toBeLessThan(70_000);
    expect(firstMessage).toContain('… cut; read the files for the rest');
  });
});

describe('a conversation', () => {
  test('puts a reminder after every turn that ended early, and only there', () => {
    const prompt = assemblePrompt(inputs);
    const call: ModelMessage = {
      role: 'assistant',
      content: [{ type: 'tool_call', id: '1', tool: 'read', input: { path: 'a' } }],
    };
    const result: ModelMessage = {
      role: 'user',
      content: [{ type: 'tool_result', id: '1', tool: 'read', output: 'a', isError: false }],
    };
    const early: ModelMessage = { role: 'assistant', content: [{ type: 'text', text: 'done' }] };
    const messages = conversation(openingOf(prompt), [call, result, early], ['notes.md']);
    expect(messages.map((message) => message.role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ]);
    expect(JSON.stringify(messages.at(-1))).toContain('you still owe: notes.md');
  });

  test('puts what the agent was told into the message of ours that is there already', () => {
    const early: ModelMessage = { role: 'assistant', content: [{ type: 'text', text: 'done' }] };
    const told: ModelMessage = { role: 'user', content: [{ type: 'text', text: 'little is left' }] };
    const messages = conversation(openingOf(assemblePrompt(inputs)), [told, early, told], ['notes.md']);
    expect(messages.map(({ role, content }) => `${role} ${content.length}`)).toEqual([
      'user 2',
      'assistant 1',
      'user 2',
    ]);
  });

  test('begins with what is left to spend, when something limits it', () => {
    expect(assemblePrompt(inputs).firstMessage).not.toContain('# Budget');
    expect(assemblePrompt({ ...inputs, budget: '$1 is left.' }).firstMessage).toContain(
      '# Budget\n\n$1 is left.',
    );
  });
});
