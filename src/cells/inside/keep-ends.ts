/** Keeps the beginning and the end of a stream within a limit; the middle of long output is the part nobody reads. */
export class EndsKeeper {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  #head: Buffer[] = [];
  #headSize = 0;
  #tail: Buffer[] = [];
  #tailSize = 0;
  #total = 0;

  /** @param limit bytes kept in all. */
  constructor(limit: number) {
    this.#headLimit = Math.floor(limit / 2);
    this.#tailLimit = limit - this.#headLimit;
  }

  add(chunk: Buffer): void {
    this.#total += chunk.length;
    const room = this.#headLimit - this.#headSize;
    if (room > 0) {
      this.#head.push(chunk.subarray(0, room));
      this.#headSize += Math.min(room, chunk.length);
    }
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailSize += rest.length;
    // Compacted at twice the limit, so that many small chunks cost one copy each.
    if (this.#tailSize > 2 * this.#tailLimit || this.#tail.length > 4096) this.#compact();
  }

  get isCut(): boolean {
    return this.#total > this.#headLimit + this.#tailLimit;
  }

  text(): string {
    this.#compact();
    const head = Buffer.concat(this.#head);
    const tail = this.#tail[0] ?? Buffer.alloc(0);
    if (!this.isCut) return Buffer.concat([head, tail]).toString('utf8');
    const cut = this.#total - head.length - tail.length;
    return `${wholeStart(head)}\n[… ${cut} bytes cut out here …]\n${wholeEnd(tail)}`;
  }

  #compact(): void {
    const all = Buffer.concat(this.#tail);
    const kept = Buffer.from(all.subarray(Math.max(0, all.length - this.#tailLimit)));
    this.#tail = kept.length > 0 ? [kept] : [];
    this.#tailSize = kept.length;
  }
}

/** Without the first bytes of a character that was cut at the end. */
function wholeStart(bytes: Buffer): string {
  let start = bytes.length;
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (width > back) start = bytes.length - back;
    break;
  }
  return bytes.subarray(0, start).toString('utf8');
}

/** Without the last bytes of a character that was cut at the beginning. */
function wholeEnd(bytes: Buffer): string {
  let start = 0;
  while (start < Math.min(3, bytes.length) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start).toString('utf8');
}
