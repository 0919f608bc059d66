/**
 * Reads one YAML (or JSON) file that a person wrote: plain values plus the place of each, syntax problems as
 * diagnostics. Knows no schema (yaml-shape.ts does) and nothing of what the files mean.
 */
import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { Diagnostic } from '../base/diagnostic.ts';

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

/**
 * `source` is absent when the text is not one readable document. `firstLine` is the line of the file on which
 * `text` begins (front matter starts on line 2).
 */
export function readYaml(
  file: string,
  text: string,
  options: { firstLine?: number } = {},
): { source: YamlSource | undefined; diagnostics: Diagnostic[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1) + (options.firstLine ?? 1) - 1, col: Math.max(col, 1) };
  };
  const problems = findSyntaxProblems(document, text, at);
  if (problems.some((problem) => !problem.isReadable))
    return { source: undefined, diagnostics: problems.map((problem) => problem.diagnostic) };
  const source: YamlSource = {
    file,
    value: document.toJS({ maxAliasCount }),
    locate: (path) => at(offsetOf(document, path, 'value')),
    locateKey: (path) => at(offsetOf(document, path, 'key')),
  };
  return { source, diagnostics: problems.map((problem) => problem.diagnostic) };
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
function findSyntaxProblems(
  document: Document,
  text: string,
  at: (offset: number) => Position,
): SyntaxProblem[] {
  const problem = (offset: number, message: string, isReadable = false): SyntaxProblem => ({
    diagnostic: diagnosticAt(at(offset), message),
    isReadable,
  });
  const syntax = document.errors.find((error) => error.code !== 'DUPLICATE_KEY');
  if (syntax?.code === 'MULTIPLE_DOCS')
    return [problem(syntax.pos[0], 'a second document begins here; this file has one, take the `---` out')];
  if (syntax) return [problem(syntax.pos[0], `not valid YAML: ${syntax.message.split('\n')[0]}`)];
  const found = document.errors.map((error) => {
    const key = /^[^\s:]+/.exec(text.slice(error.pos[0]))?.[0] ?? '?';
    return problem(error.pos[0], `the key \`${key}\` appears twice`, true);
  });
  for (const warning of document.warnings)
    found.push(problem(warning.pos[0], `plain values only: ${warning.message.split('\n')[0]}`));
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key)) found.push(problem(startOf(pair.key) ?? 0, 'a key must be plain text'));
    },
    Alias(_, alias) {
      if (!alias.resolve(document))
        found.push(problem(startOf(alias) ?? 0, `\`*${alias.source}\` stands for nothing written before it`));
    },
  });
  if (found.length === 0) {
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
