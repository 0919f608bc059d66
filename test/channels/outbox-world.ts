/** Outboxes driven by the real worker: a project without items, channels of the test's own, and orders as the desk posts them. */
import { newId } from '../../src/base/ids.ts';
import { streamId } from '../../src/journal/event.ts';
import { foldStream } from '../../src/journal/fold-stream.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { deliveryOrdered, outboxStream } from '../../src/outbox/outbox-event.ts';
import { type OutboxState, outboxReducer } from '../../src/outbox/outbox-state.ts';
import type { Channel, Delivery, DeliveryOutcome, Notice } from '../../src/questions/channel.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { createTestProject, inNextProcess, type TestProject } from '../harness/project.ts';

export const project = 'test';

/** Answers as `answer` says; keeps what it was given. */
export function recordingChannel(
  name: string,
  answer: (delivery: Delivery, signal: AbortSignal) => Promise<DeliveryOutcome> | DeliveryOutcome = ({
    id,
  }) => ({
    ok: true,
    ref: `${name}/${id}`,
  }),
): Channel & { seen: Delivery[] } {
  const seen: Delivery[] = [];
  return {
    name,
    seen,
    reaches: () => true,
    async deliver(delivery, signal) {
      seen.push(delivery);
      return answer(delivery, signal);
    },
  };
}

export const away: DeliveryOutcome = { ok: false, isFinal: false, message: 'away', retryAfterMs: null };

export interface OutboxWorld {
  project: TestProject;
  order(channel: string, about: string, notice: Notice, id?: string): Promise<string>;
  /** A worker process with these channels; stop it. */
  start(channels: readonly Channel[], change?: (context: WorkerContext) => WorkerContext): RunningWorker;
  /** What the mesh was told, in order; taken from its stream and its inbox. */
  told(): Promise<{ kind: string; data: Record<string, unknown> }[]>;
  state(channel: string): Promise<OutboxState>;
  end(): Promise<void>;
}

export interface RunningWorker {
  notices: string[];
  stop(): Promise<void>;
}

export async function createOutboxWorld(journal?: Journal): Promise<OutboxWorld> {
  const test = await createTestProject({
    files: { '.mesh/mesh.yaml': 'version: 1\nproject: test\nmodels:\n  default: claude-sonnet-4-5\n' },
    model: () => {
      throw new Error('no model is needed here');
    },
    ...(journal ? { journal } : {}),
  });
  const running = new Set<RunningWorker>();
  return {
    project: test,
    async order(channel, about, notice, id = newId()) {
      const blob = await test.journal.putBlob(new TextEncoder().encode(JSON.stringify(notice)));
      const stream = outboxStream(project, channel);
      const data = { id, notice: blob, about, conversation: about, replyTo: streamId('mesh', project) };
      await test.journal.post(project, { stream, id, kind: deliveryOrdered, actor: 'mesh', data });
      return id;
    },
    start(channels, change = (context) => context) {
      const notices: string[] = [];
      const leaving = new AbortController();
      const owner = `test-${newId()}`;
      const context = change({ ...inNextProcess(test.context, { journal: test.journal, owner }), channels });
      const done = runWorker(context, {
        untilIdle: false,
        signal: leaving.signal,
        onNotice: (line) => notices.push(line),
      });
      const worker: RunningWorker = {
        notices,
        async stop() {
          running.delete(worker);
          leaving.abort();
          await done;
        },
      };
      running.add(worker);
      return worker;
    },
    async told() {
      const mesh = streamId('mesh', project);
      const noted = (await test.journal.read(mesh)).flatMap(({ data }) =>
        typeof data.message === 'string' && data.message.startsWith('delivery.')
          ? [{ kind: data.message, data: data.about as Record<string, unknown> }]
          : [],
      );
      const waiting = (await test.journal.inbox(mesh)).filter(({ kind }) => kind.startsWith('delivery.'));
      return [...noted, ...waiting.map(({ kind, data }) => ({ kind, data }))];
    },
    state: async (channel) =>
      (await foldStream(test.journal, outboxStream(project, channel), outboxReducer)).state,
    async end() {
      await Promise.all([...running].map((worker) => worker.stop()));
      await test.remove();
    },
  };
}
