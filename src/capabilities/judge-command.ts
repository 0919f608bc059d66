/**
 * May these words be run? Permission rules over simple commands: the same for an argument vector and for every command of
 * a shell line. A line that is not understood is admitted by no rule, and denied where any part of the tool is.
 */
import { describeRule, type PermissionRule, type Permissions } from '../permissions/permission-rule.ts';
import { type CommandLine, type CommandWords, readCommandLine } from '../permissions/read-command-line.ts';
import { carriesCommands, programOf, wordsToName } from './command-traps.ts';

export type RuleVerdict = { decision: 'allow' | 'ask' | 'deny'; rule: string; reason: string };

/** The line that an argument vector is. */
export function lineOfArgv(argv: readonly string[]): CommandLine {
  return { commands: [argv], beyondPlain: null, unreadable: null };
}

/** Null: no such rule matches. `rules`: those of the tool in question, commands and whole ones. */
export function findHindrance(
  line: CommandLine,
  verb: 'deny' | 'ask',
  rules: Permissions[typeof verb],
): RuleVerdict | null {
  const parts = rules.filter(({ part }) => part !== null);
  for (const rule of rules) {
    const isHit =
      rule.part === null ||
      (line.unreadable === null && line.commands.some((words) => mayRun(rule, words, 0)));
    if (isHit)
      return hindrance(verb, rule, `${rule.text} is ${verb === 'deny' ? 'denied' : 'to be asked for'}`);
  }
  const [first] = parts;
  if (line.unreadable === null || first === undefined) return null;
  return hindrance(
    verb,
    first,
    `the command line cannot be read (${line.unreadable}), and parts of this tool are denied`,
  );
}

/** Every command of the line must be admitted by one of the rules. */
export function judgeAllowed(line: CommandLine, rules: readonly PermissionRule[]): RuleVerdict {
  const whole = rules.find(({ part }) => part === null);
  if (whole) return { decision: 'allow', rule: describeRule('allow', whole), reason: '' };
  const offered = `allowed are: ${rules.map(({ text }) => text).join(', ')}`;
  if (line.beyondPlain !== null || line.commands.length === 0) {
    const why = line.beyondPlain ?? 'there is no command in it';
    return notAllowed(
      `only plain commands can be compared with its rules, and this line is none: ${why}; ${offered}`,
    );
  }
  const used = new Set<string>();
  for (const words of line.commands) {
    const rule = rules.find((each) => admits(each, words));
    if (rule === undefined)
      return notAllowed(`${JSON.stringify(words.join(' '))} is not allowed; ${offered}`);
    used.add(describeRule('allow', rule));
  }
  return { decision: 'allow', rule: [...used].join(', '), reason: '' };
}

function admits({ part }: PermissionRule, words: CommandWords): boolean {
  if (part?.kind !== 'command') return false;
  const known = words.filter((word) => word !== null);
  if (known.length !== words.length || !part.words.every((word, index) => known[index] === word))
    return false;
  if (!part.isPrefix) return known.length === part.words.length;
  return wordsToName(known) <= part.words.length;
}

const deepest = 4;

/**
 * True unless it is certain that this command is not the rule's: a word that only the shell knows may be any; a program
 * that runs others may run this; git takes options before the subcommand.
 */
function mayRun(rule: PermissionRule, words: CommandWords, depth: number): boolean {
  const [first] = words;
  if (first === null || depth > deepest) return true;
  if (first === undefined) return false;
  if (mayMatch(rule, words) || mayMatch(rule, [programOf(first), ...words.slice(1)])) return true;
  const rests = words.slice(1).map((_, index) => words.slice(index + 1));
  if (programOf(first) === 'git' && rests.some((rest) => mayMatch(rule, ['git', ...rest]))) return true;
  if (!carriesCommands(first)) return false;
  return (
    rests.some((rest) => mayMatch(rule, rest)) || words.slice(1).some((word) => mayCarry(rule, word, depth))
  );
}

function mayCarry(rule: PermissionRule, word: string | null, depth: number): boolean {
  if (word === null) return true;
  const { commands, unreadable } = readCommandLine(word);
  return unreadable === null && commands.some((inner) => inner.length > 1 && mayRun(rule, inner, depth + 1));
}

function mayMatch({ part }: PermissionRule, words: CommandWords): boolean {
  if (part?.kind !== 'command') return false;
  for (const [index, word] of part.words.entries()) {
    const given = words[index];
    // A word that is not known may also be several, or none.
    if (given === null) return true;
    if (given !== word) return false;
  }
  const further = words.slice(part.words.length);
  return part.isPrefix || further.every((word) => word === null);
}

function hindrance(verb: 'deny' | 'ask', rule: PermissionRule, reason: string): RuleVerdict {
  return { decision: verb, rule: describeRule(verb, rule), reason };
}

function notAllowed(reason: string): RuleVerdict {
  return { decision: 'deny', rule: 'not in the parts that are allowed', reason };
}
