/**
 * A message in Slack's Block Kit. Whatever others wrote stands in rich text, which Slack shows as it is: nobody is mentioned,
 * nothing is linked and no heading is faked by it. The one mention is ours, of the person who is asked.
 */
import type { Notice } from '../../questions/channel.ts';
import { cutText } from '../fit-lines.ts';
import { composeMessage, type Message } from '../message.ts';
import { whereTheRestIs } from '../message-text.ts';

/** As Slack has them; only the kinds that are used here. */
export type Block =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: { type: 'mrkdwn'; text: string } }
  | { type: 'rich_text'; elements: { type: 'rich_text_section'; elements: RichText[] }[] }
  | { type: 'actions'; block_id: string; elements: (Button | Select)[] }
  | { type: 'context'; elements: PlainText[] };

interface PlainText {
  type: 'plain_text';
  text: string;
  emoji: boolean;
}

interface RichText {
  type: 'text';
  text: string;
  style?: { bold: true };
}

interface Button {
  type: 'button';
  action_id: string;
  text: PlainText;
  value: string;
}

interface Select {
  type: 'static_select';
  action_id: string;
  placeholder: PlainText;
  options: { text: PlainText; value: string }[];
}

export interface SlackMessage {
  /** For notifications and for whoever cannot see blocks; escaped. */
  text: string;
  blocks: Block[];
}

/** What a button or a menu entry says when it is used; `value` of the element, as JSON. */
export type Press =
  | { does: 'answer'; ask: string; option: number; hash: string | null }
  | { does: 'acknowledge'; ask: string }
  | { does: 'not_mine'; ask: string }
  | { does: 'reroute'; ask: string; kind: string };

/** Every action of ours begins with it. */
export const actionPrefix = 'meshwright.';

/** `meshwright/orders/answers`: an app may serve several projects, and `Q-7` is a question in each of them. */
function blockId(project: string, name: string): string {
  return `meshwright/${project}/${name}`;
}

/** What was pressed is this project's. */
export function isOfProject(id: unknown, project: string): boolean {
  return typeof id === 'string' && id.startsWith(blockId(project, ''));
}

const mostLabel = 75;

/** `&`, `<` and `>` are all that Slack's own markup begins with. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** With buttons only where a thread begins: what is settled is taken down in one place. */
export function slackMessage(notice: Notice, project: string): SlackMessage {
  const message = composeMessage(notice);
  const isFirst = notice.thread === null;
  const blocks: Block[] = [
    { type: 'header', text: plain(message.heading) },
    ...(notice.about === 'update' ? [] : [needBlock(notice, message)]),
    ...message.sections.map(sectionBlock),
    ...(isFirst ? actionBlocks(notice, message, project) : []),
    ...closingBlock(message),
  ];
  if (notice.about === 'update') return { text: escapeSlack(message.heading), blocks: [lineBlock(message)] };
  return { text: escapeSlack(message.heading), blocks };
}

/** What a settled message becomes: as it was, without anything to press, and with what came of it. */
export function settledBlocks(before: readonly { type: string }[], line: string): { type: string }[] {
  const kept = before.filter(({ type }) => type !== 'actions' && type !== 'context');
  const outcome: Block = { type: 'context', elements: [plain(cutText(line, 2_000))] };
  return [...kept.slice(0, 49), outcome];
}

/** A menu of the kinds that have a route, for whoever says that a question is not theirs. */
export function kindMenu(ask: string, kinds: readonly string[], project: string): Block {
  const options = kinds.slice(0, 100).map((kind) => ({
    text: plain(cutText(kind, mostLabel)),
    value: pressValue({ does: 'reroute', ask, kind }),
  }));
  const menu: Select = {
    type: 'static_select',
    action_id: `${actionPrefix}reroute`,
    placeholder: plain('It is a question of kind …'),
    options: options.filter(({ value }) => value.length <= 150),
  };
  return { type: 'actions', block_id: blockId(project, 'kinds'), elements: [menu] };
}

function needBlock(notice: Exclude<Notice, { about: 'update' }>, { ask, choices }: Message): Block {
  const who = notice.memberId === null ? escapeSlack(notice.to) : `<@${escapeSlack(notice.memberId)}>`;
  const digits = choices.length === 0 ? '' : `one digit (1–${choices.length})`;
  const how =
    notice.thread === null
      ? `press a button, or reply in this thread with ${digits}`
      : `reply with ${digits}`;
  const isFree = notice.about === 'ask' && notice.text.compliance === null;
  const words = isFree ? ', your own words, or “use your judgment”' : '';
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: `${who}: for ${escapeSlack(ask)}, ${how}${words}.` },
  };
}

function sectionBlock({ label, texts }: Message['sections'][number]): Block {
  const content = texts.map((lines) => lines.join(' ')).join('\n');
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          ...(label === null
            ? []
            : [{ type: 'text' as const, text: `${label}\n`, style: { bold: true as const } }]),
          { type: 'text', text: content },
        ],
      },
    ],
  };
}

function lineBlock({ heading, closing }: Message): Block {
  const text = [heading, ...closing].join('\n');
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] };
}

function actionBlocks(notice: Notice, { ask, choices }: Message, project: string): Block[] {
  if (notice.about === 'update' || choices.length === 0) return [];
  const hash = notice.about === 'approval' ? notice.actionHash : null;
  const answers = choices.map(({ digit, label }) =>
    button(`answer.${digit}`, `${digit}. ${label}`, { does: 'answer', ask, option: digit, hash }),
  );
  const others =
    notice.about === 'ask'
      ? [
          button('acknowledge', 'Acknowledge', { does: 'acknowledge', ask }),
          button('not_mine', 'Not mine', { does: 'not_mine', ask }),
        ]
      : [];
  return [{ type: 'actions', block_id: blockId(project, 'answers'), elements: [...answers, ...others] }];
}

function button(name: string, label: string, press: Press): Button {
  return {
    type: 'button',
    action_id: `${actionPrefix}${name}`,
    text: plain(cutText(label, mostLabel)),
    value: pressValue(press),
  };
}

function closingBlock(message: Message): Block[] {
  const lines = [...message.closing, ...(message.isCut ? [whereTheRestIs(message)] : [])];
  return [{ type: 'context', elements: lines.map((line) => plain(line)) }];
}

function pressValue(press: Press): string {
  return JSON.stringify(press);
}

/** Without emoji codes: `:white_check_mark:` in somebody's text stays those letters. */
function plain(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false };
}
