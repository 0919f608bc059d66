/** Opens the webhook: signed notices go out, and where a port is set, signed answers come in there. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { MeshwrightError } from '../../base/errors.ts';
import { keepListening } from '../keep-listening.ts';
import type { ChannelSurroundings, OpenChannel } from '../open-channel.ts';
import { deliverToWebhook } from './deliver.ts';
import { createAnswerHandler } from './receive.ts';

export interface WebhookSettings {
  url: string;
  /** `whsec_` and Base64, or Base64 alone. */
  secret: string;
  /** Null: answers are not taken. */
  port: number | null;
}

/** An answer is small, and whoever sends it is near. */
const requestTimeoutMs = 10_000;

/** @throws MeshwrightError `channel_secret_invalid`. */
export function openWebhook(settings: WebhookSettings, surroundings: ChannelSurroundings): OpenChannel {
  const { url, port } = settings;
  const { project, log, nowMs, onNotice } = surroundings;
  const webhook = readKey(settings.secret);
  const closing = new AbortController();
  let listening: Promise<void> = Promise.resolve();
  return {
    channel: {
      name: 'webhook',
      reaches: () => true,
      deliver: (delivery, signal) => deliverToWebhook({ url, webhook, project, nowMs }, delivery, signal),
    },
    listen(door) {
      if (port === null) return;
      const answer = createAnswerHandler({ webhook, door, log });
      listening = keepListening('webhook', (begun) => serveOnce(port, answer, begun, closing.signal), {
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

/** On the loopback, until closed. Rejects when the port cannot be had. */
async function serveOnce(
  port: number,
  answer: RequestListener,
  begun: () => void,
  closing: AbortSignal,
): Promise<void> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, answer);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  begun();
  if (!closing.aborted) await once(closing, 'abort');
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

function readKey(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch (error) {
    throw new MeshwrightError('channel_secret_invalid', 'the key of the webhook is no key for signatures', {
      hint: 'It is Base64, with `whsec_` before it or not: `openssl rand -base64 32` makes one.',
      exitCode: 2,
      cause: error,
    });
  }
}
