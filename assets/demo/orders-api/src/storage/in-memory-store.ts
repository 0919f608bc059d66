/** Keeps records by id, in the order they were added. Hands out copies, so that nobody changes a record behind its back. */
export class InMemoryStore<T extends { id: string }> {
  readonly #records = new Map<string, T>();

  /** @throws Error when the id is taken. */
  add(record: T): void {
    if (this.#records.has(record.id)) throw new Error(`there is already a record ${record.id}`);
    this.#records.set(record.id, structuredClone(record));
  }

  find(id: string): T | undefined {
    return structuredClone(this.#records.get(id));
  }

  list(isWanted: (record: T) => boolean = () => true): T[] {
    return structuredClone([...this.#records.values()].filter(isWanted));
  }

  /** @throws Error when there is no such record. */
  update(id: string, changes: Partial<Omit<T, 'id'>>): T {
    const record = this.#records.get(id);
    if (record === undefined) throw new Error(`there is no record ${id}`);
    const updated = { ...record, ...structuredClone(changes) };
    this.#records.set(id, updated);
    return structuredClone(updated);
  }
}
