/** Runs a worker in the foreground and shows what happens, line by line, with a live line on a terminal. */
import { setTimeout as delay } from 'node:timers/promises';
import { formatUsd } from '../base/money.ts';
import { openPersonDoor } from '../channels/inbound-requests.ts';
import { openRequestsContext, openWorkerContext } from '../compose/worker.ts';
import type { ItemStatus } from '../items/item-state.ts';
import type { StoredEvent } from '../journal/event.ts';
import { askLines } from '../views/ask-lines.ts';
import { describeEvent, itemOf } from '../views/describe-event.ts';
import { agentLabel } from '../views/event-line.ts';
import { knownEvent } from '../views/known-event.ts';
import { viewStatus } from '../views/status-view.ts';
import type { Scope } from '../worker/unit-driver.ts';
import { runWorker } from '../worker/worker.ts';
import { type ExitCode, InterruptedError } from './door.ts';
import { openProjectChannels } from './project-channels.ts';
import { questionFacts } from './question-facts.ts';
import type { ProjectSession } from './session.ts';
import { printEventLine, type Terminal } from './terminal.ts';

export interface DriveOptions {
  untilIdle: boolean;
  /** Default: everything. */
  scope?: Scope;
  isVerbose: boolean;
  /** Notices (no isolation, scripted model) were printed already. */
  isQuiet?: boolean;
  /** With --json one event a line; otherwise the command prints one value of its own. */
  printsJsonEvents?: boolean;
  /** Also ends, and is no interruption, when this is aborted. */
  until?: AbortSignal;
  /** Of every event that was appended meanwhile, after its line was printed. */
  onEvent?: (event: StoredEvent) => void;
}

