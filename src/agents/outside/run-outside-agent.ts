/**
 * The loop of an outside agent: it is asked to do the step, and asked again while it owes something, a bounded number of times.
 * What it does between is its own affair, as far as its gateway, its cell and the answers to its requests let it.
 */
import type { RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { messageOf } from '../../base/errors.ts';
import type { AgentGateway } from '../../gateway/agent-gateway.ts';
import type { OutsideEvent } from '../../gateway/outside-event.ts';
import { cutMiddle } from '../../gateway/tool-output.ts';
import type { Role } from '../../teams/team.ts';
import { nudge } from '../assemble-prompt.ts';
import { type AgentOutcome, waitingOutcome } from '../run-agent.ts';
import { type AcpSession, openAcpSession, type TurnEnd } from './acp-session.ts';
import { judgePermission } from './judge-permission.ts';
import type { AgentStreams, StreamBounds } from './message-stream.ts';
import { answeredPrompt, goOnAfterRefusal, resumedPrompt } from './outside-prompt.ts';
import { createCondenser, describeCall, mergeCall } from './session-update.ts';
import { turnLimit, type Verdict, type WatchedGateway } from './watch-gateway.ts';

export interface RunOutsideRequest {
  /** Name in the policy. */
  agent: string;
  isMetered: boolean;
  watched: WatchedGateway;
  /** The started program. `exited`: what it printed besides, once it has ended. */
  program: AgentStreams & { exited: Promise<{ stderr: string }> };
  /** As the agent sees it. */
  workspace: string;
  mcp: { url: string; key: string };
  /** Whole text of the first turn; of a run that goes on, the tape has it. */
  prompt: string;
  role: Role;
  deliverables: readonly string[];
  /** Model calls; of an agent that is not metered, uses of its own tools. */
  maxTurns: number;
  /** Aborts when a control begins to hold the agent. */
  held: AbortSignal;
  signal: AbortSignal;
  bounds?: StreamBounds;
}

const maxNudges = 2;
const longestSummary = 10_000;
/** Events of one run that are not model calls; an agent that reports more floods the tape. */
const mostNotes = 20_000;

/** @throws the signal's reason when the agent is killed, HeldError, and what storage throws. */
export async function runOutsideAgent(request: RunOutsideRequest): Promise<AgentOutcome> {
  const { watched, signal, held, isMetered } = request;
  // At its next call its gateway holds it. One that makes none there is put down at once.
  const ends = isMetered ? [signal] : [signal, held];
  const notes = createNotes(request);
  const aborted = new Promise<Verdict>((resolve) => {
    const either = AbortSignal.any(ends);
    const end = () => resolve({ error: either.reason });
    if (either.aborted) end();
    else either.addEventListener('abort', end, { once: true });
  });
  let session: AcpSession | undefined;
  const run = async (): Promise<Verdict> => {
    const opened = await openSession(request, notes);
    if (!opened.ok) return { outcome: { outcome: 'model_failed', message: opened.message } };
    session = opened.session;
    return { outcome: await takeTurns(request, session, notes) };
  };
  try {
    const verdict = await Promise.race([watched.ended, aborted, run()]);
    // Whatever the agent said last, what its gateway saw decides.
    const decided = watched.verdict() ?? verdict;
    if ('error' in decided) throw decided.error;
    if (session) await notes.write([]);
    return decided.outcome;
  } finally {
    session?.cancel();
    session?.close();
  }
}

async function openSession(
  request: RunOutsideRequest,
  notes: Notes,
): Promise<{ ok: true; session: AcpSession } | { ok: false; message: string }> {
  const { program, workspace, mcp, bounds, signal, agent, isMetered } = request;
  const options = { cwd: workspace, mcp, ...(bounds && { bounds }) };
  const session = await openAcpSession(program, options, notes, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    return messageOf(error);
  });
  if (typeof session === 'string') {
    return { ok: false, message: await describeBreak(request, `did not start: ${session}`) };
  }
  const { id, program: name, version } = session;
  const data = { agent, program: cut(name), version: cut(version), session: cut(id), isMetered };
  await notes.write([{ kind: 'outside.session_started', data }]);
  return { ok: true, session };
}

async function takeTurns(
  request: RunOutsideRequest,
  session: AcpSession,
  notes: Notes,
): Promise<AgentOutcome> {
  const { watched, deliverables } = request;
  const { outside: before, asks } = watched.gateway.tape;
  const hasBegun = before !== null && before.firstPrompt !== null;
  let text = hasBegun ? resumedPrompt(before, asks) : request.prompt;
  for (let nudges = 0; ; ) {
    const heard = answersOn(watched);
    await notes.write([{ kind: 'outside.prompted', data: { text } }]);
    const { stop, message } = await session.prompt(text);
    await notes.write([{ kind: 'outside.turn_ended', data: { stop, message } }]);
    // However its turn ended: what it asked is asked, and with the answer it begins anew.
    const waiting = await watched.gateway.hearAnswers();
    if (waiting) return waitingOutcome(waiting);
    const { tape } = watched.gateway;
    if (stop === 'broken') return brokenOutcome(request, message);
    const words = tape.outside?.lastWords ?? '';
    if (stop === 'refusal') {
      return { outcome: 'model_failed', message: `its model refused: ${words.slice(0, 300).toWellFormed()}` };
    }
    const answers = answersOn(watched).slice(heard.length);
    if (answers.length > 0) {
      text = answeredPrompt(answers);
      continue;
    }
    const missing = deliverables.filter((name) => !Object.hasOwn(tape.delivered, name));
    const refusal = notes.refusal();
    if (nudges === maxNudges || (missing.length === 0 && refusal === null))
      return endOf(missing, words, stop);
    nudges += 1;
    text =
      refusal === null || missing.length > 0
        ? nudge(missing)
        : goOnAfterRefusal(refusal.what, refusal.reason);
  }
}

