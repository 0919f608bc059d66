/**
 * What an agent is shown of memory before it begins: the rules of packs that concern its work, always; of what was decided,
 * as much as fits, what has to do with the work first. The same memory and the same work give the same choice.
 */
import type { MemoryRecord } from './memory-record.ts';
import { concerns, parseScope, type WorkPlace } from './memory-scope.ts';
import { isLive, type Memory } from './memory-state.ts';
import { searchMemory } from './search-memory.ts';

/** A record as a prompt shows it; kept with the prompt's inputs. */
export interface Recalled {
  id: string;
  /** Contested: it is shown, and binds nobody. */
  isContested: boolean;
  topic: string;
  statement: string;
  reasons: string;
  /** Of a rule that a machine checks: what to ask, and when; null: nothing. */
  mustAsk: { kind: string; scope: string; paths: readonly string[]; matches: string } | null;
}

export interface RecallRequest {
  /** Rules and patterns of the project's packs. */
  packs: readonly MemoryRecord[];
  /** What the work is about: brief and task. */
  text: string;
  place: WorkPlace;
  nowMs: number;
  limit: RecallLimit;
}

export interface RecallLimit {
  /** Of what was decided; rules of packs are bounded where they are loaded. */
  records: number;
  /** Of all of these together. */
  characters: number;
}

export const recallLimit: RecallLimit = { records: 40, characters: 12_000 };

const longestStatement = 500;
const longestReasons = 200;

/** Rules of packs first, then the others in the order in which they were recorded: what comes new stands last. */
export function recall(memory: Memory, request: RecallRequest): Recalled[] {
  const { packs, text, place, nowMs, limit } = request;
  const isNear = (record: MemoryRecord) => {
    const scope = parseScope(record.scope);
    return scope !== undefined && concerns(scope, place);
  };
  const candidates = [...memory.records.values()].filter((record) => isLive(record, nowMs) && isNear(record));
  const chosen = new Set<string>();
  let room = limit.characters;
  for (const record of rank(candidates, text)) {
    if (chosen.size === limit.records) break;
    const { statement, reasons } = show(record);
    room -= statement.length + reasons.length;
    if (room < 0) break;
    chosen.add(record.id);
  }
  return [...packs.filter(isNear), ...candidates.filter(({ id }) => chosen.has(id))].map(show);
}

/** What shares words with the work, best first; then everything else, the latest first. */
function rank(candidates: readonly MemoryRecord[], text: string): MemoryRecord[] {
  const found = searchMemory(candidates, text);
  const isFound = new Set(found.map(({ id }) => id));
  return [...found, ...candidates.filter(({ id }) => !isFound.has(id)).toReversed()];
}

function show({ id, status, topic, statement, reasons, check, scope }: MemoryRecord): Recalled {
  return {
    id,
    isContested: status === 'contested',
    topic,
    statement: cut(statement, longestStatement),
    reasons: cut(reasons, longestReasons),
    mustAsk: check && { kind: check.mustAsk, scope, paths: check.paths, matches: check.matches },
  };
}

function cut(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}
