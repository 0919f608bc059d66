/** Finds what a TypeScript file imports, from its text alone. Knows strings, templates and comments; nothing of types. */

export interface Import {
  specifier: string;
  /** 1-based. */
  line: number;
  /** `import type …` or `export type …`; erased when the file runs. */
  isTypeOnly: boolean;
}

/** Statements with `from`, bare imports, and `import('…')`, in the order of the text. */
export function findImports(text: string): Import[] {
  const code = blankCommentsAndTemplates(text);
  const statement =
    /^[ \t]*(?:import|export)\b(\s+type\b(?!\s*from\b))?[^'";()=]*?(?:\bfrom\s*)?['"]([^'"\n]+)['"]/gm;
  const call = /\bimport\(\s*['"]([^'"\n]+)['"]/g;
  const found: (Import & { at: number })[] = [];
  for (const match of code.matchAll(statement)) {
    const at = match.index + match[0].search(/\S/);
    found.push({ specifier: match[2] ?? '', at, line: lineAt(code, at), isTypeOnly: match[1] !== undefined });
  }
  for (const match of code.matchAll(call)) {
    found.push({
      specifier: match[1] ?? '',
      at: match.index,
      line: lineAt(code, match.index),
      isTypeOnly: false,
    });
  }
  return found
    .sort((a, b) => a.at - b.at)
    .map(({ specifier, line, isTypeOnly }) => ({ specifier, line, isTypeOnly }));
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/**
 * Same length, same line breaks, with comments and the text of templates blanked. What stands in `${…}` goes with
 * it: no import statement can be there, and a dynamic one in a template is nothing that this project writes.
 */
function blankCommentsAndTemplates(text: string): string {
  // Strings come first among the alternatives, so that `//` and backquotes inside them are left alone. A backquote in
  // a regular expression hides what follows it, up to the next one; imports stand at the top of a file, before that.
  const token = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(token, (part) =>
    part[0] === "'" || part[0] === '"' ? part : part.replace(/[^\n]/g, ' '),
  );
}
