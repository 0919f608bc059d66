/** What Slack sends by HTTP: signed with the app's secret, an event as JSON, what was pressed as a form. */
import { createHmac } from 'node:crypto';

export const signingSecret = 'a-signing-secret-of-the-tests';

export interface Signed {
  secret?: string;
  ageSeconds?: number;
  /** Without it: an event. */
  isPress?: boolean;
}

/** Returns the status of the answer. */
export async function sendSigned(
  url: string,
  payload: object,
  { secret = signingSecret, ageSeconds = 0, isPress = false }: Signed = {},
): Promise<number> {
  const json = JSON.stringify(payload);
  const body = isPress ? new URLSearchParams({ payload: json }).toString() : json;
  const timestamp = String(Math.floor(Date.now() / 1_000) - ageSeconds);
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': isPress ? 'application/x-www-form-urlencoded' : 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  });
  return response.status;
}
