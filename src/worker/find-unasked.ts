/**
 * What a step's change had to be asked about and was not: added lines that a rule of a pack names, where neither a decision answers
 * the question nor an agent of the item has asked it.
 */
import picomatch from 'picomatch';
import type { Finding } from '../artifacts/finding.ts';
import { matchLines } from '../capabilities/match-lines.ts';
import { itemStream, readItemEvent } from '../items/item-stream.ts';
import type { MemoryCheck, MemoryRecord } from '../memory/memory-record.ts';
import { type BindingKey, findBinding, normalKey } from '../memory/memory-state.ts';
import { readQuestion } from '../questions/question-record.ts';
import type { WorkerContext } from './worker-context.ts';

export interface ChangeToJudge {
  item: number;
  from: string;
  to: string;
  /** Between the two. */
  files: readonly string[];
}

/** Of each rule the first line that it names; none when everything was asked. */
export async function findUnasked(context: WorkerContext, change: ChangeToJudge): Promise<Finding[]> {
  const findings: Finding[] = [];
  const added = readAdded(context, change);
  for (const rule of await context.packs()) {
    if (rule.check === null) continue;
    const touched = await findTouch(rule.check, change.files, added);
    if (touched === null || (await isAsked(context, change.item, keyOf(rule, rule.check)))) continue;
    findings.push(toFinding(rule, rule.check, touched));
  }
  return findings;
}

interface AddedLine {
  line: number;
  text: string;
}

/** Not from a diff: attributes that a change brings along may hide files from one. */
function readAdded(
  { mirror }: WorkerContext,
  { from, to }: ChangeToJudge,
): (file: string) => Promise<AddedLine[]> {
  const known = new Map<string, Promise<AddedLine[]>>();
  const read = async (file: string) => {
    const [before, after] = await Promise.all([mirror.show(from, file), mirror.show(to, file)]);
    return addedLines(before ?? '', after ?? '');
  };
  return (file) => {
    const lines = known.get(file) ?? read(file);
    known.set(file, lines);
    return lines;
  };
}

/** Lines that stand more often in it than before, by their text. */
export function addedLines(before: string, after: string): AddedLine[] {
  const left = new Map<string, number>();
  for (const text of before.split('\n')) left.set(text, (left.get(text) ?? 0) + 1);
  return after.split('\n').flatMap((text, at) => {
    const count = left.get(text) ?? 0;
    if (count > 0) left.set(text, count - 1);
    return count > 0 ? [] : [{ line: at + 1, text }];
  });
}

/** `line` null: the pattern was not done with the file in time; then it counts as touched. */
interface Touch {
  file: string;
  line: number | null;
  text: string | null;
}

async function findTouch(
  { paths, matches }: MemoryCheck,
  files: readonly string[],
  added: (file: string) => Promise<AddedLine[]>,
): Promise<Touch | null> {
  const isNamed = picomatch([...paths], { dot: true });
  for (const file of files.filter((each) => isNamed(each))) {
    const lines = await added(file);
    const hits = matchLines(
      matches,
      lines.map(({ text }) => text),
    );
    if (hits === null) return { file, line: null, text: null };
    const first = lines[hits[0] ?? -1];
    if (first !== undefined) return { file, ...first };
  }
  return null;
}

function keyOf({ topic, scope }: MemoryRecord, { mustAsk }: MemoryCheck): BindingKey {
  return { kind: mustAsk, topic, scope };
}

async function isAsked(context: WorkerContext, item: number, key: BindingKey): Promise<boolean> {
  const { journal, project, clock } = context;
  if (findBinding(await context.memory(), key, clock.now()) !== null) return true;
  const wanted = normalKey(key);
  for (const stored of await journal.read(itemStream(project, item))) {
    const event = readItemEvent(stored);
    if (event.kind !== 'step.asked') continue;
    const number = /^Q-(\d+)$/.exec(event.data.ask)?.[1];
    const question = number === undefined ? null : await readQuestion(journal, project, Number(number));
    if (question === null || question.status === 'withdrawn') continue;
    const { kind, topic, scope } = normalKey(question.key);
    if (kind === wanted.kind && topic === wanted.topic && scope === wanted.scope) return true;
  }
  return false;
}

function toFinding(
  { id, statement, topic, scope }: MemoryRecord,
  { mustAsk }: MemoryCheck,
  touch: Touch,
): Finding {
  return {
    source: `rule:${id}`,
    message: `this must be asked before it is done (${statement}): ask with kind \`${mustAsk}\`, topic \`${topic}\`, scope \`${scope}\`, or take the line out`,
    file: touch.file,
    line: touch.line,
    output: touch.text === null ? null : touch.text.trim().slice(0, 300).toWellFormed(),
  };
}
