/**
 * Checks what a person's YAML file says against a zod schema: every problem at once, at its place, in words for
 * people, unknown keys with a suggestion. Knows nothing of what the files mean.
 */
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import type { Diagnostic } from './diagnostic.ts';
import { maxProblems, quoted } from './yaml-limits.ts';
import { diagnosticAt, type YamlPath, type YamlSource } from './yaml-source.ts';

export interface ShapeCheck<T> {
  /** Set when there was no problem at all. */
  value: T | undefined;
  /** What is left when unknown keys and unusable optional values are taken out: enough to look for further problems. */
  usable: T | undefined;
  diagnostics: Diagnostic[];
}

interface ShapeOptions {
  laterKeys?: readonly string[];
  unshown?: Readonly<Record<string, string>>;
}

/**
 * `laterKeys`: keys that the design has and this version does not. `unshown`: top-level keys below which, or paths at which, a plain
 * value may be a secret that no message repeats, with what is said instead.
 */
export function checkShape<T>(
  source: YamlSource,
  schema: z.ZodType<T>,
  options: ShapeOptions = {},
): ShapeCheck<T> {
  const parsed = schema.safeParse(source.value);
  if (parsed.success) return { value: parsed.data, usable: parsed.data, diagnostics: [] };
  const issues = parsed.error.issues.flatMap(narrowUnion);
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const complaints: z.core.$ZodIssue[] = issues.flatMap((issue): z.core.$ZodIssue[] =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue],
  );
  // Described only as far as they are shown: each is looked up and compared with the words that are known.
  const described = complaints
    .slice(0, maxProblems)
    .flatMap((issue) => describeIssue(issue, source, shape, options));
  const left = complaints.length - maxProblems;
  const last = described.at(-1);
  const diagnostics =
    left > 0 && last ? [...described, { ...last, message: `and ${left} more problems` }] : described;
  return { value: undefined, usable: parseWithoutFaults(source.value, schema), diagnostics };
}

/** Words longer than this are no slips of the fingers, and comparing them would take long. */
const longestSlip = 200;

/** `; did you mean \`x\`?` when one of the known words is close enough to be a slip of the fingers, else nothing. */
export function suggestWord(word: string, known: readonly string[]): string {
  if (word.length > longestSlip) return '';
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  if (!best || best.far > Math.max(2, Math.floor(word.length / 3))) return '';
  return `; did you mean \`${best.candidate}\`?`;
}

/** A union's problem is that of the form the person evidently meant: the one whose outer type fits. */
function narrowUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const fitting = issue.errors.find((branch) => branch.every((inner) => !isOuterMismatch(inner)));
  if (!fitting) return [issue];
  return fitting.flatMap((inner) => narrowUnion({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isOuterMismatch(issue: z.core.$ZodIssue): boolean {
  const isAboutType =
    issue.code === 'invalid_type' || issue.code === 'invalid_union' || issue.code === 'invalid_value';
  return issue.path.length === 0 && isAboutType;
}

function describeIssue(
  issue: z.core.$ZodIssue,
  source: YamlSource,
  shape: object,
  { laterKeys = [], unshown = {} }: ShapeOptions,
): Diagnostic[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(shape, issue.path);
    return issue.keys.map((key) => {
      const at = source.locateKey([...issue.path, key]);
      if (laterKeys.includes(key))
        return diagnosticAt(at, `\`${quoted(key)}\` is not available in this version`);
      return diagnosticAt(at, `unknown key \`${quoted(key)}\`${suggestWord(key, known)}`);
    });
  }
  const value = valueAt(source.value, issue.path);
  const name = issue.path.length === 0 ? 'the file' : `\`${joinPath(issue.path)}\``;
  const at = source.locate(issue.path);
  if (value === undefined) return [diagnosticAt(at, `${name} is missing`)];
  if (value === null && issue.path.length === 0) return [diagnosticAt(at, 'the file is empty')];
  if (value === null) return [diagnosticAt(at, `${name} has no value; give it one or take the line out`)];
  const instead = unshown[joinPath(issue.path)] ?? unshown[String(issue.path[0])];
  const isShown = instead === undefined || issue.code !== 'invalid_type' || typeof value === 'object';
  return [diagnosticAt(at, `${name} ${isShown ? complaintOf(issue, value) : instead}`)];
}

function complaintOf(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nameOfType(issue.expected)}, not ${nameOfValue(value)}`;
    case 'invalid_value': {
      const options = issue.values.map(String);
      const list = options.map((option) => `\`${option}\``).join(options.length > 2 ? ', ' : ' or ');
      const hint = typeof value === 'string' ? suggestWord(value, options) : '';
      return `must be ${options.length > 2 ? 'one of ' : ''}${list}, not ${nameOfValue(value)}${hint}`;
    }
    case 'invalid_union': {
      const forms = issue.errors.flatMap((branch) =>
        branch.flatMap((inner) => {
          if (inner.code === 'invalid_value') return inner.values.map((option) => `\`${String(option)}\``);
          return inner.code === 'invalid_type' ? [nameOfType(inner.expected)] : [];
        }),
      );
      return `must be ${[...new Set(forms)].join(' or ')}, not ${nameOfValue(value)}`;
    }
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string') return 'must not be empty';
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, not ${nameOfValue(value)}`;
    case 'too_big':
      if (issue.origin === 'array') return `must have at most ${issue.maximum} entries`;
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`;
    default:
      return issue.message;
  }
}

