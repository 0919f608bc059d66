/** Opens Slack: the Web API for what is said, Bolt for what people do, by Socket Mode or signed HTTP. Loaded only where it is configured. */
import { setTimeout as delay } from 'node:timers/promises';
import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { ChannelSurroundings, OpenChannel } from '../open-channel.ts';
import type { PersonDoor } from '../person-door.ts';
import { deliverToSlack } from './deliver.ts';
import { receiveFrom } from './receive.ts';

export interface SlackSettings {
  botToken: string;
  listen:
    | { mode: 'socket'; appToken: string }
    /** On the loopback; a proxy in front of it is what Slack reaches. */
    | { mode: 'http'; signingSecret: string; port: number };
  /** Null: Slack's own. */
  apiUrl: string | null;
}

const callTimeoutMs = 10_000;
const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
const path = '/slack/events';

export function openSlack(settings: SlackSettings, surroundings: ChannelSurroundings): OpenChannel {
  const { project, log, nowMs } = surroundings;
  const closing = new AbortController();
  const clientOptions = webClientOptions(settings, log, closing.signal);
  const api = new WebClient(settings.botToken, clientOptions);
  let botUser: Promise<string> | null = null;
  const askBotUser = (): Promise<string> => {
    botUser ??= api.auth.test().then(
      ({ user_id }) => user_id ?? '',
      (error: unknown) => {
        botUser = null;
        throw error;
      },
    );
    return botUser;
  };
  let listening: Promise<void> = Promise.resolve();
  return {
    channel: {
      name: 'slack',
      deliver: (delivery, signal) => untilAborted(deliverToSlack({ api, project, nowMs }, delivery), signal),
    },
    listen(door: PersonDoor) {
      const app = createApp(settings, clientOptions, log, askBotUser);
      receiveFrom(app, { api, door, project, botUser: askBotUser });
      listening = keepListening(app, settings, log, closing.signal);
    },
    async close() {
      closing.abort();
      await listening;
    },
  };
}

function webClientOptions({ apiUrl }: SlackSettings, log: Log, closing: AbortSignal): WebClientOptions {
  return {
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
    // The outbox tries again, and knows what the other side asked for.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callTimeoutMs,
    logger: quietLogger(log),
    fetch: (url, init = {}) => {
      const signals = init.signal ? [init.signal, closing] : [closing];
      return fetch(url, { ...init, signal: AbortSignal.any(signals) });
    },
  };
}

function createApp(
  settings: SlackSettings,
  clientOptions: WebClientOptions,
  log: Log,
  botUser: () => Promise<string>,
): App {
  const logger = quietLogger(log);
  const { listen } = settings;
  const receiver =
    listen.mode === 'socket'
      ? new SocketModeReceiver({ appToken: listen.appToken, logger, installerOptions: { clientOptions } })
      : new HTTPReceiver({
          signingSecret: listen.signingSecret,
          endpoints: path,
          logger,
          // Answered once it is written: what could not be is sent again.
          processBeforeResponse: true,
          bodyLimit: 1_000_000,
        });
  const app = new App({
    receiver,
    logger,
    clientOptions,
    convoStore: false,
    // Asked when something arrives, so that Slack may be away when the worker starts.
    authorize: async () => ({ botToken: settings.botToken, botUserId: await botUser() }),
  });
  app.error(async (error) => {
    log.warn('Slack: something that came in was not taken', { err: error });
    throw error;
  });
  return app;
}

async function keepListening(
  app: App,
  { listen }: SlackSettings,
  log: Log,
  closing: AbortSignal,
): Promise<void> {
  let waitMs = firstRetryMs;
  while (!closing.aborted) {
    try {
      if (listen.mode === 'socket') await untilAborted(app.start(), closing);
      else await app.start({ port: listen.port, host: '127.0.0.1' });
      log.info('Slack: listens to what people answer', { mode: listen.mode });
      await aborted(closing);
    } catch (error) {
      if (closing.aborted) break;
      log.warn(`Slack: cannot listen yet (${messageOf(error)}); questions are posted all the same`);
      await delay(waitMs, undefined, { signal: closing }).catch(() => {});
      waitMs = Math.min(longestRetryMs, waitMs * 2);
    }
  }
  await app.stop().catch((error: unknown) => log.warn('Slack: stopped badly', { err: error }));
}

/** Resolves when it aborts; `left` takes the listener away. */
function aborted(signal: AbortSignal, left?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true, ...(left ? { signal: left } : {}) });
  });
}

/** Rejects when it is not wanted any more; what was asked of Slack ends by itself. */
async function untilAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  asked.catch(() => {});
  const left = new AbortController();
  const stopped = aborted(signal, left.signal).then((): never => {
    throw new Error('the worker stops');
  });
  stopped.catch(() => {});
  return Promise.race([asked, stopped]).finally(() => left.abort());
}

/** Warnings and errors alone, into our own log: the libraries would write to the terminal. */
function quietLogger(log: Log) {
  const say = (parts: unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts: unknown[]) => log.warn(`Slack: ${say(parts)}`),
    error: (...parts: unknown[]) => log.warn(`Slack: ${say(parts)}`),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
