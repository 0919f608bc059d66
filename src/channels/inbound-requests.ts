/** What people say in channels, written as every other word of theirs is: through requests/. A refusal is a line for them, never an error. */
import { MeshwrightError } from '../base/errors.ts';
import type { Journal } from '../journal/journal.ts';
import { handleOf } from '../policy/handle.ts';
import { mayStartWork } from '../policy/may-start-work.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import {
  acknowledgeQuestion,
  answerQuestion,
  type PersonsWord,
  replyToQuestion,
  rerouteQuestion,
  type WordOutcome,
} from '../requests/answer-question.ts';
import { answerApproval } from '../requests/approve.ts';
import { type ApprovalReply, parseApproval } from './parse-approval.ts';
import type { Heard, Incoming, PersonDoor, Saying } from './person-door.ts';

export interface InboundOptions {
  journal: Journal;
  newId: () => string;
  project: string;
  nowMs: () => number;
  stakeholders: () => Promise<Stakeholders>;
}

/** What whoever spoke can put right themselves. */
const personsMistakes: ReadonlySet<string> = new Set(['usage', 'no_such_question', 'no_such_approval']);

export function openPersonDoor(options: InboundOptions): PersonDoor {
  return {
    async hear(incoming) {
      try {
        return await write(options, incoming);
      } catch (error) {
        if (!(error instanceof MeshwrightError) || !personsMistakes.has(error.code)) throw error;
        return refused([error.message, error.hint].filter(Boolean).join(' '));
      }
    },
    async handleOfSlack(memberId) {
      const { people } = await options.stakeholders();
      return Object.values(people).find(({ slackId }) => slackId === memberId)?.handle ?? null;
    },
    async listed(handle) {
      return mayStartWork(await options.stakeholders(), handle) ? handleOf(handle) : null;
    },
  };
}

async function write(options: InboundOptions, { ask, by, via, saying }: Incoming): Promise<Heard> {
  const stakeholders = await options.stakeholders();
  const { journal, newId, project, nowMs } = options;
  const word: PersonsWord = { journal, newId, project, stakeholders, nowMs: nowMs(), name: ask, by, via };
  if (ask.startsWith('A-')) return approve(word, saying);
  switch (saying.does) {
    case 'text':
      return heard(await replyToQuestion({ ...word, text: saying.text }));
    case 'answer':
      return heard(await answerQuestion({ ...word, answer: { option: saying.option, text: null } }));
    case 'acknowledge':
      return heard(await acknowledgeQuestion(word));
    case 'reroute':
      return heard(await rerouteQuestion({ ...word, toKind: saying.kind }));
    case 'not_mine':
      return {
        ...refused(`Whose is ${ask}? Choose its kind, or reply: not mine, <kind>.`),
        kinds: Object.keys(stakeholders.routes).sort(),
      };
  }
}

/** A yes is for the action that was shown: without its hash it is for none. */
async function approve(word: PersonsWord, saying: Saying): Promise<Heard> {
  const reply = verdictOf(saying);
  if (reply === null || !('hash' in saying))
    return refused(`${word.name}: answer 1 (approve) or 2 (deny); nothing was approved.`);
  return heard(await answerApproval({ ...word, ...reply, actionHash: saying.hash ?? '' }));
}

function verdictOf(saying: Saying): ApprovalReply {
  switch (saying.does) {
    case 'text':
      return parseApproval(saying.text);
    case 'answer':
      return parseApproval(String(saying.option));
    default:
      return null;
  }
}

function heard({ line, isAccepted }: WordOutcome): Heard {
  return { line, isAccepted, kinds: [] };
}

function refused(line: string): Heard {
  return { line, isAccepted: false, kinds: [] };
}
