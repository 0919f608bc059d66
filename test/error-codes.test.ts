/** docs/errors.md and the sources name the same error codes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, readSources } from './architecture/read-sources.ts';

/** Files that make errors whose code is not a literal there, and the codes that come that way only. */
const indirectCodes: Readonly<Record<string, readonly string[]>> = {
  // Hands on what the supervisor of the embedded server says; the codes are literals where it says them.
  'src/postgres/open-database.ts': [],
  'src/cli/commands/add.ts': ['brief_invalid', 'plan_invalid'],
};

/** First arguments of `new MeshwrightError(…)` and of what its subclasses hand up; `undefined` where it is not a literal. */
function codesIn(text: string): (string | undefined)[] {
  const made =
    /new MeshwrightError\(\s*(?:'([^']+)')?|extends MeshwrightError \{[\s\S]*?super\(\s*'([^']+)'/g;
  return [...text.matchAll(made)].map((match) => match[1] ?? match[2]);
}

/** First cells of the table's rows: `| \`code\` | …`. */
function codesOfTable(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '');
}

async function shippedSources() {
  const sources = await readSources();
  return sources.filter(
    ({ path }) =>
      path.startsWith('src/') && !/(\.test|-contract)\.ts$/.test(path) && path !== 'src/base/errors.ts',
  );
}

describe('error codes', () => {
  it('are found in the sources and in the table, in whatever form they are written', () => {
    const source =
      "throw new MeshwrightError('a_b', 'x');\nreturn new MeshwrightError(\n  'c_d',\n);\nnew MeshwrightError(code, 'x')\nclass X extends MeshwrightError {\n  constructor() {\n    super('e_f', 'x');";
    expect(codesIn(source)).toEqual(['a_b', 'c_d', undefined, 'e_f']);
    expect(codesOfTable('| code | meaning |\n|---|---|\n| `a_b` | x |\n| `c_d` | y |\n')).toEqual([
      'a_b',
      'c_d',
    ]);
  });

  it('are literals where the error is made, but for the places declared here', async () => {
    const sources = await shippedSources();
    const indirect = sources.filter(({ text }) => codesIn(text).includes(undefined));
    expect(indirect.map(({ path }) => path).sort()).toEqual(Object.keys(indirectCodes).sort());
    for (const { path, text } of indirect) {
      for (const code of indirectCodes[path] ?? []) expect(text).toContain(`'${code}'`);
    }
  });

  it('are all listed in docs/errors.md, in order and once each, and nothing else is', async () => {
    const used = new Set(Object.values(indirectCodes).flat());
    for (const { text } of await shippedSources()) {
      for (const code of codesIn(text)) if (code) used.add(code);
    }
    const listed = codesOfTable(await readFile(join(projectRoot, 'docs', 'errors.md'), 'utf8'));
    expect(listed).toEqual([...used].sort());
  });
});
