import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import type { AssistantPart, ModelMessage, ModelReply, ModelRequest, Seat } from '../model.ts';
import { loadScenario } from './load-scenario.ts';
import { createScriptedProvider, createScriptedProviderFromBrain } from './scripted-provider.ts';

const seat: Seat = {
  project: 'p',
  item: 7,
  itemTitle: 'Export orders as CSV',
  role: 'developer',
  step: 'build/T1/developer',
  task: 'T1',
  round: 1,
};

function requestOf(messages: ModelMessage[], changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'm',
    system: 'You are a developer.',
    messages,
    tools: [],
    maxOutputTokens: 4_000,
    effort: null,
    seat,
    ...changes,
  };
}

function said(text: string): ModelMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

async function answer(
  request: ModelRequest,
  moves: string,
  forSeat = '{ role: developer }',
): Promise<ModelReply> {
  const text = `name: small\nscripts:\n  - name: one\n    for: ${forSeat}\n    moves:\n${moves}`;
  const { value, diagnostics } = await loadScenario({ text });
  expect(diagnostics).toEqual([]);
  if (!value) throw new Error('the scenario did not load');
  const provider = createScriptedProvider({ scenario: value, clock: systemClock });
  const outcome = await provider.generate(structuredClone(request), new AbortController().signal);
  if (!outcome.ok) throw new Error(outcome.failure.message);
  return outcome.reply;
}

type Result = string | { error: string };

/** Leads the conversation on with these results, one list per turn; a new provider answers every time. */
async function play(moves: string, results: Result[][], prompt = 'the brief'): Promise<ModelReply[]> {
  const messages = [said(prompt)];
  const replies = [await answer(requestOf(messages), moves)];
  for (const turn of results) {
    const { content } = replies.at(-1) as ModelReply;
    const calls = content.filter((part) => part.type === 'tool_call');
    messages.push({ role: 'assistant', content });
    messages.push({
      role: 'user',
      content: calls.map(({ id, tool }, index) => {
        const result = turn[index] ?? '';
        const isError = typeof result !== 'string';
        return { type: 'tool_result', id, tool, output: isError ? result.error : result, isError };
      }),
    });
    replies.push(await answer(requestOf(messages), moves));
  }
  return replies;
}