/** In the order in which it asked; one question at a time, so what is heard later stands last. */
function answersOn({ gateway }: WatchedGateway): string[] {
  return gateway.tape.asks.flatMap(({ answer }) => answer ?? []);
}

function endOf(missing: readonly string[], words: string, stop: TurnEnd['stop']): AgentOutcome {
  if (missing.length === 0) return { outcome: 'done', summary: cutMiddle(words, longestSummary) };
  const last = words.slice(0, 300).toWellFormed() || '(none)';
  return {
    outcome: 'artifact_missing',
    message: `ended (${stop}) without delivering ${missing.join(', ')}; its last words: ${last}`,
  };
}

async function brokenOutcome(request: RunOutsideRequest, message: string): Promise<AgentOutcome> {
  const failure = request.watched.lastFailure();
  const why = failure === null ? `broke: ${message}` : `gave up after a failed model call: ${failure}`;
  return { outcome: 'model_failed', message: await describeBreak(request, why) };
}

/** With the last line that it printed, where it has ended. */
async function describeBreak({ agent, program }: RunOutsideRequest, what: string): Promise<string> {
  const soon = new Promise<null>((resolve) => setTimeout(resolve, 200, null));
  const exit = await Promise.race([program.exited, soon]);
  const said = exit?.stderr.trim().split('\n').at(-1) ?? '';
  return cut(`the agent ${agent} ${what}${said === '' ? '' : ` (it printed: ${said})`}`, 600);
}

interface Notes {
  onUpdate: Parameters<typeof openAcpSession>[2]['onUpdate'];
  onPermission(request: RequestPermissionRequest): Promise<boolean>;
  /** In order, after everything that came before. @throws what storage throws. */
  write(events: OutsideEvent[]): Promise<void>;
  /** The latest permission that was refused, if nothing was done or said since. */
  refusal(): { what: string; reason: string } | null;
}

/** Puts what the agent says and asks on its tape, one after another, and answers what it asks. */
function createNotes(request: RunOutsideRequest): Notes {
  const { watched, role, deliverables, workspace } = request;
  const condenser = createCondenser();
  let last: Promise<void> = Promise.resolve();
  let noteCount = 0;
  let toolCount = 0;
  let refusal: { what: string; reason: string } | null = null;
  const append = (events: OutsideEvent[]): Promise<void> => {
    if (events.length === 0) return last;
    noteCount += events.length;
    if (noteCount > mostNotes) {
      const message = `the agent ${request.agent} floods its tape: more than ${mostNotes} reports`;
      watched.end({ outcome: { outcome: 'model_failed', message } });
      return last;
    }
    last = last.then(() => put(watched.gateway, watched, events));
    // Told by `watched`; whoever waits for this one is told as well.
    last.catch((error: unknown) => watched.end({ error }));
    return last;
  };
  const notes: Notes = {
    refusal: () => refusal,
    write: (events) => append([...condenser.flush(), ...events]),
    onUpdate(update) {
      const events = condenser.add(update);
      if (update.sessionUpdate === 'agent_message_chunk' || update.status === 'completed') refusal = null;
      toolCount += events.filter(({ kind }) => kind === 'outside.tool_reported').length;
      if (!request.isMetered && toolCount > request.maxTurns) {
        watched.end({ outcome: turnLimit(request.maxTurns) });
      }
      append(events).catch(() => {});
    },
    async onPermission({ toolCall }) {
      const call = mergeCall(condenser.call(toolCall.toolCallId), toolCall);
      const locations = (toolCall.locations ?? []).map(({ path }) => path);
      const verdict = judgePermission({ call, locations, role, deliverables, workspace });
      const described = describeCall(call);
      const isAllowed = verdict.isAllowed && watched.verdict() === null;
      const { rule, reason } = verdict;
      const data = { id: cut(toolCall.toolCallId), ...described, isAllowed, rule, reason };
      await notes.write([{ kind: 'outside.permission_judged', data }]);
      refusal = isAllowed ? null : { what: `${described.tool} ${described.about}`, reason };
      return isAllowed;
    },
  };
  return notes;
}

async function put(gateway: AgentGateway, watched: WatchedGateway, events: OutsideEvent[]): Promise<void> {
  if ((await gateway.note(events)) === 'noted') return;
  watched.end({ outcome: { outcome: 'fenced', message: 'another worker took over' } });
}

function cut(text: string, limit = 200): string {
  return text.slice(0, limit).toWellFormed();
}
