/**
 * Reads the test counts that common runners print at their end. Knows nothing of exit codes: counts explain a
 * result, they never decide one.
 */
export interface TestCounts {
  /** What was counted: `tests`, or `packages` where the runner names only those. */
  unit: 'tests' | 'packages';
  passed: number;
  failed: number;
}

/** The end of a run holds the summary; a larger output is not searched, so that judging stays cheap. */
const searchedCharacters = 200_000;

/** Undefined when no known runner's summary is found. Skipped and todo tests are in neither count. */
export function countTests(output: string): TestCounts | undefined {
  const text = stripAnsi(output.slice(-searchedCharacters));
  for (const read of readers) {
    const counts = read(text);
    if (counts && counts.passed + counts.failed > 0) return counts;
  }
  return undefined;
}

/** What matters first: `43 of 43 tests passed`, or `2 of 43 tests failed`. */
export function describeCounts(counts: TestCounts): string {
  const total = counts.passed + counts.failed;
  if (counts.failed > 0) return `${counts.failed} of ${total} ${counts.unit} failed`;
  return `${counts.passed} of ${total} ${counts.unit} passed`;
}

/** Text without terminal colours, cursor movements and titles; a line overwritten by carriage returns keeps its last state. */
export function stripAnsi(text: string): string {
  return text
    .replaceAll(ansiPattern, '')
    .replaceAll(/^.*\r(?!\n|$)/gm, '')
    .replaceAll('\r', '');
}

const esc = String.fromCharCode(27);
const bell = String.fromCharCode(7);
/** CSI sequences, OSC strings (ended by BEL or ST), and two-character escapes. */
const ansiPattern = new RegExp(
  `${esc}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)|[ -/]*[0-~])`,
  'g',
);

type Reader = (text: string) => TestCounts | undefined;

/**
 * One per runner. A script that runs several (workspaces, cargo's crates) prints several summaries: they add up. The
 * text is hostile: no pattern runs over several lines or takes more than linear time.
 */
const readers: readonly Reader[] = [
  // node:test: `# pass 41` (tap) or `ℹ pass 41` (spec).
  (text) => addUp(text, /^(?:#|ℹ) pass (\d+)$/gm, /^(?:#|ℹ) (?:fail|cancelled) (\d+)$/gm),
  // vitest: `      Tests  2 failed | 41 passed (43)`.
  (text) => sumLines(text, /^ *Tests {2}(.*\(\d+\)) *$/gm),
  // jest: `Tests:       2 failed, 41 passed, 43 total`.
  (text) => sumLines(text, /^ *Tests: +(.*\d+ total) *$/gm),
  // cargo: `test result: FAILED. 41 passed; 2 failed; 0 ignored; …`.
  (text) => sumLines(text, /^test result: \w+\. (\d+ passed; \d+ failed);/gm),
  // pytest: `==== 2 failed, 41 passed, 1 error in 0.12s ====`, bare with -q.
  (text) => sumLines(text, /^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.:]+ ?s\b.*$/gm),
  // unittest: `Ran 43 tests in 0.1s`, then `OK` or `FAILED (failures=1, errors=1)`.
  readUnittest,
  // go: `ok  	example.org/a	0.01s`, `FAIL	example.org/b	0.02s`.
  readGoPackages,
];

function addUp(text: string, passedPattern: RegExp, failedPattern: RegExp): TestCounts | undefined {
  const passed = [...text.matchAll(passedPattern)];
  const failed = [...text.matchAll(failedPattern)];
  if (passed.length === 0 || failed.length === 0) return undefined;
  return { unit: 'tests', passed: sum(passed), failed: sum(failed) };
}

/** Adds the `N passed`, `N failed` and `N errors` of every line that the pattern captures. */
function sumLines(text: string, pattern: RegExp): TestCounts | undefined {
  const lines = [...text.matchAll(pattern)].map((match) => match[1] ?? '').join('\n');
  if (lines === '') return undefined;
  const passed = sum(lines.matchAll(/(\d+) passed/g));
  const failed = sum(lines.matchAll(/(\d+) (?:failed|errors?\b)/g));
  return { unit: 'tests', passed, failed };
}

function readUnittest(text: string): TestCounts | undefined {
  const total = sum(text.matchAll(/^Ran (\d+) tests? in [\d.]+s$/gm));
  const outcome = text.match(/^(?:OK|FAILED)(?: \((.*)\))?$/m);
  if (total === 0 || !outcome) return undefined;
  const failed = sum((outcome[1] ?? '').matchAll(/(?:failures|errors)=(\d+)/g));
  const skipped = sum((outcome[1] ?? '').matchAll(/skipped=(\d+)/g));
  return { unit: 'tests', passed: Math.max(0, total - failed - skipped), failed };
}

function readGoPackages(text: string): TestCounts | undefined {
  const passed = [...text.matchAll(/^ok {2}\t\S+\t(?:[\d.]+s|\(cached\))/gm)].length;
  const failed = [...text.matchAll(/^FAIL\t\S+(?:\t[\d.]+s| \[[a-z ]+\])/gm)].length;
  return passed + failed === 0 ? undefined : { unit: 'packages', passed, failed };
}

function sum(matches: Iterable<RegExpMatchArray>): number {
  let total = 0;
  for (const match of matches) total += Number(match[1]);
  return total;
}
