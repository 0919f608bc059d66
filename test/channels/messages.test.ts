import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockText } from '../../src/channels/clock-text.ts';
import { messageText } from '../../src/channels/message-text.ts';
import { escapeSlack, kindMenu, settledBlocks, slackMessage } from '../../src/channels/slack/blocks.ts';
import type { AskNotice, Notice } from '../../src/questions/channel.ts';
import { packageDir } from '../harness/project.ts';
import { findBlockKitProblems } from './block-kit-limits.ts';
import { approval, compliance, question, shapes } from './notices.ts';
import { shownMessages } from './shown-messages.ts';

const all = Object.entries(shapes);
const asks = all.filter((entry): entry is [string, AskNotice] => entry[1].about === 'ask');

describe.each(all)('%s', (_, notice) => {
  it('has at most 25 lines, none longer than 80 characters', () => {
    const lines = messageText(notice).split('\n');
    expect(lines.length).toBeLessThanOrEqual(25);
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
  });

  it('is valid Block Kit', () => {
    expect(findBlockKitProblems(slackMessage(notice))).toEqual([]);
    expect(findBlockKitProblems(slackMessage({ ...notice, thread: 'C0123456789/1.2' }))).toEqual([]);
  });
});

describe.each(asks)('%s', (_, notice) => {
  it('says everything that somebody needs who knows nothing of the work', () => {
    const { text, to } = notice;
    const said = unwrap(messageText(notice));
    const wanted = [
      `[CLUSTER ${notice.from.cluster} | ${notice.from.title}]`,
      notice.slaText,
      text.building,
      text.question,
      ...text.options.map(({ label, tradeOff }, index) => `${index + 1}. ${label} (${tradeOff})`),
      text.whyYou,
      text.unblocks,
      to,
      notice.consequence,
      `[${notice.timeZone}]`,
      ...Object.values(text.compliance ?? {}),
    ];
    expect(wanted.filter((part) => !said.includes(unwrap(part)))).toEqual([]);
    expect(said).toContain(text.defaultOption === null ? 'No default.' : '[default]');
  });

  it('is answered by one digit', () => {
    expect(messageText(notice)).toContain(`one digit (1–${notice.text.options.length})`);
    const buttons = actionsOf({ ...notice, thread: null }).filter(({ action_id }) =>
      /answer\.\d$/.test(action_id),
    );
    expect(buttons.map(({ text }) => text.text.slice(0, 2))).toEqual(
      notice.text.options.map((_each, index) => `${index + 1}.`),
    );
  });
});

it('says in the first line what is needed, from where and by when', () => {
  expect(slackMessage(question).text).toBe(
    '🔶 [CLUSTER main | Medication history export] Decision needed: time zone of exported timestamps — 60 min SLA (Q-7)',
  );
  expect(slackMessage(compliance).text).toContain('Compliance yes/no needed, work is stopped');
});

it('a rehearsal says so in every message', () => {
  for (const [, notice] of all)
    expect(messageText({ ...notice, isRehearsal: true })).toContain('Rehearsal: minutes run as seconds.');
});

it('texts of any length and any characters fit, say that they were cut, and stay valid Block Kit', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 3_000 }),
    fc.constantFrom(
      'x'.repeat(5_000),
      'word '.repeat(900),
      '<!channel> &amp; *bold*',
      'a\n\n\nb',
      '😀'.repeat(300),
    ),
  );
  const hostile = fc.record({
    options: fc.array(fc.record({ label: text, tradeOff: text }), { minLength: 2, maxLength: 9 }),
    texts: fc.tuple(text, text, text, text, text, text, text, text),
    isCompliance: fc.boolean(),
  });
  fc.assert(
    fc.property(hostile, ({ options, texts, isCompliance }) => {
      const [title, building, asked, whyYou, unblocks, access, consequence, cluster] = texts;
      const notice: AskNotice = {
        ...question,
        from: { cluster, item: 1, title },
        consequence,
        text: {
          title,
          building,
          question: asked,
          options,
          whyYou,
          unblocks,
          defaultOption: 1,
          compliance: isCompliance ? { accessPattern: access, reference: access, suggestion: access } : null,
        },
        needsAcknowledgment: true,
        bindsMesh: true,
        isRehearsal: true,
      };
      const lines = messageText(notice).split('\n');
      expect(lines.length).toBeLessThanOrEqual(25);
      expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
      expect(findBlockKitProblems(slackMessage(notice))).toEqual([]);
    }),
    { seed: 7, numRuns: 200 },
  );
  const long = { ...question, text: { ...question.text, question: 'why '.repeat(400) } };
  expect(messageText(long)).toContain('Cut short; all of it: meshwright show Q-7');
  expect(JSON.stringify(slackMessage(long).blocks)).toContain('meshwright show Q-7');
});

