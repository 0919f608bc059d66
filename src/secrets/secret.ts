/** A secret by name and value, and what stands in its place. Knows nothing of where values come from or go to. */

export interface Secret {
  name: string;
  value: string;
}

/** Bytes of UTF-8. Shorter ones are in too many innocent words: taking them out would shred every text. */
export const shortestSecret = 6;
/** A private key of 4,096 bits has about 3,300. */
export const longestSecret = 8_192;

export function placeholderOf(name: string): string {
  return `[secret:${name}]`;
}

/** With a group around it, so that `split` keeps the placeholders between the pieces. */
export const placeholders = /(\[secret:[A-Za-z_][A-Za-z0-9_]*\])/;
