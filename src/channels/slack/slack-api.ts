/** What is used of Slack's Web API, and what its refusals mean for a delivery. The client itself is made in open-slack.ts. */
import type { WebClient } from '@slack/web-api';
import { messageOf } from '../../base/errors.ts';
import type { DeliveryOutcome } from '../../questions/channel.ts';

export type SlackApi = Pick<WebClient, 'auth' | 'chat' | 'conversations'>;

/** Kept with every message of ours: by it a message is found again, and a reply knows what it is about. */
export const metadataType = 'meshwright_delivery';

export interface MessageMetadata {
  delivery: string;
  project: string;
  /** `Q-7` or `A-2`. */
  ask: string;
  /** Of an approval: its action's hash. */
  hash: string;
}

/** As far as it is looked at; Slack's own types have all of it optional. */
export interface FoundMessage {
  ts?: string;
  /** `tombstone`: what stood here was deleted. */
  subtype?: string;
  user?: string;
  blocks?: { type?: string }[];
  metadata?: { event_type?: string; event_payload?: Record<string, unknown> };
}

export function metadataOf({
  metadata,
}: FoundMessage): Partial<Record<keyof MessageMetadata, unknown>> | null {
  return metadata?.event_type === metadataType ? (metadata.event_payload ?? null) : null;
}

/** Trying again changes nothing, until a person changes something in Slack or in the stakeholder map. */
const finalRefusals: ReadonlySet<string> = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'user_not_found',
  'cannot_dm_bot',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_locked',
  'message_not_found',
  'thread_not_found',
  'cannot_reply_to_message',
  'cant_update_message',
  'edit_window_closed',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_arguments',
  'metadata_too_large',
  'msg_too_long',
  'no_text',
]);

const notValid = 'the bot token is not valid (any more): install the app again, see docs/channels.md';

const hints: Readonly<Record<string, string>> = {
  not_in_channel: 'invite the app there: /invite @meshwright',
  channel_not_found: 'it does not exist, or it is private and the app is not in it',
  missing_scope: 'give the app the scopes of docs/channels.md and install it again',
  invalid_auth: notValid,
  not_authed: notValid,
  token_revoked: notValid,
  token_expired: notValid,
  account_inactive: notValid,
};

const goneRefusals: ReadonlySet<string> = new Set([
  'message_not_found',
  'thread_not_found',
  'cannot_reply_to_message',
]);

/** The message that it is about is not there any more. */
export function isGone(error: unknown): boolean {
  return goneRefusals.has(refusalOf(error) ?? '');
}

function refusalOf(error: unknown): string | null {
  const { data } = error as { data?: { error?: unknown } };
  return typeof data?.error === 'string' ? data.error : null;
}

/** Told apart by what it carries, not by class: the library is loaded only where Slack is configured. */
export function failureOf(error: unknown): Extract<DeliveryOutcome, { ok: false }> {
  const { retryAfter } = error as { retryAfter?: unknown };
  const refusal = refusalOf(error);
  const hint = refusal === null ? undefined : hints[refusal];
  return {
    ok: false,
    isFinal: refusal !== null && finalRefusals.has(refusal),
    message: `Slack: ${refusal ?? messageOf(error)}${hint === undefined ? '' : ` (${hint})`}`,
    retryAfterMs: typeof retryAfter === 'number' ? retryAfter * 1_000 : null,
  };
}
