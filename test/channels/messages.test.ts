import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockText } from '../../src/channels/clock-text.ts';
import { messageText } from '../../src/channels/message-text.ts';
import { escapeSlack, kindMenu, settledBlocks, slackMessage } from '../../src/channels/slack/blocks.ts';
import type { ApprovalNotice, AskNotice, Notice } from '../../src/questions/channel.ts';
import { packageDir } from '../harness/project.ts';
import { findBlockKitProblems } from './block-kit-limits.ts';
import { compliance, question, shapes } from './notices.ts';
import { replies } from './replies.ts';
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
    expect(findBlockKitProblems(slackMessage(notice, 'orders'))).toEqual([]);
    expect(findBlockKitProblems(slackMessage({ ...notice, thread: 'C0123456789/1.2' }, 'orders'))).toEqual(
      [],
    );
  });
});

describe.each(asks)('%s', (_, notice) => {
  it('says everything that somebody needs who knows nothing of the work, as text and in Slack', () => {
    const { text, to } = notice;
    const wanted = [
      notice.from.item === null ? '[MESH]' : `[CLUSTER ${notice.from.cluster} | ${notice.from.title}]`,
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
      text.defaultOption === null ? 'No default.' : '[default]',
    ];
    for (const said of [messageText(notice), shownInSlack(notice)])
      expect(wanted.filter((part) => !unwrap(said).includes(unwrap(part)))).toEqual([]);
  });

  it('names itself in the first line, whatever has to give', () => {
    const again: AskNotice = { ...notice, why: 'escalated', urgency: 12 };
    for (const each of [notice, again, { ...again, text: { ...again.text, title: 'x '.repeat(200) } }])
      expect(slackMessage(each, 'orders').text).toMatch(/ SLA \(Q-\d+\)$/);
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
  expect(slackMessage(question, 'orders').text).toBe(
    '🔶 [CLUSTER main | Medication history export] Decision needed: time zone of exported timestamps — 60 min SLA (Q-7)',
  );
  expect(slackMessage(compliance, 'orders').text).toContain('Compliance yes/no needed, work is stopped');
});

it('what the product itself asks goes where the engineering lead is asked of other things', () => {
  expect(shapes['A gap: a kind that nobody owns']).toMatchObject({ place: '#engineering-decisions' });
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
      expect(findBlockKitProblems(slackMessage(notice, 'orders'))).toEqual([]);
    }),
    { seed: 7, numRuns: 200 },
  );
  const long = { ...question, text: { ...question.text, question: 'why '.repeat(400) } };
  expect(messageText(long)).toContain('Cut short; all of it: meshwright show Q-7');
  expect(JSON.stringify(slackMessage(long, 'orders').blocks)).toContain('meshwright show Q-7');
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
  const { text, blocks } = slackMessage(notice, 'orders');
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
  expect(slackMessage({ ...question, to: '@<!channel>' }, 'orders').blocks[1]).not.toMatchObject({
    text: { text: expect.stringContaining('<!') },
  });
});

it('a message that is settled keeps its words and loses what can be pressed', () => {
  const { text, blocks } = slackMessage(question, 'orders');
  const after = settledBlocks(blocks, 'answered by @sarah-pm: option 1');
  expect(after.map(({ type }) => type)).not.toContain('actions');
  expect(findBlockKitProblems({ text, blocks: after })).toEqual([]);
});

it('the menu of kinds is valid Block Kit with any number of kinds', () => {
  const kinds = Array.from({ length: 150 }, (_, index) => `kind_${index}`.padEnd(index % 90, 'x'));
  expect(findBlockKitProblems({ text: 'x', blocks: [kindMenu('Q-7', kinds, 'orders')] })).toEqual([]);
});

it.each(all.filter((entry): entry is [string, ApprovalNotice] => entry[1].about === 'approval'))(
  '%s: shows the exact action, whose yes it takes, until when, and that it is for this action alone',
  (_, notice) => {
    const wanted = [
      notice.action,
      ...notice.details.split('\n'),
      notice.approval,
      `tier ${notice.tier}`,
      `action ${notice.actionHash.slice(0, 12)} alone`,
      notice.peopleCount === 1 ? 'It needs a yes' : `the yes of ${notice.peopleCount} different people`,
      ...notice.approvedBy.map((by) => `${by} said yes`),
      clockText(notice.expiresAt, notice),
      '1. Approve',
      '2. Deny',
    ];
    for (const said of [messageText(notice), shownInSlack(notice)])
      expect(wanted.filter((part) => !unwrap(said).includes(unwrap(part)))).toEqual([]);
    expect(messageText(notice)).toContain('one digit (1–2)');
  },
);

it.each(Object.entries(replies))('%s: is told in one line that says about what', (_, line) => {
  expect(line).toMatch(/\b[QA]-\d+\b/);
  expect(line).not.toContain('\n');
  expect(line).not.toMatch(/\d{4}-\d{2}-\d{2}T/);
  expect(line.length).toBeLessThanOrEqual(160);
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
  const block = slackMessage(notice, 'orders').blocks.find(({ type }) => type === 'actions');
  return (block as { elements: { action_id: string; text: { text: string } }[] } | undefined)?.elements ?? [];
}

/** What Slack shows of it: every text of every block, in order. */
function shownInSlack(notice: Notice): string {
  const texts: string[] = [];
  JSON.stringify(slackMessage(notice, 'orders').blocks, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts.join('\n');
}

/** Lines and the periods at their ends make no difference. */
function unwrap(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\.(?=$|\)| \()/g, '');
}
