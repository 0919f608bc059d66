/**
 * What a message says, part by part, for every kind of notice: the same words in every channel. Pure; how the parts look is
 * the channel's (plain text in message-text.ts, Block Kit in slack/blocks.ts).
 */
import type { ApprovalNotice, AskNotice, Notice, UpdateNotice } from '../questions/channel.ts';
import { clockText } from './clock-text.ts';
import { cutText, fitParagraphs, oneLine, type Paragraph } from './fit-lines.ts';
import { askHeading } from './message-heading.ts';

/** More is not read. */
export const mostLines = 25;
/** Characters of a message of one sentence. */
const mostUpdate = 800;

export interface Message {
  /** `Q-7` or `A-2`. */
  ask: string;
  /** What is needed, from whom it comes and by when, readable by itself. */
  heading: string;
  sections: readonly Section[];
  choices: readonly Choice[];
  /** What happens without an answer, and what else is to be known; one line each. */
  closing: readonly string[];
  /** Something had to be left out. */
  isCut: boolean;
}

export interface Section {
  label: string;
  /** Lines of one text; of `Options:` one text per option. */
  texts: readonly (readonly string[])[];
}

export interface Choice {
  digit: number;
  label: string;
}

export function composeMessage(notice: Notice): Message {
  switch (notice.about) {
    case 'ask':
      return composeAsk(notice);
    case 'approval':
      return composeApproval(notice);
    case 'update':
      return composeUpdate(notice);
  }
}

function composeAsk(notice: AskNotice): Message {
  const { text, to } = notice;
  const { compliance } = text;
  return fitMessage({
    ask: notice.question,
    heading: askHeading(notice),
    fields: [
      field("What I'm building:", text.building, 2),
      field('The question:', text.question, 4),
      ...(compliance === null
        ? []
        : [
            {
              label: 'What is to be allowed:',
              paragraphs: [
                { text: `Access pattern: ${compliance.accessPattern}`, most: 3 },
                { text: `Regulatory reference: ${compliance.reference}`, most: 2 },
                { text: `Suggested resolution: ${compliance.suggestion}`, most: 3 },
              ],
            },
          ]),
      {
        label: 'Options:',
        paragraphs: text.options.map(({ label, tradeOff }, index) => ({
          text: `${index + 1}. ${label} (${tradeOff})${index + 1 === text.defaultOption ? ' [default]' : ''}`,
          most: 2,
        })),
      },
      field("Why I'm asking you:", text.whyYou, 3),
      field('What unblocks me:', `${text.unblocks} (from ${to})`, 2),
    ],
    choices: text.options.map(({ label }, index) => ({ digit: index + 1, label: oneLine(label) })),
    closing: [
      `${defaultWords(notice)} ${clockText(notice.dueAt, notice)}: ${notice.consequence}`,
      ...(notice.needsAcknowledgment
        ? ['Please acknowledge at once, even when the answer takes longer.']
        : []),
      ...(notice.bindsMesh ? ['Your answer is written to shared memory and binds every cluster.'] : []),
      ...rehearsalLine(notice),
    ],
  });
}

/** A blocking question never says that it would be decided without anybody. */
function defaultWords({ text }: AskNotice): string {
  return text.defaultOption === null ? 'No default. If no response by' : 'Default if no response by';
}

function composeApproval(notice: ApprovalNotice): Message {
  return fitMessage({
    ask: notice.approval,
    heading: approvalHeading(notice),
    fields: [
      field('What I would do, exactly this and once:', notice.action, 4),
      field('In full:', notice.details, 6),
      {
        label: 'Options:',
        paragraphs: notice.options.map(({ label, tradeOff }, index) => ({
          text: `${index + 1}. ${label} (${tradeOff})`,
          most: 2,
        })),
      },
      field(
        "Why I'm asking you:",
        `It needs a yes of tier ${notice.tier}, which ${notice.to} may give. Your yes is for action ${notice.actionHash.slice(0, 12)} alone.`,
        2,
      ),
    ],
    choices: notice.options.map(({ label }, index) => ({ digit: index + 1, label: oneLine(label) })),
    closing: [
      `If no response by ${clockText(notice.expiresAt, notice)}: it is not done, and you are asked anew.`,
      ...rehearsalLine(notice),
    ],
  });
}

function approvalHeading({ from, tier, approval, urgency }: ApprovalNotice): string {
  const place = `[CLUSTER ${oneLine(from.cluster)} | ${cutText(oneLine(from.title), 40)}]`;
  const again = urgency > 0 ? `, ask ${urgency + 1}` : '';
  return cutText(
    `${urgency > 0 ? '🔴' : '🔑'} ${place} Approval needed${again} — tier ${oneLine(tier)} (${approval})`,
    150,
  );
}

function composeUpdate(notice: UpdateNotice): Message {
  return fitMessage({
    ask: notice.question,
    heading: cutText(
      `${notice.isSettled ? '✅' : 'ℹ️'} ${notice.question}: ${oneLine(notice.line)}`,
      mostUpdate,
    ),
    fields: [],
    choices: [],
    closing: rehearsalLine(notice),
  });
}

function rehearsalLine({ isRehearsal }: { isRehearsal: boolean }): string[] {
  return isRehearsal ? ['Rehearsal: minutes run as seconds.'] : [];
}

interface Field {
  label: string;
  paragraphs: Paragraph[];
}

function field(label: string, text: string, most: number): Field {
  return { label, paragraphs: [{ text, most }] };
}

/** Room is left for the heading, the labels, how to answer, and where the rest is. */
function fitMessage(whole: {
  ask: string;
  heading: string;
  fields: readonly Field[];
  choices: Choice[];
  closing: string[];
}): Message {
  const { ask, heading, fields, choices, closing } = whole;
  const [head = [], ...end] = fitParagraphs(
    [heading, ...closing].map((text) => ({ text, most: 2 })),
    mostLines,
  ).paragraphs;
  const fixed = head.length + end.flat().length + fields.length + 2;
  const fitted = fitParagraphs(
    fields.flatMap(({ paragraphs }) => paragraphs),
    mostLines - fixed,
  );
  let next = 0;
  const sections = fields.map(({ label, paragraphs }) => {
    const texts = fitted.paragraphs.slice(next, next + paragraphs.length);
    next += paragraphs.length;
    return { label, texts };
  });
  return {
    ask,
    heading,
    sections,
    choices,
    closing: end.map((lines) => lines.join(' ')),
    isCut: fitted.isCut,
  };
}
