/**
 * Reads one YAML (or JSON) file that a person wrote: plain values plus the place of each, syntax problems as
 * diagnostics. Knows no schema (yaml-shape.ts does) and nothing of what the files mean.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { findUnstorableText } from '../base/json.ts';
import type { Diagnostic } from './diagnostic.ts';
import { maxConfigurationBytes } from './read-text-file.ts';
import { findBomb, limitProblems, quoted } from './yaml-limits.ts';

/** 1-based, for editors. */
export interface Position {
  file: string;
  line: number;
  col: number;
}

/** Keys and indexes from the top of the file: `['checks', 0, 'name']`. */
export type YamlPath = readonly PropertyKey[];

export interface YamlSource {
  file: string;
  value: unknown;
  /** Of the value at the path; where there is none, of the nearest thing that encloses it. */
  locate(path: YamlPath): Position;
  /** Of the key rather than its value. */
  locateKey(path: YamlPath): Position;
}

/** More alias expansions than a file for people needs mean an attempt to exhaust memory. */
const maxAliasCount = 20;

/** A `%YAML 1.1` line must not bring back what these readers leave out: merge keys, dates, binary values. */
const plainSchema = { schema: 'core', merge: false, resolveKnownTags: false } as const;

/**
 * `source` is absent when the text is not one readable document; time and memory are bounded. `firstLine` is the line of the file on which
 * `text` begins (front matter starts on line 2).
 */
export function readYaml(
  file: string,
  text: string,
  options: { firstLine?: number } = {},
): { source: YamlSource | undefined; diagnostics: Diagnostic[] } {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1) + (options.firstLine ?? 1) - 1, col: Math.max(col, 1) };
  };
  if (text.length > maxConfigurationBytes) {
    const message = `is larger than ${maxConfigurationBytes / 1_000_000} MB`;
    return { source: undefined, diagnostics: [diagnosticAt(at(0), message)] };
  }
  const bomb = findBomb(text);
  if (bomb) {
    countLines(text, bomb.offset, lines);
    return { source: undefined, diagnostics: [diagnosticAt(at(bomb.offset), bomb.message)] };
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: false,
    // Its own check compares every key with every other one; ours does not.
    uniqueKeys: false,
    ...plainSchema,
  });
  const found = limitProblems(findSyntaxProblems(document, at), (last, count) => ({
    ...last,
    diagnostic: { ...last.diagnostic, message: `and ${count} more problems from here on` },
  }));
  const diagnostics = found.map((problem) => problem.diagnostic);
  if (found.some((problem) => !problem.isReadable)) return { source: undefined, diagnostics };
  const source: YamlSource = {
    file,
    value: document.toJS({ maxAliasCount }),
    locate: (path) => at(offsetOf(document, path, 'value')),
    locateKey: (path) => at(offsetOf(document, path, 'key')),
  };
  return { source, diagnostics };
}

/** For a text that is not parsed: the line counter is otherwise filled by the parser. */
function countLines(text: string, until: number, lines: LineCounter): void {
  for (let start = 0; start <= until; ) {
    lines.addNewLine(start);
    const end = text.indexOf('\n', start);
    if (end < 0) return;
    start = end + 1;
  }
}

export function diagnosticAt(
  position: Position,
  message: string,
  severity: Diagnostic['severity'] = 'error',
): Diagnostic {
  return { severity, ...position, message };
}

/** In the order of reading: by file as given, then by place. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map((each) => each.file))];
  return diagnostics.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.col - b.col,
  );
}

interface SyntaxProblem {
  diagnostic: Diagnostic;
  isReadable: boolean;
}

/** The first syntax error only (the following ones are its echo), and every repeated key. */
function findSyntaxProblems(document: Document, at: (offset: number) => Position): SyntaxProblem[] {
  const problem = (offset: number, message: string, isReadable = false): SyntaxProblem => ({
    diagnostic: diagnosticAt(at(offset), message),
    isReadable,
  });
  const syntax = document.errors[0];
  if (syntax?.code === 'MULTIPLE_DOCS')
    return [problem(syntax.pos[0], 'a second document begins here; this file has one, take the `---` out')];
  if (syntax) return [problem(syntax.pos[0], `not valid YAML: ${syntax.message.split('\n')[0]}`)];
  const found: SyntaxProblem[] = document.warnings.map((warning) =>
    problem(warning.pos[0], `plain values only: ${quoted(warning.message.split('\n')[0] ?? '')}`),
  );
  found.push(...findNodeProblems(document, problem));
  if (found.every((each) => each.isReadable)) {
    try {
      document.toJS({ maxAliasCount });
    } catch {
      found.push(
        problem(firstAliasOffset(document), 'aliases (`*name`) expand to too much; write the values out'),
      );
    }
  }
  return found;
}

/** In the order of the text: keys that are none or stand twice, aliases that lead nowhere or in a circle, text that is none. */
function findNodeProblems(
  document: Document,
  problem: (offset: number, message: string, isReadable?: boolean) => SyntaxProblem,
): SyntaxProblem[] {
  const found: SyntaxProblem[] = [];
  const anchored = new Map<string, Node>();
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key)) found.push(problem(startOf(pair.key) ?? 0, 'a key must be plain text'));
      else if (pair.key.value === '<<' && pair.key.type === 'PLAIN')
        found.push(problem(startOf(pair.key) ?? 0, 'merge keys (`<<`) are not read; write the values out'));
    },
    Node(_, node, path) {
      if (isAlias(node)) {
        const target = anchored.get(node.source);
        if (!target)
          found.push(
            problem(startOf(node) ?? 0, `\`*${quoted(node.source)}\` stands for nothing written before it`),
          );
        else if (path.includes(target))
          found.push(
            problem(
              startOf(node) ?? 0,
              `\`*${quoted(node.source)}\` stands for something that it is in itself`,
            ),
          );
        return;
      }
      if (isNode(node) && 'anchor' in node && typeof node.anchor === 'string')
        anchored.set(node.anchor, node);
      if (isScalar(node) && findUnstorableText(node.value) !== undefined)
        found.push(
          problem(startOf(node) ?? 0, 'not text: it contains a NUL character or half of a surrogate pair'),
        );
      if (isMap(node)) found.push(...findRepeatedKeys(node, problem));
    },
  });
  return found;
}

function findRepeatedKeys(
  map: YAMLMap,
  problem: (offset: number, message: string, isReadable?: boolean) => SyntaxProblem,
): SyntaxProblem[] {
  const seen = new Set<unknown>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    if (seen.has(key.value))
      return [problem(startOf(key) ?? 0, `the key \`${quoted(String(key.value))}\` appears twice`, true)];
    seen.add(key.value);
    return [];
  });
}

function firstAliasOffset(document: Document): number {
  let first: number | undefined;
  visit(document, {
    Alias(_, alias) {
      first = startOf(alias);
      return visit.BREAK;
    },
  });
  return first ?? 0;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

function offsetOf(document: Document, path: YamlPath, wanted: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const isLast = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!pair) break;
      const keyOffset = startOf(pair.key) ?? offset;
      node = pair.value;
      const isEmpty = node === null || (isScalar(node) && node.value === null);
      offset = (isLast && wanted === 'key') || isEmpty ? keyOffset : (startOf(node) ?? keyOffset);
    } else {
      node = typeof step === 'number' ? document.getIn(path.slice(0, depth + 1), true) : undefined;
      if (node === undefined) break;
      offset = startOf(node) ?? offset;
    }
  }
  return offset;
}
