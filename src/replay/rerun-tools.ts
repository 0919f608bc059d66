/**
 * Runs an agent's tool calls again, in the order of its tape, in a cell of their own, so that its files come out again. What a
 * call answers now is compared with what it answered then; the conversation went on with the latter, so a difference
 * (a duration, a temporary path) is a note and no verdict.
 */
import type { JsonObject } from '../base/json.ts';
import type { Cell } from '../cells/cell.ts';
import type { ToolCallPart } from '../gateway/model.ts';
import { runTool } from '../gateway/run-tool.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import { type CellTool, cellTools } from '../permissions/tool-name.ts';
import type { Redactor } from '../secrets/redactor.ts';
import type { Role } from '../teams/team.ts';
import { firstDifference, type TextDifference } from './first-difference.ts';

export interface ToolDifference {
  /** Tool and input, as the tape says it in short. */
  about: string;
  difference: TextDifference;
}

export interface ToolRerun {
  /** Calls that were run again. */
  calls: number;
  differences: ToolDifference[];
  /** Answers that are the same but for how long something took. */
  onlyDurations: number;
  /** Calls whose outcome was never known; they are not run. */
  unknown: string[];
  /** Commands that people said yes to, for one run; they are not run. */
  approved: string[];
}

type Intended = Extract<TapeEvent, { kind: 'tool.call_intended' }>['data'];

/** @throws when the cell ends, and the signal's reason. */
export async function rerunTools(
  events: readonly TapeEvent[],
  { cell, role, redactor, signal }: { cell: Cell; role: Role; redactor: Redactor; signal: AbortSignal },
): Promise<ToolRerun> {
  const rerun: ToolRerun = { calls: 0, differences: [], onlyDurations: 0, unknown: [], approved: [] };
  let asked: ToolCallPart[] = [];
  let intended: Intended | null = null;
  for (const event of events) {
    if (event.kind === 'model.call_finished') {
      asked = event.data.reply.filter((part) => part.type === 'tool_call');
    }
    if (event.kind === 'tool.call_intended') intended = event.data;
    if (event.kind !== 'tool.call_finished' || intended === null) continue;
    const { tool, about, approval } = intended;
    const input = intended.input ?? asked.find(({ id }) => id === intended?.id)?.input ?? {};
    intended = null;
    if (!isCellTool(tool)) continue;
    const { output } = event.data;
    if (output.startsWith(unknownOutcome)) {
      rerun.unknown.push(`${tool} ${about}`);
      continue;
    }
    // What it does outside of its files was allowed once.
    if (approval !== undefined && (tool === 'run' || tool === 'shell')) {
      rerun.approved.push(`${tool} ${about} (${approval})`);
      continue;
    }
    signal.throwIfAborted();
    const result = await runTool({ tool, input: input as JsonObject, cell, role, redactor, signal });
    rerun.calls += 1;
    const answer = redactor.redact(result.output);
    const difference = firstDifference(withoutDurations(output), withoutDurations(answer));
    if (difference) rerun.differences.push({ about: `${tool} ${about}`, difference });
    else if (output !== answer) rerun.onlyDurations += 1;
  }
  return rerun;
}

function withoutDurations(text: string): string {
  return text
    .replaceAll(/(duration_ms:? )[\d.]+/g, '$1…')
    .replaceAll(/\b\d+(?:\.\d+)?(?= ?(?:ms|s|µs|seconds?|milliseconds?)\b)/g, '…');
}

/** As resolve-doubt.ts answers a call that a crash left open. */
const unknownOutcome = 'interrupted, outcome unknown';

function isCellTool(tool: string): tool is CellTool {
  return (cellTools as readonly string[]).includes(tool);
}
