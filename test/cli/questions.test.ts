/** What people are asked, from the command line: shown when it is asked, listed, answered, refused, and counted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askRelease, makeAskingProject } from './asking-project.ts';
import { expectDocumented } from './documented-keys.ts';
import { type CliResult, type CliWorld, openCliWorld, transcript } from './run-cli.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

/** Line and hint of a usage error. */
function usageError(result: CliResult): string {
  expect([result.code, result.out], transcript(result)).toEqual([2, '']);
  return result.err
    .replace(/^error: /, '')
    .replace('\n  ', ' | ')
    .trimEnd();
}

describe('a question', { timeout: 300_000 }, () => {
  test('is shown whole when it is asked, listed, refused to a stranger, answered by the right person, and its item goes on', async () => {
    const { as } = await makeAskingProject(world, 'asking');
    const waiting = await as('tess', 'run', '--until-idle');
    expect(waiting.code, transcript(waiting)).toBe(3);
    expect(waiting.out).toMatch(
      new RegExp(
        [
          '^#1 {2}\\? Q-1 to @sarah-pm: export times',
          ' {6}requirement_ambiguity: the item waits; due (\\w+ \\d+ \\w+ )?\\d\\d:\\d\\d (CES?T|GMT\\+[12]), in 60 min',
          ' {6}In which time zone are the times of the export\\?',
          ' {8}1 {2}UTC \\(default\\): Nobody is surprised in summer\\.',
          ' {8}2 {2}local time of the shop: What the clerks see on the clock\\.',
          ' {6}Default if no answer by (\\w+ )?\\d\\d:\\d\\d: option 1, flagged for review\\.',
          ' {6}meshwright answer Q-1 <1–2>, or in words; meshwright show Q-1 says all of it$',
        ].join('\\n'),
        'm',
      ),
    );
    expect(waiting.out).toMatch(
      /^Waits for a person:\n {2}Q-1 {2}@sarah-pm: export times · .*, in \d+ min\n {7}meshwright answer Q-1 <1–2>\n$/m,
    );
    const status = await as('tess', 'status');
    expect(status.out).toMatch(
      /^People are asked: 1 question, 0 approvals; .*\n {2}Q-1 {2}@sarah-pm: export times · /m,
    );
    expectDocumented('status', JSON.parse((await as('tess', '--json', 'status')).out));
    const listed = await as('tess', 'questions');
    expect(listed.out).toMatch(
      /^Q-1 {2}@sarah-pm {2}export times: 1 UTC \(default\) · 2 local time of the shop$/m,
    );
    const notTheirs = await as('tess', 'answer', 'Q-1', '2');
    expect(notTheirs.code, transcript(notTheirs)).toBe(1);
    expect(notTheirs.out).toMatch(
      /^Q-1 is not yours to answer: @sarah-pm is asked\.\n {2}What you said is kept: .* @tess /,
    );
    const answered = await as('sarah-pm', 'answer', 'Q-1', '2');
    expect(answered.code, transcript(answered)).toBe(0);
    expect(answered.out).toContain('#1 can go on.');
    const late = await as('alex-engineering-lead', 'answer', 'Q-1', '1');
    expect([late.code, late.out]).toEqual([
      1,
      'Q-1 was answered by @sarah-pm before, and that holds: option 2.\n  What you said is kept: `meshwright show Q-1`.\n',
    ]);
    expect((await as('tess', 'questions')).out).toMatch(/^Nothing is asked\./);
    const ready = await as('tess', 'run', '--until-idle');
    expect(ready.out, transcript(ready)).toMatch(
      /^ {2}#1 {2}ready: .*\n {6}meshwright diff 1, then meshwright accept 1$/m,
    );
    const shown = await as('tess', 'show', 'Q-1');
    expect(shown.out).toMatch(
      /Q-1 asks @sarah-pm.*\n.*“option 2” of @tess does not count: .*\n.*answered by @sarah-pm: option 2\n.*“option 1” of @alex-engineering-lead does not count/,
    );
    expect(shown.out).toMatch(
      /^Holds: 2 local time of the shop, by @sarah-pm \(D-1: `meshwright show D-1`\)$/m,
    );
    const item = await as('tess', 'show', '1');
    expect(item.out).toMatch(
      /^ {2}✓ Q-1 export times \(build developer\): 2 local time of the shop, by @sarah-pm \(D-1\)$/m,
    );
    expect(item.out).toMatch(/^ {2}decision D-1 local time of the shop \(the answer to its question\)$/m);
    expectDocumented('show', JSON.parse((await as('tess', '--json', 'show', '1')).out));
    expectDocumented('show Q-7', JSON.parse((await as('tess', '--json', 'show', 'Q-1')).out));
    const all = JSON.parse((await as('tess', '--json', 'questions', '--all')).out);
    expectDocumented('questions', all, ['approvals[]']);
    const digest = JSON.parse((await as('tess', '--json', 'digest')).out);
    expectDocumented('digest', digest, ['suggestions[]', 'misclassified[]', 'unrouted[]']);
    expect(digest).toMatchObject({
      defaults: [],
      people: [{ key: '@sarah-pm', askedCount: 1, repliedCount: 1, inTimeShare: 1, neverCount: 0 }],
      refused: [
        { question: 'Q-1', by: '@tess', why: 'not_theirs' },
        { question: 'Q-1', by: '@alex-engineering-lead', why: 'contradictory' },
      ],
    });
    const taken = await as('tess', 'takeover', '1');
    expect(taken.out, transcript(taken)).toMatch(/^## What was asked and decided\n\n- ✓ Q-1 export times /m);
  });

  test('cannot be answered with what could mean more than one thing, and nothing is written then', async () => {
    const { as } = await makeAskingProject(world, 'unclear');
    await as('tess', 'run', '--until-idle');
    const take = 'Answer with a number from 1 to 2, in words of your own, or with `use your judgment`.';
    const answer = async (...args: string[]) => usageError(await as('sarah-pm', 'answer', ...args));
    expect(await answer('Q-1', '9')).toBe(`Q-1 cannot take “9” | ${take}`);
    expect(await answer('Q-1', 'yes')).toBe(`Q-1 cannot take “yes” | ${take}`);
    expect(await answer('Q-1', ' ')).toBe(`Q-1 cannot take an empty answer | ${take}`);
    expect(await answer('Q-99', '1')).toMatch(/^there is no question Q-99 in unclear \| .*questions --all/);
    expect(await answer('A-1', '1')).toMatch(
      /^not the name of a question: A-1 \| That is an approval: `meshwright approve A-1`/,
    );
    expect(await answer('Q-1')).toMatch(/^missing required argument 'answer' \| /);
    const shown = JSON.parse((await as('tess', '--json', 'show', 'Q-1')).out);
    expect(shown).toMatchObject({ isOpen: true, refused: [] });
    const judged = await as('sarah-pm', 'answer', 'q-1', 'use', 'your', 'judgment');
    expect([judged.code, judged.out]).toEqual([0, 'Q-1 is answered: use your judgment. #1 can go on.\n']);
  });

  test('whose text would steer a terminal or pretend to be lines of ours is shown spelled out', async () => {
    const { as } = await makeAskingProject(world, 'hostile', {
      change(files) {
        const scenario = files['.mesh/scenario.yaml'] ?? '';
        files['.mesh/scenario.yaml'] = scenario
          .replace('title: export times', String.raw`title: "export \e[31mtimes\nQ-9  @root  all fine"`)
          .replace(/question: In which.*/, String.raw`question: "Hello\nQ-8  @root\e]0;x\x07"`)
          .replace('label: UTC,', String.raw`label: "UTC\u202e\nQ-7 done",`);
      },
    });
    const run = await as('tess', 'run', '--until-idle');
    expect(run.out, transcript(run)).toContain(String.raw`export \x1b[31mtimes\nQ-9  @root  all fine`);
    const printed = [run];
    for (const args of [
      ['questions'],
      ['show', 'Q-1'],
      ['show', '1'],
      ['log', 'Q-1'],
      ['status'],
      ['digest'],
    ])
      printed.push(await as('tess', ...args));
    for (const { out } of printed) {
      expect(out).not.toMatch(/^Q-[789] /m);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is claimed
      expect(out).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\u202e]/);
    }
  });
});

