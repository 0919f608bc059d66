/** Finds what is wrong with one script beyond its shape, so that a mistake shows when it is loaded, not in the middle of a play. */
import { suggestWord } from '../../yaml/yaml-shape.ts';
import type { YamlPath } from '../../yaml/yaml-source.ts';
import { findPatternProblem } from './match-pattern.ts';
import { callsOf, moveKinds, type Observation, type Script, type ScriptMove } from './scenario.ts';
import { fillTemplate, namesInJson, namesInTemplate } from './template.ts';

export interface ScriptProblem {
  /** From the script down. */
  path: YamlPath;
  message: string;
}

/** Names that are always there: the first message, and who is seated. */
export const givenNames: readonly string[] = [
  'prompt',
  'seat.project',
  'seat.item',
  'seat.title',
  'seat.role',
  'seat.step',
  'seat.task',
  'seat.round',
];

export function checkScript(script: Script): ScriptProblem[] {
  return [
    ...checkSeatPatterns(script),
    ...script.moves.flatMap((move, index) => checkKind(move, ['moves', index])),
    ...checkLabels(script),
    ...checkNames(script),
    ...checkPatterns(script),
    ...checkEnd(script),
  ];
}

/** The regular expression inside `/…/`, or undefined when the text is a plain one. */
export function seatPattern(text: string): string | undefined {
  return text.length > 2 && text.startsWith('/') && text.endsWith('/') ? text.slice(1, -1) : undefined;
}

function checkSeatPatterns(script: Script): ScriptProblem[] {
  return Object.entries(script.for).flatMap(([key, value]) => {
    const pattern = typeof value === 'string' ? seatPattern(value) : undefined;
    return pattern === undefined ? [] : checkPattern(pattern, ['for', key]);
  });
}

function checkKind(move: ScriptMove, path: YamlPath): ScriptProblem[] {
  const given = moveKinds.filter((kind) => move[kind] !== undefined);
  const problems: ScriptProblem[] = [];
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none' : given.join(' and ');
    problems.push({
      path,
      message: `a move has exactly one of ${moveKinds.join(', ')}; this one has ${found}`,
    });
  }
  if (move.say !== undefined && move.call === undefined) {
    problems.push({ path: [...path, 'say'], message: '`say` goes with `call`; to end the turn use `done`' });
  }
  return problems;
}

function checkLabels(script: Script): ScriptProblem[] {
  const seen = new Set<string>();
  const problems: ScriptProblem[] = [];
  for (const [index, move] of script.moves.entries()) {
    if (move.label === undefined) continue;
    if (seen.has(move.label)) {
      problems.push({
        path: ['moves', index, 'label'],
        message: `the label \`${move.label}\` appears twice`,
      });
    }
    seen.add(move.label);
  }
  const known = [...seen];
  const targets = [
    ...observationsOf(script).flatMap(({ observation, path }) =>
      (['goto', 'else'] as const).map((key) => ({ to: observation[key], path: [...path, key] })),
    ),
    ...script.moves.map((move, index) => ({ to: move.goto, path: ['moves', index, 'goto'] })),
  ];
  for (const { to, path } of targets) {
    if (to !== undefined && !seen.has(to)) {
      problems.push({ path, message: `there is no label \`${to}\` in this script${suggestWord(to, known)}` });
    }
  }
  return problems;
}

function checkNames(script: Script): ScriptProblem[] {
  const known = new Set([...givenNames, ...Object.keys(script.values ?? {})]);
  for (const { observation } of observationsOf(script)) {
    for (const name of Object.keys(observation.capture ?? {})) known.add(name);
    if (observation.as !== undefined) known.add(observation.as);
  }
  for (const move of script.moves) for (const name of Object.keys(move.set ?? {})) known.add(name);
  return usesOf(script).flatMap(({ names, path }) =>
    names
      .filter((name) => !known.has(name))
      .map((name) => ({
        path,
        message: `nothing in this script gives \`${name}\` a value${suggestWord(name, [...known])}`,
      })),
  );
}

function usesOf(script: Script): { names: string[]; path: YamlPath }[] {
  const ofMoves = script.moves.flatMap((move, index) => {
    const path = ['moves', index];
    const texts = (['say', 'done', 'give_up'] as const).map((key) => ({
      names: namesInTemplate(move[key] ?? ''),
      path: [...path, key],
    }));
    const inputs = callsOf(move).map((call, at) => ({
      names: namesInJson(call.input),
      path: [...path, 'call', ...(Array.isArray(move.call) ? [at] : []), 'input'],
    }));
    const sets = Object.entries(move.set ?? {}).map(([name, derivation]) => ({
      names:
        typeof derivation === 'string'
          ? namesInTemplate(derivation)
          : [derivation.from, ...namesInTemplate(derivation.with)],
      path: [...path, 'set', name],
    }));
    const look = move.look ? [{ names: [move.look.in], path: [...path, 'look', 'in'] }] : [];
    return [...texts, ...inputs, ...sets, ...look];
  });
  const inPatterns = patternsOf(script).map(({ pattern, path }) => ({
    names: namesInTemplate(pattern),
    path,
  }));
  return [...ofMoves, ...inPatterns];
}

function checkPatterns(script: Script): ScriptProblem[] {
  return patternsOf(script).flatMap(({ pattern, path }) => checkPattern(pattern, path));
}

function checkPattern(pattern: string, path: YamlPath): ScriptProblem[] {
  const names = new Map(namesInTemplate(pattern).map((name) => [name, 'x']));
  const problem = findPatternProblem(fillTemplate(pattern, names));
  return problem === undefined ? [] : [{ path, message: problem }];
}

function patternsOf(script: Script): { pattern: string; path: YamlPath }[] {
  const observed = observationsOf(script).flatMap(({ observation, path }) => {
    const { expect } = observation;
    const expected =
      expect === undefined || typeof expect === 'string'
        ? [{ pattern: expect ?? '', path: [...path, 'expect'] }]
        : (['matches', 'lacks'] as const).flatMap((key) =>
            [expect[key] ?? []].flat().map((pattern) => ({ pattern, path: [...path, 'expect', key] })),
          );
    const captured = Object.entries(observation.capture ?? {}).map(([name, capture]) => ({
      pattern: typeof capture === 'string' ? capture : capture.pattern,
      path: [...path, 'capture', name],
    }));
    return [...expected, ...captured];
  });
  const replaced = script.moves.flatMap((move, index) =>
    Object.entries(move.set ?? {}).flatMap(([name, derivation]) =>
      typeof derivation === 'string'
        ? []
        : [{ pattern: derivation.replace, path: ['moves', index, 'set', name, 'replace'] }],
    ),
  );
  return [...observed, ...replaced];
}

function checkEnd(script: Script): ScriptProblem[] {
  const last = script.moves.at(-1);
  if (last === undefined || last.done !== undefined || last.give_up !== undefined || last.goto !== undefined)
    return [];
  const path = ['moves', script.moves.length - 1];
  return [{ path, message: 'a script ends with `done`, `give_up` or `goto`' }];
}

function observationsOf(script: Script): { observation: Observation; path: YamlPath }[] {
  return script.moves.flatMap((move, index) => {
    const path = ['moves', index];
    const calls = callsOf(move).map((call, at) => ({
      observation: call,
      path: [...path, 'call', ...(Array.isArray(move.call) ? [at] : [])],
    }));
    return move.look ? [...calls, { observation: move.look, path: [...path, 'look'] }] : calls;
  });
}
