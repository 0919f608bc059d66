/** Takes signed answers over HTTP, on the loopback. Whoever holds the key speaks for people; who they are is in what is signed. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import type { Log } from '../../base/log.ts';
import type { PersonDoor } from '../person-door.ts';

export const answerPath = '/answers';
const mostBytes = 64 * 1_024;
/** More than come in the five minutes for which a signature is good. */
const mostKept = 10_000;

const answerSchema = z
  .strictObject({
    question: z.string().max(20).optional(),
    approval: z.string().max(20).optional(),
    by: z.string().min(1).max(100),
    answer: z.string().max(4_000),
    /** Of the action that the person was shown; with `approval`. */
    hash: z.string().max(64).optional(),
  })
  .refine(({ question, approval }) => (question === undefined) !== (approval === undefined), {
    error: 'needs either `question` or `approval`',
  });

interface Reply {
  status: number;
  body: { isAccepted: boolean; line: string };
}

export function createAnswerHandler({
  webhook,
  door,
  log,
}: {
  webhook: Webhook;
  door: PersonDoor;
  log: Log;
}) {
  const seen = new Set<string>();
  async function answer(request: IncomingMessage): Promise<Reply> {
    if (request.method !== 'POST' || request.url !== answerPath)
      return refusal(404, `signed answers go to POST ${answerPath}`);
    const body = await readBody(request);
    if (body === null) return refusal(413, `an answer has at most ${mostBytes} bytes`);
    const id = String(request.headers['webhook-id'] ?? '');
    if (!isSigned(webhook, body, request)) return refusal(401, 'the signature is missing, wrong or too old');
    if (seen.has(id)) return refusal(409, `${id} was taken before`);
    keep(seen, id);
    try {
      return await take(door, body);
    } catch (error) {
      // It may be sent again: nothing came of it.
      seen.delete(id);
      log.warn('webhook: an answer could not be written', { err: error });
      return refusal(503, 'it could not be written; send it again');
    }
  }
  return (request: IncomingMessage, response: ServerResponse): void => {
    void answer(request)
      .catch((): Reply => refusal(400, 'it could not be read'))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
        response.end(JSON.stringify(body));
      });
  };
}

async function take(door: PersonDoor, body: string): Promise<Reply> {
  const read = answerSchema.safeParse(readJson(body));
  if (!read.success) return refusal(400, z.prettifyError(read.error));
  const { question, approval, answer: text, hash = null } = read.data;
  const by = await door.listed(read.data.by);
  if (by === null) return refusal(403, `${read.data.by} is not listed in .mesh/stakeholders.yaml`);
  const ask = question ?? approval ?? '';
  if (!/^[QA]-/.test(ask) || ask.startsWith('A-') !== (approval !== undefined))
    return refusal(400, `${ask} is not the name of ${approval === undefined ? 'a question' : 'an approval'}`);
  const { line, isAccepted } = await door.hear({
    ask,
    by,
    via: 'webhook',
    saying: { does: 'text', text, hash },
  });
  return { status: 200, body: { isAccepted, line } };
}

function refusal(status: number, line: string): Reply {
  return { status, body: { isAccepted: false, line } };
}

function isSigned(webhook: Webhook, body: string, { headers }: IncomingMessage): boolean {
  const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  try {
    webhook.verify(body, flat, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

function keep(seen: Set<string>, id: string): void {
  seen.add(id);
  const [oldest] = seen;
  if (seen.size > mostKept && oldest !== undefined) seen.delete(oldest);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Null: it is longer than an answer may be. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
