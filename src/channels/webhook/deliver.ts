/** Says one thing to the webhook: a signed POST, answered within seconds. The receiver knows a repeat by its id. */
import type { Webhook } from 'standardwebhooks';
import { messageOf } from '../../base/errors.ts';
import type { Delivery, DeliveryOutcome } from '../../questions/channel.ts';
import { messageText } from '../message-text.ts';

export interface WebhookTarget {
  url: string;
  webhook: Webhook;
  project: string;
  nowMs: () => number;
}

const timeoutMs = 10_000;
/** A receiver need not read more; what is longer comes as its text alone. */
const mostBytes = 256 * 1_024;

/** Never rejects for what the other side does. */
export async function deliverToWebhook(
  target: WebhookTarget,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { url, webhook, nowMs } = target;
  const body = bodyOf(target, delivery);
  const at = new Date(nowMs());
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': delivery.id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': webhook.sign(delivery.id, at, body),
      },
      body,
      // What is said is for the address that the policy names, and for no other.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return judgeResponse(response, delivery.id, at.getTime());
  } catch (error) {
    return failed(messageOf(error));
  }
}

function bodyOf({ project }: WebhookTarget, { id, notice }: Delivery): string {
  const about = notice.about === 'approval' ? notice.approval : notice.question;
  const said = { type: `meshwright.${notice.about}`, id, project, about, text: messageText(notice) };
  const whole = JSON.stringify({ ...said, notice });
  return Buffer.byteLength(whole) <= mostBytes ? whole : JSON.stringify({ ...said, notice: null });
}

function judgeResponse(response: Response, id: string, nowMs: number): DeliveryOutcome {
  const { status } = response;
  if (response.ok) return { ok: true, ref: id };
  if (status === 410) return { ...failed('it answers 410: nobody is there any more'), isFinal: true };
  if (status >= 300 && status < 400) return failed(`it answers ${status}; redirects are not followed`);
  return failed(`it answers ${status}`, retryAfterMs(response.headers.get('retry-after'), nowMs));
}

function failed(message: string, retryAfter: number | null = null): Extract<DeliveryOutcome, { ok: false }> {
  return { ok: false, isFinal: false, message: `webhook: ${message}`, retryAfterMs: retryAfter };
}

/** Seconds, or a date. */
function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}
