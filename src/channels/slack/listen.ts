/** Bolt as an ear: one connection of Socket Mode, or one server of signed HTTP, from its beginning to its end. */
import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import type { Log } from '../../base/log.ts';

export interface ListenOptions {
  botToken: string;
  listen:
    | { mode: 'socket'; appToken: string }
    /** On the loopback; a proxy in front of it is what Slack reaches. */
    | { mode: 'http'; signingSecret: string; port: number };
  clientOptions: WebClientOptions;
  log: Log;
  /** Puts listeners on it. */
  furnish: (app: App) => void;
  closing: AbortSignal;
}

const path = '/slack/events';

/** Resolves when it has ended; rejects when it could not begin. `begun` is called in between. */
export async function listenOnce(options: ListenOptions, begun: () => void): Promise<void> {
  const { listen, closing } = options;
  const { app, ended } = createApp(options);
  options.furnish(app);
  try {
    if (listen.mode === 'http') await app.start({ port: listen.port, host: '127.0.0.1' });
    else await untilAborted(app.start(), closing);
    begun();
    await Promise.race([ended, aborted(closing)]);
  } finally {
    // One that never began cannot be stopped, which is as good.
    await app.stop().catch(() => {});
  }
}

function createApp({ listen, botToken, clientOptions, log }: ListenOptions): {
  app: App;
  ended: Promise<void>;
} {
  const logger = quietLogger(log);
  const receiver =
    listen.mode === 'socket'
      ? new SocketModeReceiver({
          appToken: listen.appToken,
          logger,
          // Where Slack cannot be reached, its own reconnecting rejects a promise that nobody holds: that would end the process.
          autoReconnectEnabled: false,
          installerOptions: { clientOptions },
        })
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
    // Slack is not asked here: what arrives while it cannot be asked would be dropped.
    authorize: async () => ({ botToken }),
    ignoreSelf: false,
  });
  app.error(async (error) => {
    log.warn('Slack: something that came in was not taken', { err: error });
    throw error;
  });
  const ended = new Promise<void>((resolve) => {
    if (receiver instanceof SocketModeReceiver) receiver.client.once('disconnected', () => resolve());
  });
  return { app, ended };
}

/** Resolves when it aborts; `left` takes the listener away. */
function aborted(signal: AbortSignal, left?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true, ...(left ? { signal: left } : {}) });
  });
}

/** Rejects when it is not wanted any more; what was asked of Slack ends by itself. */
export async function untilAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  asked.catch(() => {});
  const left = new AbortController();
  const stopped = aborted(signal, left.signal).then((): never => {
    throw new Error('the worker stops');
  });
  stopped.catch(() => {});
  return Promise.race([asked, stopped]).finally(() => left.abort());
}

/** Warnings and errors alone, into our own log: the libraries would write to the terminal. */
export function quietLogger(log: Log) {
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
