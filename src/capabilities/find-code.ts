/**
 * Finds code in text for people. A fenced block counts by what it says it is; a block that says nothing, and text outside of
 * blocks, by what three lines in a row look like. Names, paths, commands in a sentence, tables, diagrams and examples of data
 * are no code.
 */

/** A line of the artifact and what is in it; `number` counts from 1. */
export interface OutputLine {
  number: number;
  text: string;
}

/** Languages of blocks that are data, diagrams or text. Every other one that is named is code. */
const dataLanguages = new Set(
  'text txt plain plaintext none md markdown mermaid plantuml dot graphviz json jsonc json5 yaml yml toml ini csv tsv http log ascii output console-output'.split(
    ' ',
  ),
);

/** Lines in a row that make code out of what only looks like it. */
const runLength = 3;

/** Numbers of the lines where code begins. */
export function findCode(lines: readonly OutputLine[]): number[] {
  const found: number[] = [];
  let fence: { mark: string; isData: boolean } | null = null;
  let run: OutputLine[] = [];
  const endRun = () => {
    const [first] = run;
    if (run.length >= runLength && first) found.push(first.number);
    run = [];
  };
  for (const line of lines) {
    const mark = /^\s*(?:[-*>]\s+)*(`{3,}|~{3,})\s*\{?\.?([^\s`{},]*)/.exec(line.text);
    if (fence !== null && mark?.[1]?.startsWith(fence.mark) && mark[2] === '') {
      endRun();
      fence = null;
    } else if (fence === null && mark?.[1]) {
      endRun();
      const language = (mark[2] ?? '').toLowerCase();
      const isData = dataLanguages.has(language);
      if (language !== '' && !isData) found.push(line.number);
      fence = { mark: mark[1], isData: isData || language !== '' };
    } else if (fence?.isData !== true) {
      if (looksLikeCode(line.text)) run.push(line);
      else if (line.text.trim() !== '' || fence === null) endRun();
    }
  }
  endRun();
  return found;
}

const beginnings = [
  /^(export |public |private |protected |static |async |abstract |final |pub |default )*(function|class|interface|enum|struct|trait|impl|def|fn|func|fun|namespace)\b.*[({:]/,
  /^(const|let|var|val)\s+[\w${[][^.?!]*=/,
  /^(import|from|use|using|require|include|package)\b.*(['"<;]|\bimport\b)/,
  /^import [\w.]+( as \w+)?$/,
  /^#(include|define|ifdef|pragma)\b/,
  /^(if|for|while|switch|catch|else if)\s*\(.*[{;]?$/,
  /^(if|for|while|with|elif|try|except)\b.*:$/,
  /^(return|throw|raise|await|yield|defer)\b.*(;|\(|\)|$)/,
  /^(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE (TABLE|INDEX)|ALTER TABLE)\b/,
  /^[\w$.[\]'"]+\s*([-+*/|&?]|\|\||&&)?=\s*\S/,
  /^@\w+(\(.*\))?$/,
];

function looksLikeCode(text: string): boolean {
  const line = text.trim();
  if (line === '' || /^([-*+]|\d+[.)]|#{1,6}|>|\|)\s/.test(line)) return false;
  if (/^[\])}]+[;,)]*$/.test(line) || /[;{]$/.test(line) || /=>\s*[{(]?$/.test(line)) return true;
  if (/^[\w$.]+\(.*\)[;,]?$/.test(line)) return true;
  return beginnings.some((pattern) => pattern.test(line)) && !/[a-z]{3,}[.!?]$/.test(line);
}
