/**
 * What an outside agent tells while it works, reduced to what is kept: its words, whole, and the tools of its own that it used,
 * once they have ended. Everything in an update is text of others. No input or output beyond the state that is passed on.
 */
import { z } from 'zod';
import type { Json } from '../../base/json.ts';
import { storableText } from '../../base/json.ts';
import { aboutInput } from '../../gateway/about-input.ts';
import type { OutsideEvent } from '../../gateway/outside-event.ts';
import { cutMiddle } from '../../gateway/tool-output.ts';

const text = z.string().optional().catch(undefined);
const updateSchema = z.looseObject({
  sessionUpdate: z.string(),
  content: z.unknown().optional(),
  toolCallId: text,
  title: text,
  name: text,
  kind: text,
  status: text,
  rawInput: z.unknown().optional(),
});
export type SessionUpdate = z.infer<typeof updateSchema>;

/** Null: it makes no sense. */
export function readUpdate(params: unknown): SessionUpdate | null {
  const parsed = z.looseObject({ update: updateSchema }).safeParse(params);
  return parsed.success ? parsed.data.update : null;
}

/** A tool call as far as it is known. */
export interface ReportedCall {
  title: string;
  /** The agent's own name for the tool, where it says one. */
  name: string | null;
  kind: string;
  rawInput: Json;
}

export interface Condenser {
  add(update: SessionUpdate): OutsideEvent[];
  /** What was said since the last event. */
  flush(): OutsideEvent[];
  call(id: string): ReportedCall | null;
}

/** Characters of one stretch of words, and of a tool's line. */
const longestWords = 20_000;
const longestLine = 200;
/** Calls that have not ended; an agent has a handful. */
const mostOpenCalls = 500;

export function createCondenser(): Condenser {
  let words = '';
  const calls = new Map<string, ReportedCall>();
  const flush = (): OutsideEvent[] => {
    const said = cutMiddle(words.trim(), longestWords);
    words = '';
    return said === '' ? [] : [{ kind: 'outside.said', data: { text: said } }];
  };
  const addCall = (update: SessionUpdate, id: string): OutsideEvent[] => {
    const call = mergeCall(calls.get(id), update);
    calls.set(id, call);
    const [oldest] = calls.keys();
    if (calls.size > mostOpenCalls && oldest !== undefined) calls.delete(oldest);
    if (update.status !== 'completed' && update.status !== 'failed') return [];
    calls.delete(id);
    const data = { id: line(id), ...describeCall(call), isFailed: update.status === 'failed' };
    return [...flush(), { kind: 'outside.tool_reported', data }];
  };
  return {
    add(update) {
      if (update.sessionUpdate === 'agent_message_chunk') {
        const chunk = z.looseObject({ type: z.literal('text'), text: z.string() }).safeParse(update.content);
        // More than is kept is not gathered either.
        if (chunk.success && words.length < 4 * longestWords) words += chunk.data.text;
        return [];
      }
      const isCall = update.sessionUpdate === 'tool_call' || update.sessionUpdate === 'tool_call_update';
      return isCall && update.toolCallId !== undefined ? addCall(update, update.toolCallId) : [];
    },
    flush,
    call: (id) => calls.get(id) ?? null,
  };
}

/** Later updates leave out what did not change. */
export function mergeCall(known: ReportedCall | null | undefined, update: CallFields): ReportedCall {
  const rawInput = (update.rawInput ?? null) as Json;
  const isEmpty = rawInput === null || (typeof rawInput === 'object' && Object.keys(rawInput).length === 0);
  return {
    title: update.title ?? known?.title ?? '',
    name: update.name ?? known?.name ?? null,
    kind: update.kind ?? known?.kind ?? 'other',
    rawInput: isEmpty ? (known?.rawInput ?? null) : rawInput,
  };
}

interface CallFields {
  title?: string | null | undefined;
  name?: string | null | undefined;
  kind?: string | null | undefined;
  rawInput?: unknown;
}

/** One line for the tape. */
export function describeCall(call: ReportedCall): { tool: string; about: string } {
  const about = call.title === '' ? aboutInput(call.rawInput) : call.title;
  return { tool: line(call.name ?? call.kind), about: line(about) };
}

function line(value: string): string {
  const flat = value.replaceAll(/\s+/g, ' ');
  return storableText(flat.length > longestLine ? `${flat.slice(0, longestLine - 1)}…` : flat);
}