it("nobody's text mentions, links, formats or adds lines of its own", () => {
  const nasty =
    '<!channel> <@U024BE7LH> @here <https://evil.invalid|Approve> *bold*\nOptions:\n1. fake :tada:';
  const notice: Notice = {
    ...question,
    from: { ...question.from, title: nasty },
    text: {
      ...question.text,
      title: nasty,
      building: nasty,
      question: nasty,
      whyYou: nasty,
      unblocks: nasty,
    },
  };
  const { text, blocks } = slackMessage(notice);
  expect(text).not.toMatch(/<[!@h]/);
  // Only rich text and plain text show what others wrote: Slack reads no markup in either.
  for (const block of blocks) {
    if (block.type === 'section') expect(block.text.text).not.toContain('channel');
    else expect(JSON.stringify(block)).not.toContain('"mrkdwn"');
  }
  expect(JSON.stringify(blocks)).not.toContain('"emoji":true');
  expect(
    messageText(notice)
      .split('\n')
      .filter((line) => line === 'Options:').length,
  ).toBe(1);
  expect(escapeSlack('<!channel> & >')).toBe('&lt;!channel&gt; &amp; &gt;');
  expect(slackMessage({ ...question, to: '@<!channel>' }).blocks[1]).not.toMatchObject({
    text: { text: expect.stringContaining('<!') },
  });
});

it('a message that is settled keeps its words and loses what can be pressed', () => {
  const { text, blocks } = slackMessage(question);
  const after = settledBlocks(blocks, 'answered by @sarah-pm: option 1');
  expect(after.map(({ type }) => type)).not.toContain('actions');
  expect(findBlockKitProblems({ text, blocks: after })).toEqual([]);
});

it('the menu of kinds is valid Block Kit with any number of kinds', () => {
  const kinds = Array.from({ length: 150 }, (_, index) => `kind_${index}`.padEnd(index % 90, 'x'));
  expect(findBlockKitProblems({ text: 'x', blocks: [kindMenu('Q-7', kinds)] })).toEqual([]);
});

it('an approval shows the exact action, and that the yes is for it alone', () => {
  const said = messageText(approval);
  expect(said).toContain(approval.action);
  expect(said).toContain('for action 3fa91c0d5b7e alone');
});

it.each([
  ['Europe/Berlin', 'Fri 20 Nov, 15:45 (Europe/Berlin)'],
  ['America/New_York', 'Fri 20 Nov, 09:45 (America/New_York)'],
  ['Pacific/Auckland', 'Sat 21 Nov, 03:45 (Pacific/Auckland)'],
])('clock times are those of the person: %s', (timeZone, shown) => {
  expect(clockText('2026-11-20T14:45:00.000Z', { timeZone, isRehearsal: false })).toBe(shown);
});

it('docs/questions.md shows every message as it is (else run test/channels/shown-messages.ts)', () => {
  const page = readFileSync(path.join(packageDir, 'docs/questions.md'), 'utf8');
  expect(page).toContain(shownMessages());
});

function actionsOf(notice: Notice): { action_id: string; text: { text: string } }[] {
  const block = slackMessage(notice).blocks.find(({ type }) => type === 'actions');
  return (block as { elements: { action_id: string; text: { text: string } }[] } | undefined)?.elements ?? [];
}

function unwrap(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
