import { describe, expect, test } from 'vitest';
import { type BaselineEntry, type CheckResult, judgeCommands, outputTail } from './judge-commands.ts';

const esc = String.fromCharCode(27);

function check(name: string, exitCode: number | null, output = '', isTimedOut = false): CheckResult {
  return { name, exitCode, isTimedOut, output };
}

function counted(passed: number, failed: number): string {
  return `# pass ${passed}\n# fail ${failed}\n`;
}

const redBefore: BaselineEntry = { name: 'test', status: 'red', failedCount: 2, passedCount: 41 };
const uncountedBefore: BaselineEntry = { name: 'test', status: 'red', failedCount: null, passedCount: null };

describe('checks', () => {
  test('pass when all are green, and the line counts their tests', () => {
    const judged = judgeCommands([check('lint', 0), check('test', 0, counted(43, 0))], [], 'refuse');
    expect(judged).toEqual({
      isPassed: true,
      summary: 'lint: green; test: 43 of 43 tests passed',
      findings: [],
      needsRerun: [],
    });
  });

  test('fail with the output as a finding when one is red', () => {
    const judged = judgeCommands(
      [check('lint', 0), check('test', 1, `not ok 2\n${counted(41, 2)}`)],
      [],
      'refuse',
    );
    expect(judged.isPassed).toBe(false);
    expect(judged.summary).toBe('lint: green; test: 2 of 43 tests failed');
    expect(judged.findings).toEqual([
      {
        source: 'check:test',
        message: 'test: 2 of 43 tests failed, ended with exit code 1',
        file: null,
        line: null,
        output: 'not ok 2\n# pass 41\n# fail 2',
      },
    ]);
  });

  test.each([
    ['the exit code is red although the output looks green', check('test', 1, counted(43, 0))],
    ['it ran out of time', check('test', 0, '', true)],
    ['it was killed', check('test', null)],
  ])('fail when %s', (_, result) => {
    expect(judgeCommands([result], [], 'no_worse').isPassed).toBe(false);
  });

  test('never pass when none ran', () => {
    const judged = judgeCommands([], [], 'no_worse');
    expect(judged.isPassed).toBe(false);
    expect(judged.findings).toHaveLength(1);
  });

  test('are to be run once more when red and known to be flaky, and not when green', () => {
    const flaky: BaselineEntry[] = ['a', 'b'].map((name) => ({ ...redBefore, name, status: 'flaky' }));
    const judged = judgeCommands([check('a', 1), check('b', 0), check('c', 1)], flaky, 'no_worse');
    expect(judged.needsRerun).toEqual(['a']);
    expect(judged.isPassed).toBe(false);
  });
});

describe('a check that was red before the item began', () => {
  test('fails all the same where the policy refuses a red baseline', () => {
    expect(judgeCommands([check('test', 1, counted(41, 2))], [redBefore], 'refuse').isPassed).toBe(false);
  });

  test.each([
    ['as many tests fail', check('test', 1, counted(41, 2)), redBefore],
    ['fewer fail and more pass', check('test', 1, counted(60, 1)), redBefore],
    ['nobody could count them then', check('test', 1, counted(1, 9)), uncountedBefore],
    ['nobody can count them', check('test', 1, 'error: no'), uncountedBefore],
  ])('passes with a note when %s', (_, result, before) => {
    const judged = judgeCommands([result], [before], 'no_worse');
    expect(judged.isPassed).toBe(true);
    expect(judged.summary).toContain('was red before, no worse');
    expect(judged.findings).toEqual([]);
  });

  test.each([
    ['more tests fail', check('test', 1, counted(41, 3)), '2 failed before'],
    ['fewer pass, since a file no longer loads', check('test', 1, counted(0, 1)), '41 passed before'],
    ['it no longer comes to its summary', check('test', 1, 'SyntaxError'), 'it was counted before'],
    ['it runs out of time', check('test', null, '', true), 'ran out of time'],
  ])('fails when %s', (_, result, message) => {
    const judged = judgeCommands([result], [redBefore], 'no_worse');
    expect(judged.isPassed).toBe(false);
    expect(judged.findings[0]?.message).toContain(message);
  });

  test('excuses no other check', () => {
    expect(judgeCommands([check('lint', 1)], [redBefore], 'no_worse').isPassed).toBe(false);
  });
});

describe('the output that a finding carries', () => {
  test('is the last sixty lines without escape sequences', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${esc}[31mline ${index + 1}${esc}[39m`);
    const tail = outputTail(`${lines.join('\n')}\n\n`)?.split('\n');
    expect(tail).toHaveLength(60);
    expect(tail?.[0]).toBe('line 41');
    expect(tail?.at(-1)).toBe('line 100');
  });

  test('is at most 6 KB and never begins inside a character', () => {
    const tail = outputTail(`x${'€'.repeat(5000)}`) ?? '';
    expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(6 * 1024);
    expect(tail).toMatch(/^€+$/);
  });

  test('is null when there was none', () => {
    expect(outputTail(` \n${esc}[0m\n`)).toBeNull();
  });
});
