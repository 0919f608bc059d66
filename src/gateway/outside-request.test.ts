import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelMessage } from './model.ts';
import { createSentMessages, followRequest, shortenRequest, type Thread } from './outside-request.ts';

function user(text: string): ModelMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}
function assistant(text: string): ModelMessage {
  return { role: 'assistant', content: [{ type: 'text', text }] };
}

/** An agent that sends these conversations one after another; what went on its tape, and what the tape makes of it. */
function send(conversations: ModelMessage[][]) {
  let threads: Thread[] = [];
  const recorded = conversations.map((messages, index) => {
    const short = shortenRequest(threads, `r${index}`, messages);
    expect(short.messages).toEqual(messages);
    threads = followRequest(threads, short.recorded);
    expect(threads.at(-1)).toEqual({ request: `r${index}`, messages });
    return short.recorded;
  });
  return { recorded, threads };
}

describe('an outside agent’s requests on the tape', () => {
  it('hold only what is new in a conversation that grows', () => {
    const first = [user('a')];
    const second = [...first, assistant('b'), user('c')];
    const third = [...second, assistant('d'), user('e')];
    const { recorded, threads } = send([first, second, third]);
    expect(recorded).toEqual([
      { request: 'r0', base: null, kept: 0, added: first },
      { request: 'r1', base: 'r0', kept: 1, added: second.slice(1) },
      { request: 'r2', base: 'r1', kept: 3, added: third.slice(3) },
    ]);
    expect(threads).toHaveLength(1);
  });

  it('hold only what is new in each of several conversations at once', () => {
    const main = [user('a'), assistant('b'), user('c')];
    const side = [user('a title, please')];
    const { recorded } = send([main, side, [...main, assistant('d'), user('e')], [...side, assistant('t')]]);
    expect(recorded.map(({ base, added }) => [base, added.length])).toEqual([
      [null, 3],
      [null, 1],
      ['r0', 2],
      ['r1', 1],
    ]);
  });

  it('keep what stands before a message that the agent changed', () => {
    const main = [user('a'), assistant('b'), user('c')];
    const { recorded, threads } = send([main, [user('a'), assistant('b'), user('something else')]]);
    expect(recorded[1]).toMatchObject({ base: 'r0', kept: 2 });
    expect(threads.map(({ request }) => request)).toEqual(['r0', 'r1']);
  });

  it('keep the same message as one object, so that it is counted once', () => {
    const said = user('a');
    const { threads } = send([[said]]);
    const { messages } = shortenRequest(threads, 'r1', [structuredClone(said), user('b')]);
    expect(messages[0]).toBe(said);
  });

  it('are recognised before they are looked through, so that each message is looked through once', () => {
    const known = createSentMessages();
    const first = known.recognize('r0', [user('a'), assistant('b')]);
    const second = known.recognize('r1', [user('a'), assistant('b'), user('c')]);
    expect(second[0]).toBe(first[0]);
    expect(second[1]).toBe(first[1]);
    expect(second).toEqual([user('a'), assistant('b'), user('c')]);
  });

  it('give back every conversation as it was sent, whatever the agent sends', () => {
    const message = fc
      .tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c'))
      .map(([isUser, text]) => (isUser ? user(text) : assistant(text)));
    const conversations = fc.array(fc.array(message, { minLength: 1, maxLength: 5 }), { maxLength: 40 });
    fc.assert(
      fc.property(conversations, (sent) => {
        const { threads } = send(sent);
        expect(threads.length).toBeLessThanOrEqual(16);
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});
