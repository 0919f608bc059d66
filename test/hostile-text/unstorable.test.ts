/** NUL and halves of surrogate pairs on every way into the journal: agents' text is kept with U+FFFD in their place, and the worker goes on. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ModelRequest } from '../../src/gateway/model.ts';
import { call, say, smallFiles, smallTeam, twoTasks, write } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';

const nul = '\0';
const half = '\ud83d';

let project: TestProject | undefined;
afterEach(() => project?.remove());

async function everyText(): Promise<string> {
  const { journal } = project?.context ?? {};
  if (!journal) throw new Error('no project');
  const texts: string[] = [];
  for (const { stream } of await journal.streams('test')) {
    for (const event of await journal.read(stream)) texts.push(JSON.stringify(event));
  }
  return texts.join('\n');
}

test('an item whose agents, tools, deliverables and checks say what no text is comes to its end', async () => {
  let verdicts = 0;
  const files = {
    ...smallFiles,
    // Red until T1.txt is there, and then its output has the bytes all the same.
    'check.sh': `printf 'checked \\000 \\355\\240\\275 %s\\n' here; test -f once || { touch once; exit 0; }\nif grep -l BROKEN *.txt; then exit 1; fi\n`,
  };
  const strange = (request: ModelRequest, turn: number) => {
    if (turn === 0)
      return {
        text: `I begin${nul}${half}`,
        calls: [
          { tool: `no${nul}tool${half}`, input: { [`k${half}`]: `v${nul}` } },
          { tool: 'write', input: { path: `a${nul}b`, content: 'x' } },
          { tool: 'shell', input: { command: `printf 'out\\000put'; printf 'err\\000' >&2` } },
        ],
      };
    if (turn === 1) return write(`${request.seat.task ?? 'rework'}.txt`, `text ${half} of it`);
    return say(`done${nul} ${half}`);
  };
  project = await createTestProject({
    files,
    model: smallTeam({
      planner: (_, turn) =>
        turn > 0
          ? say('planned')
          : call('deliver', {
              name: 'plan.json',
              content: JSON.stringify({ ...twoTasks, summary: `a${nul}b` }).replace('two indep', `${half}`),
            }),
      developer: strange,
      reviewer: (_, turn) => {
        if (turn > 0) return say('reviewed');
        verdicts += 1;
        const verdict =
          verdicts === 1
            ? {
                verdict: 'fail',
                summary: `no${nul}`,
                findings: [{ message: `bad${nul}${half}`, file: `f${nul}` }],
              }
            : { verdict: 'pass', summary: `fine${nul}${half}`, findings: [] };
        return call('deliver', { name: 'verdict.json', content: JSON.stringify(verdict) });
      },
    }),
  });
  const number = await project.add('# Say strange things');
  await project.run();
  const item = await project.item(number);
  expect(item.status, JSON.stringify(item.pause)).toBe('ready');
  expect(verdicts).toBe(2);
  const text = await everyText();
  expect(text.includes('bad\ufffd\ufffd')).toBe(true);
  expect(text.includes('done\ufffd \ufffd')).toBe(true);
}, 120_000);

test('a check that fails with such output sends the item back with it', async () => {
  project = await createTestProject({
    files: {
      ...smallFiles,
      'check.sh': `test -f good.txt && exit 0\nprintf 'Error: half a file \\000 here\\n'; exit 1\n`,
    },
    model: smallTeam({
      developer: (request, turn) =>
        turn > 0 ? say('done') : write(request.seat.round > 1 ? 'good.txt' : 'a.txt', 'x'),
    }),
  });
  const number = await project.add('# Be red once');
  await project.run();
  expect((await project.item(number)).status).toBe('ready');
  expect((await everyText()).includes('half a file \ufffd here')).toBe(true);
}, 120_000);

test('a landing that is refused with such output is answered with it, and the worker goes on', async () => {
  project = await createTestProject({
    files: {
      ...smallFiles,
      'check.sh': `if test -f T1.txt && test -f theirs.txt && ! ls rework* >/dev/null 2>&1; then printf 'both \\000 are there\\n'; exit 1; fi\n`,
    },
    model: smallTeam(),
  });
  const number = await project.add('# Land it');
  await project.run();
  expect((await project.item(number)).status).toBe('ready');
  writeFileSync(path.join(project.repository, 'theirs.txt'), 'theirs\n');
  await project.git('add', 'theirs.txt');
  await project.git(
    '-c',
    'user.name=T',
    '-c',
    'user.email=t@example.invalid',
    'commit',
    '-q',
    '-m',
    'Theirs',
  );
  await project.accept(number);
  const item = await project.item(number);
  expect(item.status, JSON.stringify(item.pause)).toBe('ready');
  const text = await everyText();
  expect(text.includes('item.landing_refused') && text.includes('both \ufffd are there')).toBe(true);
}, 120_000);
