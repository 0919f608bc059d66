/** Globs in one line, `src/{a,b}/**,docs/**`: sorted, each once, so that the same ones in another order are written the same. */

/** Null: none, or one of them is empty. A comma inside braces belongs to its glob. */
export function readGlobs(text: string): string[] | null {
  const globs = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ',' && depth === 0) globs.push('');
    else globs.push((globs.pop() ?? '') + character);
  }
  const trimmed = globs.map((glob) => glob.trim());
  return trimmed.includes('') ? null : [...new Set(trimmed)].toSorted();
}
