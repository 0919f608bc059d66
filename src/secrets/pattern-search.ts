/**
 * Finds many byte patterns in one pass (Aho–Corasick): the time grows with the text alone, however many patterns there are
 * and however hostile the text is. Knows nothing of what the patterns mean.
 */

/** What a byte counts as while searching: another byte (upper case as lower case), or nothing at all (a line break). */
export type ByteFolding = (byte: number) => number | null;

export interface Pattern {
  name: string;
  bytes: Uint8Array;
}

export interface Span {
  name: string;
  start: number;
  /** Behind the last byte. */
  end: number;
}

export interface PatternSearch {
  /** Every place where a pattern ends, with the longest pattern that ends there. */
  find(bytes: Uint8Array): Span[];
}

const skipped = -1;

/** A trie with failure links: nearly every node has one child, so children are a list of siblings. */
interface Trie {
  byte: number[];
  firstChild: number[];
  sibling: number[];
  fail: number[];
  /** Pattern that ends here, or at the end of the failure links. */
  pattern: number[];
}

export function compilePatterns(
  patterns: readonly Pattern[],
  fold: ByteFolding = (byte) => byte,
): PatternSearch {
  const folded = Int16Array.from({ length: 256 }, (_, byte) => fold(byte) ?? skipped);
  const trie: Trie = { byte: [0], firstChild: [0], sibling: [0], fail: [0], pattern: [skipped] };
  for (const [index, { bytes }] of patterns.entries())
    insert(
      trie,
      bytes.map((byte) => folded[byte] ?? 0),
      index,
    );
  linkFailures(trie);
  const [fail, pattern] = [Int32Array.from(trie.fail), Int32Array.from(trie.pattern)];
  const firstChild = Int32Array.from(trie.firstChild);
  const sibling = Int32Array.from(trie.sibling);
  const byteOf = Int32Array.from(trie.byte);
  // Most bytes of a text are met at the root, which has the most children.
  const fromRoot = Int32Array.from({ length: 256 }, (_, byte) => childOf(trie, 0, byte));
  const step = (from: number, byte: number): number => {
    if (from === 0) return fromRoot[byte] as number;
    let child = firstChild[from] as number;
    while (child !== 0 && byteOf[child] !== byte) child = sibling[child] as number;
    return child;
  };
  return {
    find(bytes) {
      const found: Span[] = [];
      // Places of the bytes that counted: a match may have skipped some in between.
      const places = new Int32Array(bytes.length);
      let count = 0;
      let node = 0;
      for (let place = 0; place < bytes.length; place += 1) {
        const byte = folded[bytes[place] as number] as number;
        if (byte === skipped) continue;
        places[count] = place;
        count += 1;
        let next = step(node, byte);
        while (next === 0 && node !== 0) {
          node = fail[node] as number;
          next = step(node, byte);
        }
        node = next;
        const ended = patterns[pattern[node] as number];
        if (ended === undefined) continue;
        found.push({ name: ended.name, start: places[count - ended.bytes.length] as number, end: place + 1 });
      }
      return found;
    },
  };
}

function insert(trie: Trie, bytes: Uint8Array, index: number): void {
  let node = 0;
  for (const byte of bytes) {
    let next = childOf(trie, node, byte);
    if (next === 0) {
      next = trie.byte.length;
      trie.byte.push(byte);
      trie.firstChild.push(0);
      trie.sibling.push(trie.firstChild[node] as number);
      trie.fail.push(0);
      trie.pattern.push(skipped);
      trie.firstChild[node] = next;
    }
    node = next;
  }
  if (trie.pattern[node] === skipped) trie.pattern[node] = index;
}

/** Breadth first, so that the shorter suffixes are linked before the longer ones need them. */
function linkFailures(trie: Trie): void {
  const queue = childrenOf(trie, 0);
  for (let at = 0; at < queue.length; at += 1) {
    const node = queue[at] as number;
    if (trie.pattern[node] === skipped)
      trie.pattern[node] = trie.pattern[trie.fail[node] as number] as number;
    for (const child of childrenOf(trie, node)) {
      const byte = trie.byte[child] as number;
      let fallback = trie.fail[node] as number;
      let next = childOf(trie, fallback, byte);
      while (next === 0 && fallback !== 0) {
        fallback = trie.fail[fallback] as number;
        next = childOf(trie, fallback, byte);
      }
      trie.fail[child] = next;
      queue.push(child);
    }
  }
}

/** 0: none. */
function childOf(trie: Trie, node: number, byte: number): number {
  let child = trie.firstChild[node] as number;
  while (child !== 0 && trie.byte[child] !== byte) child = trie.sibling[child] as number;
  return child;
}

function childrenOf(trie: Trie, node: number): number[] {
  const children: number[] = [];
  for (let child = trie.firstChild[node] as number; child !== 0; child = trie.sibling[child] as number) {
    children.push(child);
  }
  return children;
}
