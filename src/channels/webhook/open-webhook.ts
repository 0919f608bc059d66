/** Opens the webhook: signed notices go out, and where a port is set, signed answers come in there. */
import { createServer, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { MeshwrightError, messageOf } from '../../base/errors.ts';
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
  const { project, log, nowMs } = surroundings;
  const webhook = readKey(settings.secret);
  let server: Server | null = null;
  return {
    channel: {
      name: 'webhook',
      deliver: (delivery, signal) =>
        deliverToWebhook({ url: settings.url, webhook, project, nowMs }, delivery, signal),
    },
    listen(door) {
      if (settings.port === null) return;
      server = createServer(
        { requestTimeout: requestTimeoutMs },
        createAnswerHandler({ webhook, door, log }),
      );
      server.on('error', (error) =>
        log.warn(`webhook: cannot listen on port ${settings.port}: ${messageOf(error)}`),
      );
      server.listen(settings.port, '127.0.0.1');
    },
    async close() {
      const closing = server;
      if (!closing?.listening) return;
      closing.closeAllConnections();
      await new Promise((resolve) => closing.close(resolve));
    },
  };
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
