/** One readable line for an event, for live progress and `log`. Null: nothing that a person needs to see by default. */
import type { Finding } from '../artifacts/finding.ts';
import { formatUsd } from '../base/money.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { StoredEvent } from '../journal/event.ts';
import type { MemoryEvent } from '../memory/memory-event.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import type { ApprovalEvent } from '../questions/approval-event.ts';
import type { QuestionEvent } from '../questions/question-event.ts';
import { describeBudgetEvent, isThresholdNotice } from './describe-budget.ts';
import { describeControlEvent } from './describe-control.ts';
import { describeMemoryEvent } from './describe-memory.ts';
import {
  askerOf,
  askName,
  describeApprovalEvent,
  describeOutboxEvent,
  describeQuestionEvent,
} from './describe-question.ts';
import { describeTakeoverEvent } from './describe-takeover.ts';
import { describeTapeEvent } from './describe-tape.ts';
import { type EventLine, firstLine, type Line, short, stepLabel } from './event-line.ts';
import { type KnownEvent, knownEvent } from './known-event.ts';

/** `isVerbose`: also model calls and tool calls. */
export function describeEvent(event: StoredEvent, isVerbose = false): EventLine | null {
  const item = itemOf(event);
  const budget = describeBudgetEvent(event);
  if (budget !== null) return { item, mark: 'note', text: budget, details: [] };
  const control = describeControlEvent(event);
  if (control !== null) return { item, mark: 'wait', text: control, details: [] };
  const typed = knownEvent(event);
  if (typed === null) {
    const text = `${event.kind} (schema ${event.schema}): a newer Meshwright wrote it`;
    return item === null ? null : { item, mark: 'note', text, details: [] };
  }
  const line = describeKnown(typed, event, isVerbose);
  return line ? { item, details: [], ...line } : null;
}

function describeKnown(typed: KnownEvent, event: StoredEvent, isVerbose: boolean): Line | null {
  const { stream } = event;
  if (stream.startsWith('question:'))
    return describeQuestionEvent(typed as QuestionEvent, askName(stream), isVerbose);
  if (stream.startsWith('approval:'))
    return describeApprovalEvent(typed as ApprovalEvent, askName(stream), isVerbose);
  if (stream.startsWith('outbox:')) return describeOutboxEvent(typed as OutboxEvent, stream);
  if (stream.startsWith('memory:')) return describeMemoryEvent(typed as MemoryEvent);
  return describeItemEvent(typed as ItemEvent) ?? describeTapeEvent(typed as TapeEvent, event, isVerbose);
}

export function itemOf(event: StoredEvent): number | null {
  const asker = askerOf(event);
  if (asker !== null) return asker.item;
  const about = isThresholdNotice(event) ? event.actor : event.stream;
  const match = /^(?:item|agent):[^/]+\/(\d+)/.exec(about);
  return match ? Number(match[1]) : null;
}

function describeItemEvent(event: ItemEvent): Line | null {
  switch (event.kind) {
    case 'item.added':
      return { mark: 'note', text: `${event.data.title}` };
    case 'item.forked':
      return { mark: 'note', text: `fork of #${event.data.from} at ${event.data.at}` };
    case 'item.started':
      return {
        mark: 'note',
        text: `flow ${event.data.flow}, branch ${event.data.branch} from ${short(event.data.base)}`,
      };
    case 'phase.entered':
      return event.data.round > 1
        ? { mark: 'note', text: `${event.data.phase} again, round ${event.data.round}` }
        : null;
    case 'step.started':
      return { mark: 'work', text: `${stepLabel(event.data.step)} starts${attempt(event.data.attempt)}` };
    case 'step.finished': {
      const { step, summary, commit, costMicroUsd } = event.data;
      const what = commit ? `commit ${short(commit)}` : Object.keys(event.data.artifacts).join(', ');
      return {
        mark: 'good',
        text: [
          `${stepLabel(step)}${what ? ` → ${what}` : ''}`,
          `(${formatUsd(costMicroUsd)})`,
          firstLine(summary),
        ]
          .filter(Boolean)
          .join(' '),
      };
    }
    case 'step.failed':
      return {
        mark: 'bad',
        text: `${stepLabel(event.data.step)} failed: ${event.data.message}`,
        details: event.data.findings.map((each) => describeFinding(each)),
      };
    case 'gate.judged': {
      const { phase, isPassed, summary, findings } = event.data;
      return {
        mark: isPassed ? 'good' : 'bad',
        text: `${phase} gate: ${summary}`,
        details: isPassed ? [] : findings.map((each) => describeFinding(each)),
      };
    }
    case 'item.sent_back':
      return { mark: 'note', text: `back to ${event.data.to}, with what was found` };
    default:
      return describeItemEnd(event);
  }
}