test('a default says how to overturn it wherever it is shown, and another answer does', {
  timeout: 300_000,
}, async () => {
  const { dir, as } = await makeAskingProject(world, 'silent', {
    change(files) {
      const map = files['.mesh/stakeholders.yaml'] ?? '';
      files['.mesh/stakeholders.yaml'] =
        `rehearsal: true\n${map.replace('sla_minutes: 60', 'sla_minutes: 2')}`;
    },
  });
  const running = world.start(['run'], { cwd: dir });
  await running.waitFor(/requirement_ambiguity: .*; rehearsal, minutes run as seconds$/m);
  await running.waitFor(
    /Q-1 DEFAULT: option 1 holds, flagged for review .*; `meshwright answer Q-1 …` overturns it$/m,
  );
  await running.waitFor(/READY/);
  running.signal('SIGINT');
  await running.ended;
  const digest = await as('tess', 'digest');
  expect(digest.out).toMatch(
    /^Decided by default\n {2}Q-1 export times: 1 UTC \(default\) · 2 local time of the shop · #1\n {4}holds: 1 UTC, by default \(D-1\) · not reviewed; `meshwright answer Q-1 <1–2>`/m,
  );
  expect((await as('tess', 'show', 'D-1')).out).toMatch(
    /Q-1, taken by default: .*`meshwright answer Q-1 …` confirms or overturns it$/m,
  );
  expect((await as('tess', 'show', '1')).out).toMatch(
    /^ {2}! Q-1 export times .*, not reviewed: `meshwright answer Q-1 …`$/m,
  );
  const overturned = await as('sarah-pm', 'answer', 'Q-1', '2');
  expect([overturned.code, overturned.out]).toEqual([
    0,
    'Q-1: option 1, taken by default, is overturned: option 2; items that used it are opened again.\n',
  ]);
  expect((await as('tess', 'digest')).out).toMatch(
    /holds: 2 local time of the shop, by @sarah-pm.* · reviewed$/m,
  );
});

