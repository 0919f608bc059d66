/** Opens Slack: the Web API for what is said, Bolt for what people do, by Socket Mode or signed HTTP. Loaded only where it is configured. */
import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { Log } from '../../base/log.ts';
import { keepListening } from '../keep-listening.ts';
import { createOnce } from '../once.ts';
import type { ChannelSurroundings, OpenChannel } from '../open-channel.ts';
import { deliverToSlack } from './deliver.ts';
import { type ListenOptions, listenOnce, quietLogger, untilAborted } from './listen.ts';
import { receiveFrom } from './receive.ts';

export interface SlackSettings {
  botToken: string;
  listen: ListenOptions['listen'];
  /** Null: Slack's own. */
  apiUrl: string | null;
}

const callTimeoutMs = 10_000;

export function openSlack(settings: SlackSettings, surroundings: ChannelSurroundings): OpenChannel {
  const { botToken, listen } = settings;
  const { project, log, nowMs, onNotice } = surroundings;
  const closing = new AbortController();
  const clientOptions = webClientOptions(settings, log, closing.signal);
  const api = new WebClient(botToken, clientOptions);
  const botUser = createBotUser(api);
  // Kept over connections: what Slack sends again comes through the next one.
  const once = createOnce<void>();
  let listening: Promise<void> = Promise.resolve();
  return {
    channel: {
      name: 'slack',
      reaches: ({ place, memberId }) => place !== null || memberId !== null,
      deliver: (delivery, signal) => untilAborted(deliverToSlack({ api, project, nowMs }, delivery), signal),
    },
    listen(door) {
      const isSentAgain = listen.mode === 'http';
      const receiving = { api, door, project, botUser, once, isSentAgain, closing: closing.signal };
      const ear: ListenOptions = {
        botToken,
        listen,
        clientOptions,
        log,
        furnish: (app) => receiveFrom(app, receiving),
        closing: closing.signal,
      };
      listening = keepListening('slack', (begun) => listenOnce(ear, begun), {
        log,
        onNotice,
        closing: closing.signal,
      });
    },
    async close() {
      closing.abort();
      await listening;
    },
  };
}

/** Member id of the app itself; asked once, and again when it could not be had. */
function createBotUser(api: WebClient): () => Promise<string> {
  let asked: Promise<string> | null = null;
  return () => {
    asked ??= api.auth.test().then(
      ({ user_id }) => user_id ?? '',
      (error: unknown) => {
        asked = null;
        throw error;
      },
    );
    return asked;
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
