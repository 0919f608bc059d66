/**
 * Splits a markdown file into front matter and body, and reads the front matter as leniently as the Claude Code
 * format demands: `description: Use when: x` is no YAML, yet such files exist and must load.
 */
import { parseDocument } from 'yaml';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { diagnosticAt, readYaml, type YamlSource } from '../yaml/yaml-source.ts';

export interface MarkdownFile {
  front: YamlSource | undefined;
  body: string;
  diagnostics: Diagnostic[];
}

/** `---js` and the like: other tools run what stands there. */
const namedFence = /^---[ \t]*[^\s-]/;

/** Characters of front matter; lines that are no YAML are looked at one by one. */
const maxFrontMatter = 64 * 1_024;

export function readMarkdown(file: string, text: string): MarkdownFile {
  const plain = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const match = /^---[ \t]*\n(?:([\s\S]*?)\n)?---[ \t]*(?:\n|$)/.exec(plain);
  if (!match) {
    const message = namedFence.test(plain)
      ? 'the front matter begins with `---` alone on its line; nothing else is read, and nothing is ever executed'
      : plain.startsWith('---')
        ? 'the front matter that begins here has no closing `---` line'
        : 'a role file begins with front matter: `---`, then `name:` and `description:`, then `---`';
    return { front: undefined, body: plain, diagnostics: [diagnosticAt({ file, line: 1, col: 1 }, message)] };
  }
  const front = match[1] ?? '';
  const body = plain.slice(match[0].length);
  if (front.length > maxFrontMatter) {
    const message = `the front matter is larger than ${maxFrontMatter / 1_024} KB`;
    return { front: undefined, body, diagnostics: [diagnosticAt({ file, line: 1, col: 1 }, message)] };
  }
  const strict = readYaml(file, front, { firstLine: 2 });
  if (strict.source) return { front: strict.source, body, diagnostics: strict.diagnostics };
  const lenient = readYaml(file, quoteUnreadableLines(front), { firstLine: 2 });
  if (lenient.source) return { front: lenient.source, body, diagnostics: lenient.diagnostics };
  return { front: undefined, body, diagnostics: strict.diagnostics };
}

/** Line for line, so that places stay right: what does not parse by itself as `key: rest` becomes `key: "rest"`. */
function quoteUnreadableLines(front: string): string {
  return front
    .split('\n')
    .map((line) => {
      const match = /^([A-Za-z][\w-]*):[ \t]+(\S.*)$/.exec(line);
      const isBlockStart = /^[|>][+-]?\d?\s*$/.test(match?.[2] ?? '');
      if (!match || isBlockStart || parseDocument(line).errors.length === 0) return line;
      return `${match[1]}: ${JSON.stringify(match[2])}`;
    })
    .join('\n');
}
