/**
 * A bash command line as the simple commands in it. What cannot be said for certain without running it (a variable, a glob,
 * a syntax that is not plain) is said to be unknown, never guessed. Runs nothing.
 */
import { type Command, forEachChild, parse, type SyntaxNode, type Word } from 'unbash';

/** The words of one simple command, its name first; null: only the shell knows what it will be. */
export type CommandWords = readonly (string | null)[];

export interface CommandLine {
  /** Every simple command of the line, those of substitutions, loops and functions among them. */
  commands: readonly CommandWords[];
  /**
   * Null: pipelines, lists and subshells of simple commands whose words are all known, and nothing else: no assignment, no
   * redirection but to /dev/null or another descriptor, no substitution, no comment. Else what there is beyond that.
   */
  beyondPlain: string | null;
  /** Null: `commands` has every one. Else why not. */
  unreadable: string | null;
}

/** Longer ones are scripts; nobody writes rules for them. */
const longestLine = 32_768;

export function readCommandLine(source: string): CommandLine {
  if (source.length > longestLine) return unread(`it is longer than ${longestLine} characters`);
  // What the line is run as has to be what was read: no half characters, nothing that some shells end a line at.
  if (!source.isWellFormed() || source.includes('\0')) return unread('it is not valid text');
  try {
    const script = parse(source);
    const fault = script.errors?.[0];
    if (fault !== undefined) return unread(fault.message);
    const found: Found = { commands: [], beyondPlain: null, unreadable: null, covered: [] };
    visit(script, found);
    const { commands, unreadable } = found;
    const beyondPlain = found.beyondPlain ?? unreadable ?? strangeGap(source, found.covered);
    return { commands, beyondPlain, unreadable };
  } catch (error) {
    return unread(error instanceof Error ? error.message : String(error));
  }
}

interface Found {
  commands: CommandWords[];
  beyondPlain: string | null;
  unreadable: string | null;
  /** Ranges of the source that are understood, in order. */
  covered: { pos: number; end: number }[];
}

const plainNodes: ReadonlySet<string> = new Set([
  ...['Script', 'Statement', 'CompoundList', 'AndOr', 'Pipeline', 'Subshell', 'Command'],
  ...['Word', 'Literal', 'SingleQuoted', 'DoubleQuoted', 'Redirect', 'FileDescriptor'],
]);

function visit(node: SyntaxNode, found: Found): void {
  if (node.type === 'Command') addCommand(node, found);
  if (!plainNodes.has(node.type)) found.beyondPlain ??= `it is more than plain commands (${node.type})`;
  if ('script' in node && node.script === undefined)
    found.unreadable ??= `a ${node.type} in it cannot be read`;
  forEachChild(node, (child) => visit(child, found));
}

function addCommand(command: Command, found: Found): void {
  const words: (string | null)[] = [];
  const named = command.name === undefined ? [] : [command.name];
  for (const part of [...command.prefix, ...named, ...command.suffix]) {
    if (part.type === 'Word') words.push(knownValue(part));
    else if (part.type === 'Assignment') {
      // In front of a command it is no word of it.
      if (command.suffix.includes(part)) words.push(null);
    } else if (part.type !== 'Redirect' || !isHarmless(part))
      found.beyondPlain ??= 'it redirects to or from a file';
    found.covered.push(part);
  }
  if (words.includes(null)) found.beyondPlain ??= 'it has a word that only the shell can tell the value of';
  if (words.length > 0) found.commands.push(words);
}

/** Descriptors onto each other, and what is thrown away. */
function isHarmless(redirect: {
  operator: string;
  descriptor?: { type: string } | undefined;
  target: Word | undefined;
}): boolean {
  const target = redirect.target === undefined ? null : knownValue(redirect.target);
  if (target === null || redirect.descriptor?.type === 'FileDescriptorVariable') return false;
  if (redirect.operator === '>&') return /^[0-9]$/.test(target);
  return target === '/dev/null' && ['>', '>>', '<', '&>', '&>>'].includes(redirect.operator);
}

/**
 * Unquoted: characters that mean themselves in every shell and place. In quotes: everything but what is expanded there. The
 * narrower this is, the less two readers of a line can differ about it.
 */
function knownValue(word: Word): string | null {
  if (word.parts === undefined) return isOrdinary(word.text) ? word.text : null;
  const values = word.parts.map((part): string | null => {
    switch (part.type) {
      case 'Literal':
        return isOrdinary(part.text) ? part.text : null;
      case 'SingleQuoted':
        return part.text === `'${part.value}'` && !part.value.includes("'") ? part.value : null;
      case 'DoubleQuoted': {
        const inner = part.text.slice(1, -1);
        return part.text === `"${inner}"` && !/["\\$`!]/.test(inner) ? inner : null;
      }
      default:
        return null;
    }
  });
  if (values.includes(null)) return null;
  return word.parts.map(({ text }) => text).join('') === word.text ? values.join('') : null;
}

function isOrdinary(text: string): boolean {
  // A tilde is somebody's home at the beginning of a word or of a value, and nothing elsewhere.
  return /^[A-Za-z0-9_./:=@%+,^~-]+$/.test(text) && !/(^|[:=])~/.test(text);
}

/** Between what is understood there may be operators and blanks alone: no comment, no continued line. */
function strangeGap(source: string, covered: Found['covered']): string | null {
  let end = 0;
  let gaps = '';
  for (const part of covered.toSorted((a, b) => a.pos - b.pos)) {
    gaps += source.slice(end, part.pos);
    end = Math.max(end, part.end);
  }
  gaps += source.slice(end);
  const strange = /[^ \t\n|&;()]/.exec(gaps);
  return strange === null ? null : `it has ${JSON.stringify(strange[0])} between its commands`;
}

function unread(why: string): CommandLine {
  return { commands: [], beyondPlain: why, unreadable: why };
}
