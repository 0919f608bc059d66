/** The first line of a message: from where, what is needed, by when. Readable in a notification, where nothing else is shown. */
import type { AskNotice } from '../questions/channel.ts';
import { ownKinds } from '../questions/question.ts';
import { cutText, oneLine } from './fit-lines.ts';

/** Slack's limit of a header. */
export const mostHeading = 150;

/** `[CLUSTER main | Medication history export]`; what the product itself asks is no cluster's: `[MESH]`. */
export function headingPlace({ cluster, item, title }: AskNotice['from']): string {
  return item === null
    ? '[MESH]'
    : `[CLUSTER ${cutText(oneLine(cluster), 20)} | ${cutText(oneLine(title), 36)}]`;
}

/** `🔶 [CLUSTER main | Medication history export] Decision needed: time zone of the export — 60 min SLA (Q-7)` */
export function askHeading(notice: AskNotice): string {
  const { from, text, question, slaText, urgency } = notice;
  const place = headingPlace(from);
  const what = `${sinceWhen(notice)}${whatIsNeeded(notice)}`;
  const marker = urgency > 0 ? '🔴' : markerOf(notice);
  const end = ` — ${oneLine(slaText)} (${question})`;
  const begin = `${marker} ${place} ${what}`;
  const room = mostHeading - begin.length - end.length - 2;
  const whole = room < 8 ? begin : `${begin}: ${cutText(oneLine(text.title), room)}`;
  // Whatever gives: by its name it is answered.
  return `${cutText(whole, mostHeading - end.length)}${end}`;
}

function markerOf({ mode, kind }: AskNotice): string {
  if (kind === ownKinds.budget) return '💰';
  if (kind === ownKinds.gap) return '🕳️';
  if (kind === ownKinds.contradiction) return '⚖️';
  switch (mode) {
    case 'block':
      return '🛑';
    case 'wait':
      return '🔶';
    case 'park':
      return '🔷';
  }
}

function whatIsNeeded({ kind, mode, text, bindsMesh }: AskNotice): string {
  if (kind === ownKinds.budget) return 'Budget alert, your decision needed';
  if (kind === ownKinds.gap) return 'Nobody owns this kind of question, route needed';
  if (kind === ownKinds.contradiction) return 'Two decisions contradict, ruling needed';
  if (text.compliance !== null) return 'Compliance yes/no needed, work is stopped';
  if (mode === 'block') return 'Decision needed, work is stopped';
  if (mode === 'park') return 'Answer needed, other work goes on';
  return bindsMesh ? 'Mesh-wide decision needed' : 'Decision needed';
}

/** Why it comes (again), to this person. */
function sinceWhen({ why, urgency }: AskNotice): string {
  const ask = urgency > 0 ? ` (ask ${urgency + 1})` : '';
  switch (why) {
    case 'asked':
      return urgency > 0 ? `Urgent${ask}: ` : '';
    case 'reminder':
      return `Reminder${ask}: `;
    case 'escalated':
      return `Escalated to you${ask}: `;
    case 'deputy':
      return `As deputy${ask}: `;
    case 'unreachable':
    case 'off_hours':
    case 'busy':
      return `In another's place${ask}: `;
  }
}
