/** Full-text search over topics, statements and reasons. It only suggests: what binds is decided by exact match. */
import MiniSearch from 'minisearch';
import type { MemoryRecord } from './memory-record.ts';

/** Characters of a query that are looked at: a brief's beginning says what it is about. */
const longestQuery = 4_000;

/** Those that share a word with the text, best first; equals in the order given. */
export function searchMemory(records: readonly MemoryRecord[], text: string): MemoryRecord[] {
  const index = new MiniSearch<{ id: number; topic: string; statement: string; reasons: string }>({
    fields: ['topic', 'statement', 'reasons'],
    searchOptions: { boost: { topic: 2 }, prefix: (term) => term.length > 3 },
  });
  index.addAll(records.map(({ topic, statement, reasons }, id) => ({ id, topic, statement, reasons })));
  return index
    .search(text.slice(0, longestQuery))
    .toSorted((a, b) => b.score - a.score || a.id - b.id)
    .flatMap(({ id }) => records[id] ?? []);
}
