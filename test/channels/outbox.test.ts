import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { outboxStream } from '../../src/outbox/outbox-event.ts';
import type { Notice } from '../../src/questions/channel.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { away, createOutboxWorld, type OutboxWorld, project, recordingChannel } from './outbox-world.ts';

let world: OutboxWorld;
beforeEach(async () => {
  world = await createOutboxWorld();
});
afterEach(() => world.end());

const soon = { timeout: 10_000, interval: 20 };

function line(question: string, text = 'settled'): Notice {
  return {
    about: 'update',
    question,
    to: '@sarah-pm',
    thread: 'C1/1',
    line: text,
    isSettled: true,
    isRehearsal: false,
  };
}

it('what is ordered is said once, and who ordered it is told', async () => {
  const slack = recordingChannel('slack');
  const id = await world.order('slack', 'Q-7', line('Q-7'));
  await world.order('slack', 'Q-7', line('Q-7'), id);
  world.start([slack]);
  await vi.waitFor(async () => expect((await world.told()).length).toBe(1), soon);
  expect(await world.told()).toEqual([
    { kind: 'delivery.sent', data: { delivery: id, channel: 'slack', ref: `slack/${id}` } },
  ]);
  expect(slack.seen).toMatchObject([{ id, isInDoubt: false, notice: { line: 'settled' } }]);
});

it('a channel that is down delays no other one', async () => {
  const slack = recordingChannel('slack', () => away);
  const webhook = recordingChannel('webhook');
  world.start([slack, webhook]);
  for (const about of ['Q-1', 'Q-2', 'Q-3', 'Q-4', 'Q-5', 'Q-6']) {
    await world.order('slack', about, line(about));
    await world.order('webhook', about, line(about));
  }
  await vi.waitFor(() => expect(webhook.seen.length).toBe(6), soon);
  await vi.waitFor(async () => expect((await world.told()).length).toBe(6), soon);
  expect((await world.state('slack')).queued.length).toBe(6);
});

it('what hangs holds back only what is about the same, which then goes in order', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slack = recordingChannel('slack', async ({ id }) => {
    if (id === 'first') await held;
    return { ok: true, ref: 'C1/1' };
  });
  await world.order('slack', 'Q-1', line('Q-1', 'a'), 'first');
  await world.order('slack', 'Q-1', { ...line('Q-1', 'b'), thread: null } as Notice, 'second');
  await world.order('slack', 'Q-2', line('Q-2'), 'other');
  world.start([slack]);
  await vi.waitFor(async () => expect((await world.told()).length).toBe(1), soon);
  expect(slack.seen.map(({ id }) => id)).toEqual(['first', 'other']);
  letGo();
  await vi.waitFor(async () => expect((await world.told()).length).toBe(3), soon);
  // Ordered before anybody knew where the first one went; it follows it there.
  expect(slack.seen.at(-1)).toMatchObject({ id: 'second', notice: { thread: 'C1/1' } });
});

it('a refusal for good is a dead letter, told to who ordered it and to who watches', async () => {
  const refusal = { ok: false, isFinal: true, message: 'channel_not_found', retryAfterMs: null } as const;
  const worker = world.start([recordingChannel('slack', () => refusal)]);
  const id = await world.order('slack', 'Q-7', line('Q-7'));
  await vi.waitFor(async () => expect((await world.told()).length).toBe(1), soon);
  expect(await world.told()).toEqual([
    { kind: 'delivery.dead', data: { delivery: id, channel: 'slack', message: 'channel_not_found' } },
  ]);
  expect(await world.state('slack')).toMatchObject({ queued: [], deadCount: 1 });
  expect(worker.notices.join()).toContain('could not say Q-7, and gave it up: channel_not_found');
});

it('after a failure it is tried again, looking first whether it is there already', async () => {
  let tries = 0;
  const slack = recordingChannel('slack', () => {
    tries += 1;
    return tries === 1 ? away : { ok: true, ref: 'C1/1' };
  });
  world.start([slack]);
  await world.order('slack', 'Q-7', line('Q-7'));
  await vi.waitFor(async () => expect((await world.told()).length).toBe(1), soon);
  expect(slack.seen.map(({ isInDoubt }) => isInDoubt)).toEqual([false, true]);
});

it('an attempt that its worker did not live to record is in doubt for the next one', async () => {
  const hanging = recordingChannel('slack', async (_, signal) => {
    await delay(60_000, undefined, { signal }).catch(() => {});
    return away;
  });
  const first = world.start([hanging]);
  await world.order('slack', 'Q-7', line('Q-7'));
  await vi.waitFor(() => expect(hanging.seen.length).toBe(1), soon);
  await first.stop();
  expect((await world.state('slack')).queued).toMatchObject([{ attempts: 1, retryAt: null }]);
  const slack = recordingChannel('slack');
  world.start([slack]);
  await vi.waitFor(async () => expect((await world.told()).length).toBe(1), soon);
  expect(slack.seen).toMatchObject([{ isInDoubt: true }]);
});

it('a worker without the channel leaves its outbox to one that has it', async () => {
  let claims = 0;
  const counting = (context: WorkerContext): WorkerContext => ({
    ...context,
    journal: {
      ...context.journal,
      claim: (request) => {
        claims += 1;
        return context.journal.claim(request);
      },
    },
  });
  await world.order('slack', 'Q-7', line('Q-7'));
  const without = world.start([recordingChannel('webhook')], counting);
  await delay(1_000);
  // Two a turn at most, four turns a second and one for each wake: it does not go round and round.
  expect(claims).toBeLessThan(40);
  const slack = recordingChannel('slack');
  world.start([slack]);
  await vi.waitFor(() => expect(slack.seen.length).toBe(1), soon);
  await without.stop();
});

it('a secret in what is said does not leave the machine', async () => {
  const slack = recordingChannel('slack');
  const redact = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('hunter2!', '[secret:KEY]'));
  world.start([slack], (context) => ({
    ...context,
    secrets: { ...context.secrets, redactor: { ...context.secrets.redactor, redactJson: redact } },
  }));
  await world.order('slack', 'Q-7', line('Q-7', 'the key is hunter2!'));
  await vi.waitFor(() => expect(slack.seen.length).toBe(1), soon);
  expect(slack.seen).toMatchObject([{ notice: { line: 'the key is [secret:KEY]' } }]);
});

it('a worker that runs until idle says what was ordered before it goes', async () => {
  const slack = recordingChannel('slack');
  const { journal, context } = world.project;
  await world.order('slack', 'Q-7', line('Q-7'));
  await runWorker(
    { ...context, channels: [slack] },
    { untilIdle: true, signal: AbortSignal.timeout(20_000) },
  );
  expect(slack.seen.length).toBe(1);
  expect(await journal.claimHolders('test')).toEqual([]);
});

it('whoever takes over from a worker that was killed need not read all that was ever said', async () => {
  world.start([recordingChannel('slack')]);
  const stream = outboxStream(project, 'slack');
  for (let number = 1; number <= 180; number += 1)
    await world.order('slack', `Q-${number}`, line(`Q-${number}`));
  await vi.waitFor(async () => expect((await world.told()).length).toBe(180), {
    timeout: 50_000,
    interval: 100,
  });
  const snapshot = await world.project.journal.loadSnapshot(stream);
  expect(snapshot?.version).toBeGreaterThanOrEqual(500);
}, 60_000);
