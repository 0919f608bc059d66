/** A message as plain text, at most 25 lines of 80 characters: for terminals, and for every channel that shows no more. */
import type { Notice } from '../questions/channel.ts';
import { wrapLine } from './fit-lines.ts';
import { composeMessage, type Message } from './message.ts';

export function messageText(notice: Notice): string {
  const message = composeMessage(notice);
  return [
    ...wrapLine(message.heading),
    ...message.sections.flatMap(({ label, texts }) => [...(label === null ? [] : [label]), ...texts.flat()]),
    ...message.closing.flatMap((line) => wrapLine(line)),
    ...howToAnswer(message, notice),
    ...(message.isCut ? [whereTheRestIs(message)] : []),
  ].join('\n');
}

export function whereTheRestIs({ ask }: Message): string {
  return `Cut short; all of it: meshwright show ${ask}`;
}

/** Whoever is asked for a yes or a no is not offered to leave it to an agent. */
function howToAnswer({ ask, choices }: Message, notice: Notice): string[] {
  if (choices.length === 0) return [];
  const digit = `Answer with one digit (1–${choices.length})`;
  if (notice.about !== 'ask') return [`${digit}: meshwright approve ${ask}, or meshwright deny ${ask}.`];
  return [`${digit}, ${notice.text.compliance ? '' : '“use your judgment”, '}your own words, or “not mine”.`];
}
