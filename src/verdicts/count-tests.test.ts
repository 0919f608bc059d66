import { describe, expect, test } from 'vitest';
import { countTests, describeCounts, stripAnsi } from './count-tests.ts';

const esc = String.fromCharCode(27);

const outputs: { runner: string; output: string; says: string }[] = [
  {
    runner: 'node:test as tap',
    output: `TAP version 13
# Subtest: adds
ok 1 - adds
  ---
  duration_ms: 0.6
  ...
not ok 2 - takes
1..43
# tests 43
# suites 0
# pass 41
# fail 2
# cancelled 0
# skipped 0
# todo 0
# duration_ms 55.1`,
    says: '2 of 43 tests failed',
  },
  {
    runner: 'node:test as spec, one test cancelled',
    output: `✔ adds (0.5ms)
✖ takes (1.2ms)
ℹ tests 44
ℹ suites 3
ℹ pass 41
ℹ fail 2
ℹ cancelled 1
ℹ skipped 0
ℹ todo 0
ℹ duration_ms 91.9

✖ failing tests:`,
    says: '3 of 44 tests failed',
  },
  {
    runner: 'vitest in colour',
    output: `${esc}[2m Test Files ${esc}[22m ${esc}[1m${esc}[31m1 failed${esc}[39m${esc}[22m${esc}[2m | ${esc}[22m${esc}[1m${esc}[32m7 passed${esc}[39m${esc}[22m${esc}[90m (8)${esc}[39m
${esc}[2m      Tests ${esc}[22m ${esc}[1m${esc}[31m2 failed${esc}[39m${esc}[22m${esc}[2m | ${esc}[22m${esc}[1m${esc}[32m41 passed${esc}[39m${esc}[22m${esc}[2m | ${esc}[22m${esc}[33m3 skipped${esc}[39m${esc}[90m (46)${esc}[39m
${esc}[2m   Start at ${esc}[22m 12:00:00
${esc}[2m   Duration ${esc}[22m 1.02s`,
    says: '2 of 43 tests failed',
  },
  {
    runner: 'jest',
    output: `PASS src/a.test.js
FAIL src/b.test.js
Test Suites: 1 failed, 1 passed, 2 total
Tests:       2 failed, 1 skipped, 41 passed, 44 total
Snapshots:   0 total
Time:        1.234 s
Ran all test suites.`,
    says: '2 of 43 tests failed',
  },
  {
    runner: 'pytest',
    output: `=========================== short test summary info ============================
FAILED tests/test_a.py::test_takes - assert 1 == 2
==================== 2 failed, 41 passed, 1 skipped in 0.52s ====================`,
    says: '2 of 43 tests failed',
  },
  {
    runner: 'pytest -q, slow',
    output: '.....\n5 passed, 2 warnings in 75.20s (0:01:15)\n',
    says: '5 of 5 tests passed',
  },
  {
    runner: 'pytest that cannot load a file',
    output: `!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
=============================== 1 error in 0.08s ===============================`,
    says: '1 of 1 tests failed',
  },
  {
    runner: 'unittest',
    output: `.F.E
----------------------------------------------------------------------
Ran 43 tests in 0.004s

FAILED (failures=1, errors=1, skipped=1)`,
    says: '2 of 42 tests failed',
  },
  {
    runner: 'cargo, several crates',
    output: `running 40 tests
test result: ok. 40 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s

running 3 tests
test tests::takes ... FAILED
test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s`,
    says: '2 of 43 tests failed',
  },
  {
    runner: 'go',
    output: `ok  \texample.org/shop/cart\t0.012s
ok  \texample.org/shop/tax\t(cached)
?   \texample.org/shop/doc\t[no test files]
--- FAIL: TestTotal (0.00s)
    total_test.go:9: got 3
FAIL
FAIL\texample.org/shop/total\t0.008s
FAIL\texample.org/shop/bad [build failed]
FAIL`,
    says: '2 of 4 packages failed',
  },
];

describe('reading test counts', () => {
  test.each(outputs)('understands $runner', ({ output, says }) => {
    const counts = countTests(output);
    expect(counts && describeCounts(counts)).toBe(says);
  });

  test('adds up the runs of a script that tests several packages', () => {
    const one = '# pass 20\n# fail 1\n';
    const counts = countTests(`${one}> next package\n# pass 21\n# fail 1\n`);
    expect(counts).toEqual({ unit: 'tests', passed: 41, failed: 2 });
  });

  test('finds nothing in output without a summary, whatever words it uses', () => {
    expect(countTests('the build passed 3 of 4 stages; 2 failed')).toBeUndefined();
    expect(countTests('# pass\n# fail\n')).toBeUndefined();
    expect(countTests('')).toBeUndefined();
  });

  test('does not take a run without tests for a result', () => {
    expect(countTests('# tests 0\n# pass 0\n# fail 0\n')).toBeUndefined();
  });
});

describe('stripping terminal escapes', () => {
  test('removes colours, links, titles and overwritten progress lines, and keeps the text', () => {
    const bell = String.fromCharCode(7);
    const link = `${esc}]8;;https://example.org${bell}here${esc}]8;;${bell}`;
    const text = `${esc}]0;title${esc}\\${esc}[1;31mred${esc}[0m ${link}\r\n10%\r50%\rdone\n${esc}[2Kend${esc}(B`;
    expect(stripAnsi(text)).toBe('red here\ndone\nend');
  });

  test('keeps text that only looks like an escape', () => {
    expect(stripAnsi('array[0m] and [31m')).toBe('array[0m] and [31m');
  });
});
