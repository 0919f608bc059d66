/** One file of a pack to one record, with every problem of the file. Its first paragraph is the rule, the others are the reasons. */
import { sha256Hex } from '../base/json.ts';
import { readMarkdown } from '../teams/front-matter.ts';
import type { Diagnostic, Loaded } from '../yaml/diagnostic.ts';
import { checkShape } from '../yaml/yaml-shape.ts';
import { diagnosticAt, sortDiagnostics, type YamlSource } from '../yaml/yaml-source.ts';
import type { MemoryCheck, MemoryRecord } from './memory-record.ts';
import { normalScope } from './memory-scope.ts';
import { normalTopic } from './memory-topic.ts';
import { type RuleFile, ruleFileSchema } from './pack-schema.ts';

/** Characters. A rule stands in every prompt that it concerns; reasons are cut there, and whole in `memory show`. */
const longestRule = 500;
const longestReasons = 4_000;

/** `source`: what diagnostics name, e.g. `.mesh/packs/phi/logging.md`. */
export function parseRule(source: string, text: string, pack: string): Loaded<MemoryRecord> {
  const { front, body, diagnostics } = readMarkdown(source, text);
  if (!front) return { value: undefined, diagnostics };
  const shape = checkShape(front, ruleFileSchema);
  const top = { file: source, line: 1, col: 1 };
  const [rule = '', ...rest] = body.trim().split(/\n\s*\n/);
  const reasons = rest.join('\n\n').trim();
  const found = [
    ...diagnostics,
    ...shape.diagnostics,
    ...(shape.usable ? findProblems(shape.usable, front) : []),
  ];
  if (rule === '')
    found.push(
      diagnosticAt(top, 'the file says no rule: its first paragraph is the rule, the others are the reasons'),
    );
  if (rule.length > longestRule)
    found.push(
      diagnosticAt(
        top,
        `the rule (the first paragraph) has ${rule.length} characters; at most ${longestRule}, the rest is for the reasons`,
      ),
    );
  if (reasons.length > longestReasons)
    found.push(diagnosticAt(top, `the reasons have ${reasons.length} characters; at most ${longestReasons}`));
  const isUsable = shape.value !== undefined && !found.some((each) => each.severity === 'error');
  const said = { statement: rule.replace(/\s+/g, ' ').trim(), reasons };
  return {
    value: isUsable && shape.value ? { ...recordOf(shape.value, pack, text), ...said } : undefined,
    diagnostics: sortDiagnostics(found),
  };
}

function recordOf(file: RuleFile, pack: string, text: string): Omit<MemoryRecord, 'statement' | 'reasons'> {
  return {
    id: `${pack}/${file.id}`,
    kind: file.kind,
    answers: null,
    topic: normalTopic(file.topic),
    scope: normalScope(file.scope ?? 'mesh'),
    rejected: [],
    status: 'active',
    source: { from: 'pack', pack, hash: sha256Hex(text) },
    validUntil: null,
    recordedAt: null,
    supersededBy: null,
    contests: [],
    check: checkOf(file),
  };
}

function checkOf({ must_ask: mustAsk, when }: RuleFile): MemoryCheck | null {
  return mustAsk === undefined || when === undefined ? null : { ...when, mustAsk };
}

/** What belongs together, and a pattern that is none. */
function findProblems(file: Partial<RuleFile>, front: YamlSource): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (file.must_ask !== undefined && file.when === undefined)
    found.push(
      diagnosticAt(
        front.locateKey(['must_ask']),
        '`must_ask` needs `when`: which added lines of which files are to be asked about',
      ),
    );
  if (file.when !== undefined && file.must_ask === undefined)
    found.push(
      diagnosticAt(front.locateKey(['when']), '`when` needs `must_ask`: the kind of question to ask then'),
    );
  const pattern = file.when?.matches;
  if (pattern === undefined) return found;
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    found.push(diagnosticAt(front.locate(['when', 'matches']), `no regular expression: ${why}`));
  }
  return found;
}
