import { describe, expect, it } from 'vitest';
import type { ModelMessage } from '../gateway/model.ts';
import { judgeRepetition } from './find-repetition.ts';

/** `a` is a call with the input a; `a!` the same call with another result; `'text'` an answer without a call; `#` what we say. */
function tapeOf(...acts: string[]): ModelMessage[] {
  const messages: ModelMessage[] = [];
  for (const [index, act] of acts.entries()) {
    if (act.startsWith('#')) {
      const last = messages.at(-1);
      const text = { type: 'text' as const, text: act.slice(1) };
      if (last?.role === 'user') last.content.push(text);
      else messages.push({ role: 'user', content: [text] });
    } else if (act.startsWith("'")) {
      messages.push({ role: 'assistant', content: [{ type: 'text', text: act }] });
    } else {
      const id = `call-${index}`;
      const input = { path: act[0] ?? '' };
      messages.push({ role: 'assistant', content: [{ type: 'tool_call', id, tool: 'read', input }] });
      const result = { type: 'tool_result' as const, id, tool: 'read', output: act, isError: false };
      messages.push({ role: 'user', content: [result] });
    }
  }
  return messages;
}

function told(...acts: string[]): string {
  const verdict = judgeRepetition(tapeOf(...acts), 3);
  if (verdict.kind !== 'tell') throw new Error(`${acts.join(' ')} is ${verdict.kind}`);
  return `#${verdict.text}`;
}

describe('an agent that goes in circles', () => {
  it.each([
    ['the same call', ['a', 'a', 'a'], 'read {"path":"a"}, 3 times in a row'],
    [
      'two in turn',
      ['x', 'a', 'b', 'a', 'b', 'a', 'b'],
      'read {"path":"a"}, then read {"path":"b"}, 3 times in a row',
    ],
    [
      'three in turn',
      ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c'],
      'then read {"path":"c"}, 3 times in a row',
    ],
    ['the same answer', ["'no'", "'no'", "'no'"], 'an answer without a tool call, 3 times in a row'],
  ])('is told: %s', (_, acts, what) => {
    expect(told(...acts)).toContain(what);
  });

  it.each([
    ['less often than the limit', ['a', 'a']],
    ['with another result each time', ['a', 'a!', 'a!!', 'a']],
    ['with something else between', ['a', 'a', 'b', 'a', 'a']],
    ['in a cycle that is not whole yet', ['a', 'b', 'a', 'b', 'a']],
    ['long ago', ['a', 'a', 'a', 'b']],
  ])('is not told: %s', (_, acts) => {
    expect(judgeRepetition(tapeOf(...acts), 3).kind).toBe('none');
  });

  it('is ended when it goes on with the same, and not before it had another turn', () => {
    const warning = told('a', 'a', 'a');
    expect(judgeRepetition(tapeOf('a', 'a', 'a', warning), 3).kind).toBe('none');
    expect(judgeRepetition(tapeOf('x', 'a', 'a', 'a', warning, 'a'), 3)).toEqual({
      kind: 'end',
      repetition: { cycle: ['read {"path":"a"}'], times: 4, firstReply: 1 },
    });
  });

  it('is let finish a cycle after it was told, and ended when it is whole', () => {
    const warning = told('a', 'b', 'a', 'b', 'a', 'b');
    const before = ['a', 'b', 'a', 'b', 'a', 'b', warning];
    expect(judgeRepetition(tapeOf(...before, 'a'), 3).kind).toBe('none');
    expect(judgeRepetition(tapeOf(...before, 'a', 'b'), 3).kind).toBe('end');
    expect(judgeRepetition(tapeOf(...before, 'c', 'd'), 3).kind).toBe('none');
  });

  it('is told once: what it repeats after that, in whatever other way, ends it', () => {
    const before = ['a', 'a', 'a', told('a', 'a', 'a'), 'b'];
    expect(judgeRepetition(tapeOf(...before, 'c', 'c'), 3).kind).toBe('none');
    expect(judgeRepetition(tapeOf(...before, 'c', 'c', 'c'), 3).kind).toBe('end');
  });

  it('is not taken for told because of other things that we said', () => {
    expect(told('a', '#Little of your budget is left.', 'a', 'a')).toContain('3 times in a row');
  });
});
