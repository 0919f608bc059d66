/** What people are asked, from the command line: read, answered, refused, and counted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, openCliWorld, transcript } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

const stakeholders = `people:
  "@sarah-pm": {}
  "@alex-engineering-lead": { role: engineering_lead }
  "@tess": {}
escalation_routes:
  requirement_ambiguity:
    primary: "@sarah-pm"
    fallback: "@alex-engineering-lead"
    sla_minutes: 60
    on_timeout: default_and_flag
`;

const asking = `name: small
scripts:
  - name: developer
    for: { role: developer }
    moves:
      - call:
          tool: ask
          input:
            kind: requirement_ambiguity
            topic: export.timezone
            title: export times
            building: A file with all orders.
            question: In which time zone are the times of the export?
            options:
              - { label: UTC, trade_off: Nobody is surprised in summer. }
              - { label: local time of the shop, trade_off: What the clerks see on the clock. }
            why_you: It is what the bookkeepers were promised.
            unblocks: The column of times.
            default: 1
      - call: { tool: write, input: { path: b.txt, content: "b\\n" } }
      - done: b.txt is there
`;

test('a question is listed, refused to a stranger, answered by the right person, and its item goes on', {
  timeout: 180_000,
}, async () => {
  const files = smallProject({ project: 'asking' });
  files['.mesh/scenario.yaml'] = asking;
  files['.mesh/stakeholders.yaml'] = stakeholders;
  const dir = world.makeRepository('asking', files);
  const as = (person: string, ...args: string[]) =>
    world.run(args, { cwd: dir, env: { MESHWRIGHT_PERSON: person } });
  await as('tess', 'add', 'Add b.txt to the repository');
  const waiting = await as('tess', 'run', '--until-idle');
  expect(waiting.code, transcript(waiting)).toBe(3);
  expect(waiting.out).toMatch(/\? Q-1 to @sarah-pm: export times/);
  const listed = await as('tess', 'questions');
  expect(listed.out).toMatch(
    /^Q-1 {2}@sarah-pm {2}export times: 1 UTC \(default\) · 2 local time of the shop$/m,
  );
  const notTheirs = await as('tess', 'answer', 'Q-1', '2');
  expect(notTheirs.code, transcript(notTheirs)).toBe(1);
  expect(notTheirs.out).toContain('@sarah-pm');
  const answered = await as('sarah-pm', 'answer', 'Q-1', '2');
  expect(answered.code, transcript(answered)).toBe(0);
  expect(answered.out).toContain('#1 can go on.');
  expect((await as('tess', 'questions')).out).toMatch(/^Nothing is asked\./);
  const ready = await as('tess', 'run', '--until-idle');
  expect(ready.out, transcript(ready)).toMatch(/READY/);
  const shown = await as('tess', 'show', 'Q-1');
  expect(shown.out).toMatch(/holds: 2 local time of the shop, by @sarah-pm/);
  expect(shown.out).toMatch(/no effect: .* of @tess/);
  const digest = await as('tess', '--json', 'digest');
  expect(JSON.parse(digest.out)).toMatchObject({
    defaults: [],
    people: [{ key: '@sarah-pm', askedCount: 1, repliedCount: 1, inTimeShare: 1, neverCount: 0 }],
    refused: [{ question: 'Q-1', by: '@tess', why: 'not_theirs' }],
  });
});
