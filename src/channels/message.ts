/**
 * What a message says, part by part, for every kind of notice: the same words in every channel. Pure; how the parts look is
 * the channel's (plain text in message-text.ts, Block Kit in slack/blocks.ts).
 */
import type { ApprovalNotice, AskNotice, Notice, UpdateNotice } from '../questions/channel.ts';
import type { QuestionOption } from '../questions/question.ts';
import { clockText } from './clock-text.ts';
import { cutText, fitParagraphs, oneLine, type Paragraph } from './fit-lines.ts';
import { askHeading, headingPlace, mostHeading } from './message-heading.ts';

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
  /** Null: it stands in the text itself. */
  label: string | null;
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
          text: `${optionText({ label, tradeOff }, index)}${index + 1 === text.defaultOption ? ' [default]' : ''}`,
          most: 2,
        })),
      },
      field("Why I'm asking you:", text.whyYou, 3),
      field('What unblocks me:', `${withoutPeriod(text.unblocks)} (from ${to})`, 2),
    ],
    choices: text.options.map(({ label }, index) => ({ digit: index + 1, label: oneLine(label) })),
    closing: [
      `${text.defaultOption === null ? 'No default. ' : ''}${notice.consequence} [${notice.timeZone}]`,
      ...notesOf(notice),
    ],
  });
}

/** `1. Export UTC (consistent with the raw data)` */
function optionText({ label, tradeOff }: QuestionOption, index: number): string {
  return `${index + 1}. ${label} (${withoutPeriod(tradeOff)})`;
}

/** Where more follows in the same sentence. */
function withoutPeriod(text: string): string {
  return text.replace(/\.\s*$/, '');
}

/** In one line, so that there is always room for it. */
function notesOf({ needsAcknowledgment, bindsMesh, isRehearsal }: AskNotice): string[] {
  const notes = [
    ...(needsAcknowledgment ? ['Acknowledge at once.'] : []),
    ...(bindsMesh ? ['Binds every cluster.'] : []),
    ...rehearsalLine({ isRehearsal }),
  ];
  return notes.length === 0 ? [] : [notes.join(' ')];
}

function composeApproval(notice: ApprovalNotice): Message {
  return fitMessage({
    ask: notice.approval,
    heading: approvalHeading(notice),
    fields: [
      field('What I would do, exactly this and once:', notice.action, 4),
      field('In full:', notice.details.replaceAll('\n', ' · '), 6),
      {
        label: 'Options:',
        paragraphs: notice.options.map(({ label, tradeOff }, index) => ({
          text: optionText({ label, tradeOff }, index),
          most: 2,
        })),
      },
      field(
        "Why I'm asking you:",
        `${whoseYes(notice)} Your yes is for action ${notice.actionHash.slice(0, 12)} alone.`,
        3,
      ),
    ],
    choices: notice.options.map(({ label }, index) => ({ digit: index + 1, label: oneLine(label) })),
    closing: [
      `Without an answer by ${clockText(notice.expiresAt, notice)}, it is not done, and you are asked anew.`,
      ...rehearsalLine(notice),
    ],
  });
}

/** `It needs the yes of two people of tier infrastructure; @sarah-pm has said yes. You, @cto-channel, may give one.` */
function whoseYes({ tier, to, peopleCount, approvedBy }: ApprovalNotice): string {
  const needed = peopleCount === 1 ? 'a yes' : `the yes of ${peopleCount} different people`;
  const given = approvedBy.length === 0 ? '' : `; ${approvedBy.join(' and ')} said yes`;
  return `It needs ${needed} (approval tier ${tier})${given}. ${to} may give one.`;
}

function approvalHeading({ from, tier, approval, urgency, action }: ApprovalNotice): string {
  const again = urgency > 0 ? ` (ask ${urgency + 1})` : '';
  const begin = `${urgency > 0 ? '🔴' : '🔑'} ${headingPlace(from)} Approval needed${again}: `;
  const end = ` — tier ${oneLine(tier)} (${approval})`;
  const room = mostHeading - begin.length - end.length;
  const whole = room < 8 ? begin.slice(0, -2) : `${begin}${cutText(oneLine(action), room)}`;
  return `${cutText(whole, mostHeading - end.length)}${end}`;
}

function composeUpdate(notice: UpdateNotice): Message {
  return fitMessage({
    ask: notice.question,
    heading: cutText(`${notice.isSettled ? '✅' : 'ℹ️'} ${oneLine(notice.line)}`, mostUpdate),
    fields: [],
    choices: [],
    closing: rehearsalLine(notice),
  });
}

function rehearsalLine({ isRehearsal }: { isRehearsal: boolean }): string[] {
  return isRehearsal ? ['Rehearsal: minutes run as seconds.'] : [];
}

interface Field {
  label: string | null;
  paragraphs: Paragraph[];
}

function field(label: string, text: string, most: number): Field {
  return { label, paragraphs: [{ text, most }] };
}

/** Room is left for the heading, the labels, how to answer, and where the rest is. Where there is little, labels stand before their text. */
function fitMessage(whole: {
  ask: string;
  heading: string;
  fields: readonly Field[];
  choices: Choice[];
  closing: string[];
}): Message {
  const { ask, heading, choices, closing } = whole;
  const ends = [heading, ...closing].map((text) => ({ text, most: 2 }));
  const [head = [], ...end] = fitParagraphs(ends, mostLines).paragraphs;
  const room = mostLines - head.length - end.flat().length - 2;
  const isRoomy = room >= countLines(whole.fields);
  const fields = isRoomy ? whole.fields : whole.fields.map(putLabelInline);
  const labelCount = fields.filter(({ label }) => label !== null).length;
  const fitted = fitParagraphs(
    fields.flatMap(({ paragraphs }) => paragraphs),
    room - labelCount,
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

/** The fewest that they need, each under its label. */
function countLines(fields: readonly Field[]): number {
  return fields.reduce((sum, { paragraphs }) => sum + 1 + paragraphs.length, 0);
}

function putLabelInline({ label, paragraphs }: Field): Field {
  const [first, ...others] = paragraphs;
  if (!first || others.length > 0) return { label, paragraphs };
  return { label: null, paragraphs: [{ ...first, text: `${label} ${first.text}` }] };
}
