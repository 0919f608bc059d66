/**
 * Estimates how many tokens a prompt has, from above: it is what the ledger reserves, so too high costs only room under
 * a ceiling while too low could cross it. No provider's tokenizer is used; each class of characters is counted at
 * a rate that no common tokenizer exceeds on ordinary text and code (about 1.4–2.2 times a typical count).
 */

/** What a provider adds around each part of a request. */
const baseOverheadTokens = 64;
const messageOverheadTokens = 12;
const toolOverheadTokens = 40;
/** Some providers add a hidden instruction text as soon as a request has tools. */
const toolUseOverheadTokens = 700;

export interface PromptShape {
  messageCount: number;
  toolCount: number;
}

/** What a provider adds around the texts of a request; the texts themselves are counted one by one. */
export function estimateFramingTokens(prompt: PromptShape): number {
  let tokens = baseOverheadTokens + prompt.messageCount * messageOverheadTokens;
  if (prompt.toolCount > 0) tokens += toolUseOverheadTokens + prompt.toolCount * toolOverheadTokens;
  return tokens;
}

/**
 * Letters: a third of each camel-case part's length, half for capitals. Digits, punctuation, line ends: one each. A single
 * space before a word is part of it. A run of letters and digits longer than any usual name (a hash, base64) is counted
 * per character; everything outside ASCII per UTF-8 byte.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (isAlphanumeric(code)) {
      const wordEnd = endOfWord(text, index);
      tokens += wordEnd - index > longestName ? wordEnd - index : estimateWord(text, index, wordEnd);
      index = wordEnd;
    } else if (code === space) {
      const end = endOfSpaces(text, index);
      const length = end - index;
      const isPartOfWord = length === 1 && isLetter(text.charCodeAt(end));
      tokens += isPartOfWord ? 0 : 1 + Math.floor(length / 8);
      index = end;
    } else if (code < 0x80) {
      tokens += 1;
      index += 1;
    } else {
      const isPair = code >= 0xd800 && code <= 0xdbff;
      tokens += code < 0x800 ? 2 : isPair ? 4 : 3;
      index += isPair ? 2 : 1;
    }
  }
  return tokens;
}

const space = 0x20;
const longestName = 20;

function estimateWord(text: string, start: number, end: number): number {
  let tokens = 0;
  let index = start;
  while (index < end) {
    const partEnd = isLetter(text.charCodeAt(index)) ? endOfWordPart(text, index) : index + 1;
    tokens += Math.ceil((partEnd - index) / (isLower(text.charCodeAt(partEnd - 1)) ? 3 : 2));
    index = partEnd;
  }
  return tokens;
}

function endOfWord(text: string, start: number): number {
  let end = start;
  while (isAlphanumeric(text.charCodeAt(end))) end += 1;
  return end;
}

/** One camel-case part: capitals followed by lower-case letters, or capitals alone. */
function endOfWordPart(text: string, start: number): number {
  let end = start;
  while (isUpper(text.charCodeAt(end))) end += 1;
  const capitals = end - start;
  if (capitals > 1 && isLower(text.charCodeAt(end))) return end - 1;
  while (isLower(text.charCodeAt(end))) end += 1;
  return end;
}

function endOfSpaces(text: string, start: number): number {
  let end = start;
  while (text.charCodeAt(end) === space) end += 1;
  return end;
}

function isLetter(code: number): boolean {
  return isUpper(code) || isLower(code);
}
function isAlphanumeric(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39);
}
function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}
function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}