/** What people bring into its flow from outside. */
function describeWaitEvent(event: ItemEvent): Line | null {
  switch (event.kind) {
    case 'step.asked':
      return { mark: 'wait', text: `${stepLabel(event.data.step)} waits for ${event.data.ask}` };
    case 'step.rerouted': {
      const { step, ask, mode } = event.data;
      const how = { block: 'which stops the cluster', wait: 'and waits', park: 'and may be parked' }[mode];
      return { mark: 'note', text: `${stepLabel(step)}: ${ask} went to other people, ${how}` };
    }
    case 'step.answered':
      return { mark: 'good', text: `${stepLabel(event.data.step)} goes on: ${event.data.summary}` };
    case 'item.parked':
      return {
        mark: 'wait',
        text: `parked until ${event.data.asks.join(', ')} is answered; others take its place`,
      };
    case 'item.requeued':
      return { mark: 'note', text: 'has a place again and goes on' };
    case 'item.overturned': {
      const { question, decision, supersededBy } = event.data;
      return {
        mark: 'wait',
        text: `${question} was ruled otherwise: ${decision} holds no longer${supersededBy === null ? '' : `, ${supersededBy} does`}`,
        details: [describeFinding(event.data.finding)],
      };
    }
    default:
      return null;
  }
}

function describeItemEnd(event: ItemEvent): Line | null {
  switch (event.kind) {
    case 'item.ready':
      return { mark: 'wait', text: `READY ${short(event.data.commit)}, waits for accept` };
    case 'item.accepted':
      return { mark: 'note', text: `accepted by ${event.data.by}; lands when its checks are green` };
    case 'item.landed':
      return { mark: 'good', text: `LANDED ${short(event.data.commit)} on ${event.data.target}` };
    case 'item.landing_refused':
      return {
        mark: 'bad',
        text: `did not land: ${landingReasons[event.data.reason]}`,
        details: event.data.findings.map((each) => describeFinding(each)),
      };
    case 'item.paused':
      return { mark: 'wait', text: `PAUSED: ${event.data.message} (asks ${event.data.ask})` };
    case 'item.resumed':
      return {
        mark: 'note',
        text: `resumed by ${event.data.by}${event.data.ceilingMicroUsd === null ? '' : `, ceiling ${formatUsd(event.data.ceilingMicroUsd)}`}`,
      };
    case 'item.rejected':
      return {
        mark: 'bad',
        text: `rejected by ${event.data.by}: ${event.data.reason || 'no reason given'}; the branch is kept`,
      };
    case 'item.canceled':
      return {
        mark: 'bad',
        text: `canceled by ${event.data.by}: ${event.data.reason || 'no reason given'}; the branch is kept`,
      };
    case 'item.message_ignored':
      return { mark: 'note', text: `request not carried out: ${event.data.reason}` };
    default:
      return describeTakeoverEvent(event) ?? describeWaitEvent(event);
  }
}

const landingReasons = {
  conflict: 'it conflicts with the target',
  red: 'the checks are red on what would land',
  target_busy: 'the target cannot be written now',
};

/** What runners put before the name of what failed; those lines say more than the end of a stack trace. */
const tellingLine =
  /^\s*(?:✖|✗|×|●|not ok|FAIL|FAILED|E {2,}|---? FAIL)|\b(?:\w*Error|error\[\w+\]|panicked)\b/;

/** Place and message, then the lines of the output that tell most: those that name a failure, else its last ones. */
export function describeFinding(finding: Finding, outputLines = 8): string {
  const place = finding.file ? `${finding.file}${finding.line ? `:${finding.line}` : ''} ` : '';
  const output = (finding.output ?? '').split('\n').filter((line) => line.trim() !== '');
  const telling = [...new Set(output.filter((line) => tellingLine.test(line)))].slice(0, outputLines);
  const shown = telling.length > 0 ? telling : output.slice(-outputLines);
  return [`${place}${finding.message}`, ...shown.map((line) => `  ${line}`)].join('\n');
}

function attempt(number: number): string {
  return number > 1 ? `, attempt ${number}` : '';
}