test('an approval is shown when it is asked, and every refused word about it is kept', {
  timeout: 180_000,
}, async () => {
  const { as } = await makeAskingProject(world, 'approving', { asks: askRelease });
  const waiting = await as('tess', 'run', '--until-idle');
  expect(waiting.out, transcript(waiting)).toMatch(
    /^#1 {2}\? A-1 to @alex-engineering-lead: may it run sh release\.sh staging\?\n {6}tier external, one yes; not done before, .*\n {6}meshwright approve A-1 /m,
  );
  expect(waiting.out).toMatch(/^ {2}A-1 {2}@alex-engineering-lead: may it .*\n {7}meshwright approve A-1$/m);
  const json = async (...args: string[]) => JSON.parse((await as('tess', '--json', ...args)).out);
  expectDocumented('questions', await json('questions'), ['questions[]']);
  const stranger = await as('tess', 'deny', 'A-1', '--reason', 'no');
  expect([stranger.code, stranger.out.split('\n')[1]]).toEqual([
    1,
    '  You are @tess here; what you said is kept: `meshwright show A-1`.',
  ]);
  expect(usageError(await as('tess', 'approve', 'Q-1'))).toMatch(
    /^not the name of an approval: Q-1 \| That is a question/,
  );
  expect(usageError(await as('tess', 'deny', 'A-9'))).toMatch(/^there is no approval A-9 in approving \| /);
  const denied = await as('alex-engineering-lead', '--json', 'deny', 'A-1');
  expectDocumented('deny', JSON.parse(denied.out));
  expectDocumented('show A-2', await json('show', 'A-1'));
  const shown = await as('tess', 'show', 'A-1');
  expect(shown.out).toMatch(
    /what @tess said does not count.*\n.*denied by @alex-engineering-lead: no reason given$/m,
  );
});
