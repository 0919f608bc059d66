/** The rules of ARCHITECTURE.md, applied to the sources. The table is the one place where ranks are written down. */
import { describe, expect, it } from 'vitest';
import { checkArchitecture, type SourceFile } from './architecture/check.ts';
import { readSources } from './architecture/read-sources.ts';

const clean: SourceFile[] = [
  { path: 'src/base/money.ts', text: "import { sha } from 'node:crypto';\nexport const a = 1;\n" },
  { path: 'src/base/json.ts', text: "import type { A } from './money.ts';\n" },
  { path: 'src/ledger/account.ts', text: "import { a } from '../base/money.ts';\n" },
  { path: 'src/cells/cell.ts', text: 'export interface Cell { id: string }\n' },
  { path: 'src/workspaces/workspace.ts', text: "import type { Cell } from '../cells/cell.ts';\n" },
  { path: 'src/compose/project.ts', text: "import { a } from '../ledger/account.ts';\n" },
  { path: 'src/cli/main.ts', text: "import { compose } from '../compose/project.ts';\n" },
];

function problemsWith(...files: SourceFile[]): string[] {
  const paths = new Set(files.map((file) => file.path));
  return checkArchitecture([...clean.filter((file) => !paths.has(file.path)), ...files]);
}

describe('the sources', () => {
  it('keep the rules of the architecture', async () => {
    const sources = await readSources();
    expect(sources.length).toBeGreaterThan(20);
    expect(checkArchitecture(sources)).toEqual([]);
  });
});

describe('the architecture check', () => {
  it('accepts imports of lower ranks, of the own folder, and the declared exception', () => {
    expect(checkArchitecture(clean)).toEqual([]);
  });

  it('refuses an import of a higher rank, of the same rank, and of a file outside src', () => {
    const up = { path: 'src/base/up.ts', text: "import { x } from '../ledger/account.ts';\n" };
    const across = { path: 'src/ledger/across.ts', text: "import { x } from '../cells/cell.ts';\n" };
    const out = { path: 'src/ledger/out.ts', text: "import { x } from '../../test/thing.ts';\n" };
    expect(problemsWith(up)).toEqual(['src/base/up.ts:1 base (rank 0) imports ledger (rank 3)']);
    expect(problemsWith(across)).toEqual(['src/ledger/across.ts:1 ledger (rank 3) imports cells (rank 3)']);
    expect(problemsWith(out)).toEqual(['src/ledger/out.ts:1 imports ../../test/thing.ts, outside src/']);
  });

  it('sees re-exports, side-effect imports, dynamic imports, types, and imports over several lines', () => {
    for (const statement of [
      "export { x } from '../ledger/account.ts';",
      "export * from '../ledger/account.ts';",
      "import '../ledger/account.ts';",
      "const x = await import('../ledger/account.ts');",
      "type X = import('../ledger/account.ts').X;",
      "import type { X } from '../ledger/account.ts';",
      "import {\n  x,\n  y,\n} from '../ledger/account.ts';",
    ]) {
      const found = problemsWith({ path: 'src/base/up.ts', text: `${statement}\n` });
      expect(found, statement).toEqual(['src/base/up.ts:1 base (rank 0) imports ledger (rank 3)']);
    }
  });

  it('does not take text in comments or templates for imports', () => {
    const text = [
      '/**',
      " * import { x } from '../ledger/account.ts';",
      ' */',
      "// import '../ledger/account.ts';",
      'export const sample = `',
      "import { x } from '../ledger/account.ts';",
      '`;',
    ].join('\n');
    expect(problemsWith({ path: 'src/base/quote.ts', text })).toEqual([]);
  });

  it('refuses the exception when it imports more than types', () => {
    const text = "import { Cell } from '../cells/cell.ts';\n";
    expect(problemsWith({ path: 'src/workspaces/workspace.ts', text })).toEqual([
      'src/workspaces/workspace.ts:1 workspaces (rank 3) imports cells (rank 3)',
    ]);
  });

  it('finds a cycle of files, through type imports too, and names its way', () => {
    const one = { path: 'src/ledger/one.ts', text: "import type { T } from './two.ts';\n" };
    const two = { path: 'src/ledger/two.ts', text: "import { three } from './three.ts';\n" };
    const three = { path: 'src/ledger/three.ts', text: "import { one } from './one.ts';\n" };
    expect(problemsWith(one, two, three)).toEqual([
      'import cycle: src/ledger/one.ts → src/ledger/two.ts → src/ledger/three.ts → src/ledger/one.ts',
    ]);
    const self = { path: 'src/ledger/self.ts', text: "import { a } from './self.ts';\n" };
    expect(problemsWith(self)).toEqual(['import cycle: src/ledger/self.ts → src/ledger/self.ts']);
  });

  it('lets tests and contract suites import every rank, but nothing import them', () => {
    const upward = "import { x } from '../cli/main.ts';\n";
    expect(problemsWith({ path: 'src/base/money.test.ts', text: upward })).toEqual([]);
    expect(problemsWith({ path: 'src/ledger/account-contract.ts', text: upward })).toEqual([]);
    const contract = { path: 'src/ledger/account-contract.ts', text: 'export const suite = 1;\n' };
    const user = { path: 'src/ledger/user.ts', text: "import { suite } from './account-contract.ts';\n" };
    expect(problemsWith(contract, user)).toEqual([
      'src/ledger/user.ts:1 imports ./account-contract.ts, which is for tests',
    ]);
  });

  it('refuses folders without a rank, drawers, barrels, and loose files', () => {
    const paths = {
      'src/billing/a.ts': 'src/billing/a.ts is in a folder without a rank: billing',
      'src/ledger/utils/a.ts':
        'src/ledger/utils/a.ts is in a drawer: name it after what it holds, not "utils"',
      'src/ledger/index.ts': 'src/ledger/index.ts is a barrel: import the file that defines the thing',
      'src/ledger/types.ts': 'src/ledger/types.ts is a drawer: put each type with the word that needs it',
      'src/loose.ts': 'src/loose.ts is in no folder',
    };
    for (const [path, problem] of Object.entries(paths)) {
      expect(problemsWith({ path, text: 'export {};\n' })).toEqual([problem]);
    }
  });

  it('refuses a file name that is not kebab-case and a file of over 300 lines', () => {
    expect(problemsWith({ path: 'src/ledger/OpenAccount.ts', text: '' })).toEqual([
      'src/ledger/OpenAccount.ts is not named in kebab-case',
    ]);
    expect(problemsWith({ path: 'src/ledger/long.ts', text: '\n'.repeat(301) })).toEqual([
      'src/ledger/long.ts has 301 lines; over 300 it is two words',
    ]);
    expect(problemsWith({ path: 'src/ledger/long.ts', text: '\n'.repeat(300) })).toEqual([]);
  });

  it('keeps base to thirteen files', () => {
    const files = Array.from({ length: 12 }, (_, index) => ({ path: `src/base/f${index}.ts`, text: '' }));
    expect(problemsWith(...files)).toEqual(['src/base has 14 files; at most 13']);
    expect(problemsWith(...files.slice(1))).toEqual([]);
  });
});