/** @throws InterruptedError after a signal, when everything was put down. */
export async function drive(project: ProjectSession, options: DriveOptions): Promise<void> {
  const { terminal, store, log } = project;
  const { context, notices } = options.scope?.requestsOnly
    ? { context: await openRequestsContext(project), notices: [] }
    : await openWorkerContext(project);
  // Who only carries out requests asks nobody anything.
  const channels = options.scope?.requestsOnly ? [] : await openProjectChannels(project);
  if (!options.isQuiet && !terminal.isJson)
    for (const notice of notices) terminal.line(terminal.style('dim', notice));
  const stopped = new AbortController();
  const onSignal = () => {
    terminal.live('');
    if (!stopped.signal.aborted && !terminal.isJson) terminal.warn('Stopping…');
    stopped.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const watched = new AbortController();
  const after = await store.journal.head();
  const { isVerbose, printsJsonEvents = false, until, onEvent = () => {} } = options;
  const watching = watch(project, { after, isVerbose, printsJsonEvents, onEvent, signal: watched.signal });
  const door = openPersonDoor({ ...context, nowMs: context.clock.now });
  for (const each of channels) each.listen(door);
  try {
    await runWorker(
      { ...context, channels: channels.map(({ channel }) => channel) },
      {
        untilIdle: options.untilIdle,
        signal: until ? AbortSignal.any([stopped.signal, until]) : stopped.signal,
        onNotice: (line) => terminal.warn(line),
        ...(options.scope ? { scope: options.scope } : {}),
      },
    );
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    await Promise.all(channels.map((each) => each.close()));
    await watching.finish();
    watched.abort();
    terminal.live('');
    log.info('worker ended');
  }
  if (stopped.signal.aborted) throw new InterruptedError();
}

const waitsForPerson: readonly ItemStatus[] = ['paused', 'taken_over', 'ready'];

/** What the items that are left wait for: 5 they were killed, 4 a ceiling, 3 a person, 0 nothing. */
export async function exitCodeOf(project: ProjectSession, only?: ReadonlySet<number>): Promise<ExitCode> {
  const { items } = await viewStatus(project.store.journal, project.project);
  const wanted = items.filter((item) => only?.has(item.number) ?? true);
  if (wanted.some((item) => item.control?.state === 'killed')) return 5;
  if (wanted.some((item) => item.pauseReason === 'ceiling')) return 4;
  if (wanted.some((item) => item.control !== null || waitsForPerson.includes(item.status))) return 3;
  if (wanted.some((item) => item.waitsFor.length > 0)) return 3;
  return 0;
}

function watch(
  project: ProjectSession,
  options: Required<Pick<DriveOptions, 'isVerbose' | 'printsJsonEvents' | 'onEvent'>> & {
    after: number;
    signal: AbortSignal;
  },
): { finish(): Promise<void> } {
  const { terminal, store } = project;
  const live = createLiveLine(terminal);
  let seen = options.after;
  const loop = (async () => {
    const events = store.journal.follow({
      after: options.after,
      project: project.project,
      signal: options.signal,
    });
    for await (const event of events) {
      if (terminal.isJson) {
        if (options.printsJsonEvents) terminal.jsonLine(event);
      } else {
        const line = describeEvent(event, options.isVerbose);
        if (line) printEventLine(terminal, line);
        await printAsk(project, event);
      }
      live.note(event);
      options.onEvent(event);
      seen = event.position;
    }
  })();
  loop.catch((error: unknown) => project.log.error('cannot follow the journal', { err: error }));
  return {
    /** Everything that was appended before is on the screen when it resolves (bounded wait). */
    async finish() {
      const head = await store.journal.head().catch(() => seen);
      for (let waits = 0; seen < head && waits < 100; waits += 1) await delay(20);
      live.stop();
    },
  };
}

async function printAsk(project: ProjectSession, event: StoredEvent): Promise<void> {
  for (const line of await askLines(project.store.journal, event, questionFacts(project)))
    project.terminal.line(`      ${line}`);
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Who is at work, for how long, and what was spent since the command began. */
function createLiveLine(terminal: Terminal): { note(event: StoredEvent): void; stop(): void } {
  const working = new Map<string, { label: string; startedAt: number }>();
  let spentMicroUsd = 0;
  let hasUnmetered = false;
  let frame = 0;
  const draw = () => {
    if (working.size === 0) return terminal.live('');
    frame = (frame + 1) % frames.length;
    const agents = [...working.values()].map(
      ({ label, startedAt }) => `${label} ${Math.round((Date.now() - startedAt) / 1000)} s`,
    );
    const spent = `${formatUsd(spentMicroUsd)}${hasUnmetered ? ' + not metered' : ''}`;
    terminal.live(`${frames[frame]} ${agents.join(' · ')} · ${spent}`);
  };
  const timer = terminal.isInteractive ? setInterval(draw, 100) : null;
  timer?.unref();
  return {
    note(event) {
      const typed = knownEvent(event);
      if (typed === null) return;
      const prefix = `#${itemOf(event) ?? ''}`;
      if (typed.kind === 'step.started') {
        working.set(`${event.stream} ${typed.data.step}`, {
          label: `${prefix} ${agentLabel(typed.data.agent)}`,
          startedAt: Date.now(),
        });
      } else if (typed.kind === 'step.finished' || typed.kind === 'step.failed') {
        working.delete(`${event.stream} ${typed.data.step}`);
      } else if (typed.kind === 'gate.started') {
        working.set(`${event.stream} gate`, {
          label: `${prefix} ${typed.data.phase} gate`,
          startedAt: Date.now(),
        });
      } else if (typed.kind === 'gate.judged') working.delete(`${event.stream} gate`);
      else if (typed.kind === 'item.accepted') {
        working.set(`${event.stream} landing`, { label: `${prefix} landing`, startedAt: Date.now() });
      } else if (typed.kind === 'item.landed' || typed.kind === 'item.landing_refused') {
        working.delete(`${event.stream} landing`);
      } else if (
        typed.kind === 'item.paused' ||
        typed.kind === 'item.taken_over' ||
        typed.kind === 'item.canceled'
      ) {
        for (const key of working.keys()) if (key.startsWith(event.stream)) working.delete(key);
      }
      if (typed.kind === 'outside.session_started' && !typed.data.isMetered) hasUnmetered = true;
      if (typed.kind === 'model.call_finished' || typed.kind === 'model.call_failed')
        spentMicroUsd += typed.data.costMicroUsd;
    },
    stop() {
      if (timer) clearInterval(timer);
      terminal.live('');
    },
  };
}
