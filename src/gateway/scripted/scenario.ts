/**
 * What a scenario file may say: scripts for seats, each a list of moves. It is data only (patterns and texts, never
 * code), because it comes out of a repository that is not trusted. Knows nothing of conversations.
 */
import { z } from 'zod';

/** A JavaScript regular expression; `^` and `$` match at every line. `${name}` in it stands for that exact text. */
const pattern = z.string().min(1);
const label = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be a label: small letters, digits and `-`');
const name = z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be a name: small letters, digits and `_`');

const expectation = z.union([
  pattern,
  z.strictObject({
    matches: z.union([pattern, z.array(pattern).min(1)]).optional(),
    lacks: z.union([pattern, z.array(pattern).min(1)]).optional(),
    /** Of `run` and `shell`; `nonzero` is any other than 0. Default for these two: 0. */
    exit_code: z.union([z.int(), z.literal(['nonzero', 'any'])]).optional(),
    /** Whether the call was refused or failed. Default: false. */
    error: z.union([z.boolean(), z.literal('any')]).optional(),
  }),
]);

/** The first group that took part, or the whole match. Without a default, finding nothing fails the expectation. */
const capture = z.union([
  pattern,
  z.strictObject({
    pattern,
    last: z.boolean().optional(),
    default: z.string().optional(),
  }),
]);

/** What is done with a text that was seen: check it, take parts out of it, go on somewhere. */
const observation = {
  expect: expectation.optional(),
  capture: z.record(name, capture).optional(),
  /** Keeps the whole text under this name. */
  as: name.optional(),
  /** Where to go on when the expectation is met; default: the next move. */
  goto: label.optional(),
  /** Where to go on when it is not; default: the agent says so and gives up. */
  else: label.optional(),
};

const call = z.strictObject({
  tool: z.string().min(1),
  input: z.record(z.string(), z.json()),
  ...observation,
});

const look = z.strictObject({ in: name, ...observation });

/** A new text: a template, or a captured one with every match of a pattern replaced. */
const derivation = z.union([z.string(), z.strictObject({ from: name, replace: pattern, with: z.string() })]);

const move = z.strictObject({
  label: label.optional(),
  /** Text beside the calls. */
  say: z.string().optional(),
  /** One call, or several in one turn. */
  call: z.union([call, z.array(call).min(1)]).optional(),
  look: look.optional(),
  set: z.record(name, derivation).optional(),
  goto: label.optional(),
  /** Ends the turn with these words. */
  done: z.string().min(1).optional(),
  /** Ends the turn, saying that it did not work out. */
  give_up: z.string().min(1).optional(),
});

const round = z.union([
  z.int().min(1),
  z.string().regex(/^[1-9]\d*\+$/, 'must be a round, e.g. `1` or `2+`'),
]);

const script = z.strictObject({
  name: z.string().min(1),
  /** All that is given must fit. A text is a part of the seat's value (any case); `/…/` is a regular expression. */
  for: z.strictObject({
    role: z.string().min(1),
    item: z.string().min(1).optional(),
    step: z.string().min(1).optional(),
    task: z.string().min(1).optional(),
    round: round.optional(),
    /** Searched in the first message. */
    prompt: z.string().min(1).optional(),
  }),
  /** Names usable in templates from the start. */
  values: z.record(name, z.string()).optional(),
  moves: z.array(move).min(1).max(200),
});

export const scenarioSchema = z.strictObject({
  name: z.string().min(1),
  /** In order of preference: the first that fits a seat is played. */
  scripts: z.array(script).min(1).max(500),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Script = z.infer<typeof script>;
export type ScriptMove = z.infer<typeof move>;
export type ScriptCall = z.infer<typeof call>;
export type Observation = Pick<ScriptCall, keyof typeof observation>;
export type Expectation = z.infer<typeof expectation>;
export type Capture = z.infer<typeof capture>;
export type Derivation = z.infer<typeof derivation>;

/** What a move does; exactly one of these keys is in it. */
export const moveKinds = ['call', 'look', 'set', 'goto', 'done', 'give_up'] as const;

export function callsOf(move: ScriptMove): ScriptCall[] {
  if (move.call === undefined) return [];
  return Array.isArray(move.call) ? move.call : [move.call];
}