function nameOfType(expected: string): string {
  const names: Record<string, string> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: '`true` or `false`',
    array: 'a list',
    object: 'a mapping (`key: value` lines)',
    record: 'a mapping (`key: value` lines)',
  };
  return names[expected] ?? expected;
}

function nameOfValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  if (typeof value === 'string')
    return `the text \`${value.length > 40 ? `${value.slice(0, 40)}…` : value}\``;
  return `\`${String(value)}\``;
}

export function joinPath(path: YamlPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const key = quoted(String(step));
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

function valueAt(root: unknown, path: YamlPath): unknown {
  let value = root;
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** The keys that a mapping at this path may have, read from the JSON Schema form of the zod schema. */
function knownKeys(shape: object, path: YamlPath): string[] {
  type Shape = {
    properties?: Record<string, Shape>;
    additionalProperties?: Shape | boolean;
    items?: Shape;
    anyOf?: Shape[];
  };
  let shapes: Shape[] = [shape as Shape];
  const unfold = (each: Shape): Shape[] => (each.anyOf ? each.anyOf.flatMap(unfold) : [each]);
  for (const step of path) {
    shapes = shapes.flatMap(unfold).flatMap((each) => {
      const inner =
        typeof step === 'number'
          ? each.items
          : (each.properties?.[String(step)] ?? each.additionalProperties);
      return typeof inner === 'object' ? [inner] : [];
    });
  }
  return shapes.flatMap(unfold).flatMap((each) => Object.keys(each.properties ?? {}));
}

/** Each round may uncover the next: an entry without its required key goes as a whole. */
function parseWithoutFaults<T>(value: unknown, schema: z.ZodType<T>): T | undefined {
  const rest = structuredClone(value);
  for (let round = 0; round < 4; round++) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues.flatMap(narrowUnion)) removeFault(rest, issue);
  }
  return undefined;
}

function removeFault(root: unknown, issue: z.core.$ZodIssue): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) dropKey(root, [...issue.path, key]);
    return;
  }
  const only = issue.code === 'invalid_value' && issue.values.length === 1 ? issue.values[0] : undefined;
  const parent = valueAt(root, issue.path.slice(0, -1));
  const key = issue.path.at(-1);
  if (only !== undefined && key !== undefined && isRecord(parent)) parent[key] = only;
  else if (valueAt(root, issue.path) === undefined) dropKey(root, issue.path.slice(0, -1));
  else dropKey(root, issue.path);
}

function dropKey(root: unknown, path: YamlPath): void {
  const parent = valueAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined) return;
  // Not one element out of a list: that would shift the places of those behind it.
  if (Array.isArray(parent)) dropKey(root, path.slice(0, -1));
  else if (isRecord(parent)) Reflect.deleteProperty(parent, key);
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
