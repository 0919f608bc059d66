/** Finds cycles in a directed graph. */

/** One way round for each cycle met in depth-first order, first and last entry the same; empty when there is none. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (at: string): void => {
    const seenAt = path.indexOf(at);
    if (seenAt >= 0) {
      cycles.push([...path.slice(seenAt), at]);
      return;
    }
    if (done.has(at)) return;
    path.push(at);
    for (const next of graph.get(at) ?? []) visit(next);
    path.pop();
    done.add(at);
  };
  for (const start of [...graph.keys()].sort()) visit(start);
  return cycles;
}
