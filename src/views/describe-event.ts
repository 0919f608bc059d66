/** One readable line for an event, for live progress and `log`. Null: nothing that a person needs to see by default. */

import type { Finding } from '../artifacts/finding.ts';
import { formatUsd } from '../base/money.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { StoredEvent } from '../journal/event.ts';
import { describeBudgetEvent, isThresholdNotice } from './describe-budget.ts';
import { describeControlEvent } from './describe-control.ts';
import { describeLimitEvent } from './describe-limit.ts';
import { describeTakeoverEvent } from './describe-takeover.ts';
import { knownEvent } from './known-event.ts';

export type Mark = 'good' | 'bad' | 'work' | 'wait' | 'note';

export interface EventLine {
  /** Item number, or null for events of no item. */
  item: number | null;
  mark: Mark;
  text: string;
  /** Indented lines below, e.g. findings. */
  details: string[];
}

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
  const line =
    describeItemEvent(typed as ItemEvent) ?? describeTapeEvent(typed as TapeEvent, event, isVerbose);
  return line ? { item, details: [], ...line } : null;
}

type Line = Pick<EventLine, 'mark' | 'text'> & Partial<Pick<EventLine, 'details'>>;

export function itemOf(event: StoredEvent): number | null {
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

function describeItemEnd(event: ItemEvent): Line | null {
  switch (event.kind) {
    case 'item.ready':
      return { mark: 'wait', text: `READY ${short(event.data.commit)}, waits for accept` };
    case 'item.accepted':
      return { mark: 'note', text: `accepted by ${event.data.by}; checking what would land` };
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
      return describeTakeoverEvent(event);
  }
}

const landingReasons = {
  conflict: 'it conflicts with the target',
  red: 'the checks are red on what would land',
  target_busy: 'the target cannot be written now',
};

/** Tapes of 0.1.0 do not say which. */
function byRule(rule: string | undefined): string {
  return rule === undefined ? '' : ` [${rule}]`;
}

function describeTapeEvent(event: TapeEvent, stored: StoredEvent, isVerbose: boolean): Line | null {
  const who = agentLabel(stored.stream);
  switch (event.kind) {
    case 'tool.call_refused':
      return {
        mark: 'bad',
        text: `${who}: ${event.data.tool} refused: ${firstLine(event.data.reason)}${isVerbose ? byRule(event.data.rule) : ''}`,
      };
    case 'model.call_failed':
      return {
        mark: 'bad',
        text: `${who}: model call failed (${event.data.reason}): ${firstLine(event.data.message)}${event.data.retryInMs === null ? '' : `; again in ${Math.ceil(event.data.retryInMs / 1000)} s`}`,
      };
    case 'model.call_refused':
      return { mark: 'bad', text: `${who}: call refused, ${event.data.account} is at its ceiling` };
    case 'outside.session_started': {
      const { program, version, isMetered } = event.data;
      const meter = isMetered ? '' : ', NOT METERED: only time and turns are limited';
      return { mark: isMetered ? 'note' : 'wait', text: `${who}: ${program} ${version}${meter}` };
    }
    case 'outside.permission_judged': {
      const { tool, about, isAllowed, reason } = event.data;
      if (!isAllowed) return { mark: 'bad', text: `${who}: ${tool} ${about} refused: ${firstLine(reason)}` };
      return isVerbose ? { mark: 'work', text: `${who}: ${tool} ${about} permitted` } : null;
    }
    case 'outside.tool_reported': {
      const { tool, about, isFailed } = event.data;
      return isVerbose
        ? { mark: 'work', text: `${who}: ${tool} ${about}${isFailed ? ' failed' : ''}` }
        : null;
    }
    case 'agent.told':
      return isVerbose ? { mark: 'note', text: `${who} is told: ${firstLine(event.data.text)}` } : null;
    case 'tool.call_intended':
      return isVerbose
        ? { mark: 'work', text: `${who}: ${event.data.tool} ${event.data.about}${byRule(event.data.rule)}` }
        : null;
    case 'model.call_finished':
      return isVerbose
        ? {
            mark: 'work',
            text: `${who}: model ${event.data.usage.inputTokens + event.data.usage.cacheReadTokens + event.data.usage.cacheWriteTokens} → ${event.data.usage.outputTokens} tokens, ${formatUsd(event.data.costMicroUsd)}`,
          }
        : null;
    default:
      return describeLimitEvent(event, who, isVerbose);
  }
}

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

/** `build/T1/developer` → `build T1 developer`. */
function stepLabel(step: string): string {
  return step.replaceAll('/', ' ');
}

/** From `agent:project/3/build/T1/developer/1/1`: phase, task and role without round and attempt. */
export function agentLabel(stream: string): string {
  return stepLabel(stream.split('/').slice(2, -2).join('/'));
}

export function short(commit: string): string {
  return commit.slice(0, 7);
}

function attempt(number: number): string {
  return number > 1 ? `, attempt ${number}` : '';
}

function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
