/** Readable lines for what one agent does: its model turns and tool calls. */
import { formatUsd } from '../base/money.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import type { StoredEvent } from '../journal/event.ts';
import { describeLimitEvent } from './describe-limit.ts';
import { agentLabel, firstLine, type Line } from './event-line.ts';

/** Tapes of 0.1.0 do not say which. */
function byRule(rule: string | undefined): string {
  return rule === undefined ? '' : ` [${rule}]`;
}

export function describeTapeEvent(event: TapeEvent, stored: StoredEvent, isVerbose: boolean): Line | null {
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
    case 'memory.answered':
      return { mark: 'good', text: `${who}: ${event.data.id} answers it, nobody is asked` };
    case 'memory.recalled':
      return isVerbose ? { mark: 'work', text: `${who} is shown ${event.data.ids.join(', ')}` } : null;
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
