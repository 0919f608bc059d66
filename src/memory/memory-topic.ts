/** The one way to write a topic: `Export timezone`, `export-timezone` and `export.timezone` are the same. */
export function normalTopic(text: string): string {
  return wordsOf(text).join('.');
}

/** One word says too little to be found again by somebody else. */
export function isTopic(text: string): boolean {
  return wordsOf(text).length >= 2;
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}
