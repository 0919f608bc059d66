import { describe, expect, it } from 'vitest';
import { alwaysThere } from '../../test/questions/people.ts';
import { questionOf } from '../../test/questions/question-input.ts';
import type { JsonObject } from '../base/json.ts';
import { readAsk } from './ask-input.ts';
import { ownKinds } from './question.ts';

function read(more: JsonObject) {
  return readAsk(questionOf(more), { stakeholders: alwaysThere, item: 3, flow: 'feature', wasAsked: false });
}

function keyOf(more: JsonObject) {
  const reading = read(more);
  if (!reading.ok) throw new Error(reading.missing.join('; '));
  return reading.key;
}

function problemsOf(more: JsonObject): string[] {
  const reading = read(more);
  return reading.ok ? [] : reading.missing;
}

describe('what a question is about', () => {
  it('is the same however it is written', () => {
    for (const kind of ['Requirement ambiguity', ' requirement-ambiguity ', 'REQUIREMENT_AMBIGUITY'])
      for (const topic of ['Export timezone', 'export-timezone', ' Export . Timezone '])
        expect(keyOf({ kind, topic, scope: ' mesh ' })).toEqual({
          kind: 'requirement_ambiguity',
          topic: 'export.timezone',
          scope: 'mesh',
        });
  });

  it('is not taken for another one', () => {
    expect(keyOf({ topic: 'export.timezones' }).topic).not.toBe(keyOf({}).topic);
    expect(keyOf({ kind: 'requirement_ambiguities', default: 1 }).kind).toBe('requirement_ambiguities');
  });

  it.each(['', 'requirement.ambiguity', '1st', 'kind\u0000', 'ambigu\u00efty', 'x'.repeat(81)])(
    'cannot be of the kind %j',
    (kind) => {
      expect(problemsOf({ kind }).join()).toMatch(/kind/);
    },
  );

  it.each(Object.values(ownKinds))('cannot be of the kind %s, which only the platform asks', (kind) => {
    for (const written of [kind, kind.toUpperCase(), kind.replaceAll('_', ' ')])
      expect(problemsOf({ kind: written })).toEqual([
        `kind ${kind} is asked by the platform itself: name what your question is about`,
      ]);
  });

  it.each([
    ['item', 'item:3'],
    ['item:3', 'item:3'],
    ['team', 'team:feature'],
    ['paths: src/b/** , src/a/**,src/a/**', 'paths:src/a/**,src/b/**'],
    ['paths:src/{b,a}/**,docs/**', 'paths:docs/**,src/{b,a}/**'],
  ])('scope %s is %s', (scope, written) => {
    expect(keyOf({ scope }).scope).toBe(written);
  });

  it.each(['item:4', 'team:other', 'paths:', 'everybody', 'paths:a,,b'])('scope %s is refused', (scope) => {
    expect(problemsOf({ scope })).toEqual([
      expect.stringContaining('scope must be mesh, team, item or paths:'),
    ]);
  });

  it('is mesh-wide where its route says so, whatever the agent named', () => {
    expect(keyOf({ kind: 'architectural_decision', scope: 'item' }).scope).toBe('mesh');
  });
});
