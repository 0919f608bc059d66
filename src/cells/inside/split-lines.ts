/** Cuts a byte stream into lines at `\n` alone (readline also cuts at U+2028, which JSON may contain). */

/** @returns a function to feed chunks to; it calls `onLine` per line and `onOverflow` once when a line has no end. */
export function lineSplitter(
  limitBytes: number,
  onLine: (line: string) => void,
  onOverflow: () => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let size = 0;
  let isOver = false;
  return (chunk) => {
    if (isOver) return;
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      parts.push(rest.subarray(0, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
      onLine(line);
    }
    parts.push(rest);
    size += rest.length;
    if (size <= limitBytes) return;
    isOver = true;
    parts = [];
    onOverflow();
  };
}
