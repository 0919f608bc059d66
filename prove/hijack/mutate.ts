/** Changes a text a little, with the characters that readers of texts differ about. */
import type { Random } from '../../src/simulate/random.ts';

const strange = [
  ...' \t\n\r\v\f\\\'"`$&|;<>(){}[]*?!#~=%+,:@^-_./',
  ...[
    '\u00a0',
    '\u2028',
    '\u200b',
    '\u0000',
    '\u001b',
    '\ufeff',
    '；',
    'ａ',
    '$(',
    '<(',
    '\\\n',
    '\r\n',
    '..',
    '--',
    "$'",
    '$"',
    '&&',
    '||',
    '2>',
    '>|',
  ],
];

export function mutate(random: Random, text: string): string {
  let mutated = text;
  for (let count = random.between(1, 2); count > 0; count -= 1) {
    const at = random.between(0, mutated.length);
    const to = Math.min(mutated.length, at + random.pick([0, 0, 1, 2]));
    mutated = mutated.slice(0, at) + (random.chance(0.8) ? random.pick(strange) : '') + mutated.slice(to);
  }
  return mutated;
}