function textOf(reply: ModelReply | undefined): string {
  return (reply?.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function inputsOf(reply: ModelReply | undefined): JsonObject[] {
  return (reply?.content ?? []).flatMap((part) => (part.type === 'tool_call' ? [part.input] : []));
}

const renameMoves = `
      - call: { tool: read, input: { path: a.ts }, capture: { line: '^(const old\\w* = .*;)$' } }
      - set: { better: { from: line, replace: 'old\\w*', with: fresh } }
      - call: { tool: edit, input: { path: a.ts, old_text: '\${line}', new_text: '\${better} // $\${x}' } }
      - done: changed \${line}
`;

describe('a script', () => {
  test('makes an edit out of what a read returned', async () => {
    const replies = await play(renameMoves, [['let a;\nconst oldest = 1;\n'], ['edited a.ts']]);
    expect(inputsOf(replies[1])).toEqual([
      { path: 'a.ts', old_text: 'const oldest = 1;', new_text: `const fresh = 1; // ${'$'}{x}` },
    ]);
    expect(textOf(replies[2])).toBe('changed const oldest = 1;');
    expect(replies.map((reply) => reply.stop)).toEqual(['tool_call', 'tool_call', 'end']);
  });

  test('gives up in plain words when it does not see what it needs', async () => {
    const replies = await play(renameMoves, [['nothing here']]);
    expect(textOf(replies[1])).toMatch(/^I give up: read gave me .* nothing like .*const old/);
    expect(replies[1]?.stop).toBe('end');
  });

  test('takes a refusal as something it did not expect, unless it says otherwise', async () => {
    const moves = `
      - call: { tool: write, input: { path: a, content: b } PLACE }
      - done: went on
`;
    const refusal = [[{ error: 'refused: reviewer may not write' }]];
    const stuck = await play(moves.replace('PLACE', ''), refusal);
    expect(textOf(stuck[1])).toContain('refused: reviewer may not write');
    const warned = await play(
      moves.replace('PLACE', ", expect: { error: true, matches: '^refused' }"),
      refusal,
    );
    expect(textOf(warned[1])).toBe('went on');
  });

  test('goes by the exit code of a command and repeats until it is green', async () => {
    const moves = `
      - { label: again, call: { tool: run, input: { argv: [make] }, as: out, goto: green, else: red } }
      - { label: red, look: { in: out, capture: { failed: 'failed: (\\w+)' } } }
      - call: { tool: shell, input: { command: 'fix \${failed}' } }
      - goto: again
      - { label: green, done: all green }
`;
    const replies = await play(moves, [
      [{ error: 'exit code 2\nfailed: parser' }],
      ['exit code 0'],
      ['exit code 0\nok'],
    ]);
    expect(inputsOf(replies[1])).toEqual([{ command: 'fix parser' }]);
    expect(textOf(replies[3])).toBe('all green');
  });

  test('that goes round in circles gives up', async () => {
    const moves = '      - { label: a, goto: b }\n      - { label: b, goto: a }\n';
    expect(textOf((await play(moves, []))[0])).toMatch(/I give up: .*circles/);
  });

  test('does again what was interrupted, and only that', async () => {
    const moves = `
      - call:
          - { tool: read, input: { path: a } }
          - { tool: run, input: { argv: [ls] } }
      - done: both
`;
    const lost = { error: 'interrupted, outcome unknown: run may or may not have taken effect' };
    const replies = await play(moves, [['text', lost], ['exit code 0']]);
    expect(inputsOf(replies[1])).toEqual([{ argv: ['ls'] }]);
    expect(textOf(replies[2])).toBe('both');
  });

  test('can look at the first message and at who is seated', async () => {
    const moves = `
      - look: { in: prompt, capture: { wish: 'wants (\\w+)' } }
      - done: '\${wish} for item \${seat.item}, \${seat.title}'
`;
    expect(textOf((await play(moves, [], 'somebody wants coffee'))[0])).toBe(
      'coffee for item 7, Export orders as CSV',
    );
  });

  test('with a pattern that never comes to an end gives up', async () => {
    const moves = "      - look: { in: prompt, expect: '(a+)+$' }\n      - done: through\n";
    expect(textOf((await play(moves, [], `${'a'.repeat(60)}!`))[0])).toContain('takes too long');
  });

  test('goes on after its end when it is spoken to again, and says so when there is nothing left', async () => {
    const moves = '      - done: first\n      - done: second\n';
    const messages = [said('brief')];
    const words: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const reply = await answer(requestOf(messages), moves);
      words.push(textOf(reply));
      messages.push({ role: 'assistant', content: reply.content }, said('you still owe something'));
    }
    expect(words).toEqual(['first', 'second', 'I have nothing to add.']);
  });
});

describe('the provider', () => {
  test('says so when no script is for the seat', async () => {
    const bye = '      - done: bye\n';
    for (const other of [
      '{ role: tester }',
      '{ role: developer, item: /^CSV/ }',
      '{ role: developer, task: T2 }',
      '{ role: developer, round: 2+ }',
      '{ role: developer, prompt: coffee }',
    ]) {
      expect(textOf(await answer(requestOf([said('brief')]), bye, other))).toMatch(
        /no script for a developer of item 7/,
      );
    }
    const fitting = '{ role: developer, item: csv, step: /T1/, task: T1, round: 1, prompt: brief }';
    expect(textOf(await answer(requestOf([said('brief')]), bye, fitting))).toBe('bye');
  });

  test('says so when the conversation is not its own', async () => {
    const content: AssistantPart[] = [{ type: 'tool_call', id: 'x', tool: 'grep', input: {} }];
    const messages: ModelMessage[] = [said('brief'), { role: 'assistant', content }];
    expect(textOf(await answer(requestOf(messages), renameMoves))).toMatch(
      /not the one that the script "one" leads/,
    );
  });

  test('counts what the last turn sent as read from the cache and the rest as written to it', async () => {
    const file = `const old = 1;\n${'x'.repeat(9_000)}`;
    const long = 'brief '.repeat(1_000);
    const [first, second, third] = await play(renameMoves, [[file], ['edited']], long);
    const promptOf = (reply?: ModelReply) =>
      (reply?.usage.inputTokens ?? 0) +
      (reply?.usage.cacheReadTokens ?? 0) +
      (reply?.usage.cacheWriteTokens ?? 0);
    expect(first?.usage.cacheReadTokens).toBe(0);
    expect(promptOf(first)).toBeGreaterThan(long.length / 4);
    expect(second?.usage.cacheReadTokens).toBe(promptOf(first));
    expect(second?.usage.cacheWriteTokens).toBeGreaterThan(file.length / 4);
    expect(third?.usage.cacheReadTokens).toBe(promptOf(second));
  });

  test('caches nothing as long as the prompt is short', async () => {
    const reply = await answer(requestOf([said('brief')]), '      - done: bye\n');
    expect(reply.usage).toMatchObject({ cacheReadTokens: 0, cacheWriteTokens: 0 });
    expect(reply.usage.inputTokens).toBeGreaterThan(5);
    expect(reply.usage.outputTokens).toBeGreaterThan(0);
  });

  test('never answers with more than the output that was reserved', async () => {
    const request = requestOf([said('brief')], { maxOutputTokens: 50 });
    const reply = await answer(request, `      - done: ${'word '.repeat(200)}\n`);
    expect(reply.stop).toBe('max_tokens');
    expect(reply.usage.outputTokens).toBe(50);
    expect(textOf(reply).length).toBeLessThan(200);
  });

  test('waits by its clock and stops when it is aborted', async () => {
    const waits: number[] = [];
    const clock: Clock = { ...systemClock, sleep: async (ms) => void waits.push(ms) };
    const provider = createScriptedProviderFromBrain(() => ({ text: 'hi' }), { clock, latencyMs: 250 });
    await provider.generate(requestOf([said('x')]), new AbortController().signal);
    expect(waits).toEqual([250]);
    await expect(
      provider.generate(requestOf([said('x')]), AbortSignal.abort(new Error('stop'))),
    ).rejects.toThrow('stop');
  });

  test('can be led by a function, which may also fail like a provider', async () => {
    const failure = {
      kind: 'overloaded' as const,
      message: 'busy',
      isRetryable: true,
      retryAfterMs: null,
      mayHaveBilled: false,
      usage: null,
    };
    const provider = createScriptedProviderFromBrain(({ messages }) =>
      messages.length === 1 ? { calls: [{ tool: 'read', input: { path: 'a' } }] } : { failure },
    );
    const { signal } = new AbortController();
    const first = await provider.generate(requestOf([said('x')]), signal);
    expect(first.ok && first.reply.content).toEqual([
      { type: 'tool_call', id: 'scripted_1_1', tool: 'read', input: { path: 'a' } },
    ]);
    expect(await provider.generate(requestOf([said('x'), said('y')]), signal)).toEqual({
      ok: false,
      failure,
    });
    expect(provider.isRealModel).toBe(false);
  });
});
