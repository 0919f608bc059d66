/**
 * Is this a well-formed question? From what an agent's model wrote to what a person is shown, or to everything that is missing,
 * one readable line each. Pure; the route of the kind is looked up in the stakeholder map, agents name nothing but the kind.
 */
import type { JsonObject } from '../base/json.ts';
import { readKind } from '../policy/question-kind.ts';
import { readGlobs } from '../policy/read-globs.ts';
import { routeOf } from '../policy/route-of.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { askFields, complianceFields, fewestOptions, mostOptions, optionFields } from './ask-fields.ts';
import { isOwnKind, type QuestionKey, type QuestionOption, type QuestionText } from './question.ts';
import { isObject, noteUnknown, readFields } from './read-fields.ts';

export type AskReading =
  | { ok: true; text: QuestionText; key: QuestionKey }
  /** At least one line. */
  | { ok: false; missing: string[] };

export interface AskFacts {
  stakeholders: Stakeholders;
  /** Where it is asked, for the scopes `item` and `team`. */
  item: number;
  flow: string;
  /** It was asked before: what its route wants now does not matter any more. */
  wasAsked: boolean;
}

export function readAsk(input: JsonObject, facts: AskFacts): AskReading {
  const problems: string[] = [];
  noteUnknown(input, [...Object.keys(askFields), 'options', 'default', 'compliance'], problems);
  const said = readFields(input, askFields, { path: '', problems });
  const key = readKey(said, facts, problems);
  const isCompliance = key.kind.startsWith('compliance');
  const compliance = readCompliance(input, isCompliance, problems);
  const options = compliance
    ? yesOrNo(input, compliance, problems)
    : readOptions(input, isCompliance, problems);
  const mustDefault = !isCompliance && !facts.wasAsked && takesDefaults(key.kind, facts);
  const defaultOption = readDefault(input, { optionCount: options.length, mustDefault }, problems);
  if (problems.length > 0) return { ok: false, missing: problems };
  const { title, building, question, why_you: whyYou, unblocks } = said;
  return {
    ok: true,
    key,
    text: { title, building, question, options, whyYou, unblocks, defaultOption, compliance },
  };
}

/** Where nothing may ever be taken by default none need be named; a kind without a route waits, and then one is. */
function takesDefaults(kind: string, { stakeholders }: AskFacts): boolean {
  return (routeOf(stakeholders, kind)?.mode ?? 'wait') === 'wait';
}

function readKey(
  { kind, topic, scope }: Record<'kind' | 'topic' | 'scope', string>,
  facts: AskFacts,
  problems: string[],
): QuestionKey {
  const named = readKind(kind) ?? '';
  if (kind !== '' && named === '')
    problems.push(
      `kind must be words of plain letters and digits, as in requirement_ambiguity, not ${JSON.stringify(kind)}`,
    );
  if (isOwnKind(named))
    problems.push(`kind ${named} is asked by the platform itself: name what your question is about`);
  const words = topic
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  if (topic !== '' && words.length < 2)
    problems.push(`topic must have at least two words, as in export.timezone, not ${JSON.stringify(topic)}`);
  return {
    kind: named,
    topic: words.join('.'),
    // Such a ruling binds everybody, so that it is looked for there too.
    scope: routeOf(facts.stakeholders, named)?.writesToSharedMemory
      ? 'mesh'
      : readScope(scope, facts, problems),
  };
}

function readScope(scope: string, { item, flow }: AskFacts, problems: string[]): string {
  if (scope === '' || scope === 'mesh') return 'mesh';
  if (scope === 'item' || scope === `item:${item}`) return `item:${item}`;
  if (scope === 'team' || scope === `team:${flow}`) return `team:${flow}`;
  const globs = scope.startsWith('paths:') ? readGlobs(scope.slice('paths:'.length)) : null;
  if (globs !== null) return `paths:${globs.join(',')}`;
  problems.push(`scope must be mesh, team, item or paths:<glob>,<glob>, not ${JSON.stringify(scope)}`);
  return '';
}

function readOptions(input: JsonObject, isCompliance: boolean, problems: string[]): QuestionOption[] {
  const given = Array.isArray(input.options) ? input.options : [];
  if (isCompliance) return [];
  if (given.length < fewestOptions || given.length > mostOptions) {
    problems.push(
      `options must be ${fewestOptions} to ${mostOptions}, each with label and trade_off; there are ${given.length}`,
    );
  }
  return given.slice(0, mostOptions).map((option, index) => {
    const { label, trade_off: tradeOff } = readFields(option, optionFields, {
      path: `option ${index + 1}: `,
      problems,
    });
    return { label, tradeOff };
  });
}

function readCompliance(
  input: JsonObject,
  isCompliance: boolean,
  problems: string[],
): QuestionText['compliance'] {
  const given = input.compliance ?? null;
  if (!isCompliance) {
    if (given !== null) problems.push('compliance is only for kinds that begin with compliance');
    return null;
  }
  if (!isObject(given)) {
    const fields = Object.keys(complianceFields).join(', ');
    problems.push(`compliance is missing: a compliance question needs ${fields}, and is answered yes or no`);
    return null;
  }
  noteUnknown(given, Object.keys(complianceFields), problems);
  const read = readFields(given, complianceFields, { path: 'compliance.', problems });
  return { accessPattern: read.access_pattern, reference: read.reference, suggestion: read.suggestion };
}

/** Yes to exactly what is suggested; the agent's own options would be a third answer. */
function yesOrNo(
  input: JsonObject,
  { suggestion }: { suggestion: string },
  problems: string[],
): QuestionOption[] {
  if (Array.isArray(input.options) && input.options.length > 0)
    problems.push('options must be left out: a compliance question is answered yes or no to the suggestion');
  return [
    { label: `Yes: ${suggestion}`, tradeOff: 'It goes on as suggested.' },
    { label: 'No', tradeOff: 'It is not done like this; say in words what is to be done instead.' },
  ];
}

function readDefault(
  input: JsonObject,
  { optionCount, mustDefault }: { optionCount: number; mustDefault: boolean },
  problems: string[],
): number | null {
  const given = input.default ?? null;
  if (given === null) {
    if (mustDefault)
      problems.push('default is missing: the number of the option that is taken when nobody answers in time');
    return null;
  }
  // It is the options that are to be put right first.
  if (optionCount === 0) return null;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= optionCount)
    return given;
  problems.push(`default must be the number of an option, 1 to ${optionCount}, not ${JSON.stringify(given)}`);
  return null;
}
