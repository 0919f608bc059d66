/**
 * A client gives reasoning back as it got it, and providers check that. What a provider attached to its reasoning travels in the
 * one opaque text that each protocol has for it: Anthropic's own signature as it is, anything else sealed as JSON.
 */
import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { parseBoundedJson } from './bounded-json.ts';

const prefix = 'meshwright-1:';
const sealed = z.record(z.string(), z.json());
const signedAlone = z.strictObject({ anthropic: z.strictObject({ signature: z.string() }) });

/** Empty: nothing was attached. */
export function sealReasoning(providerData: JsonObject): string {
  const signed = signedAlone.safeParse(providerData);
  if (signed.success) return signed.data.anthropic.signature;
  if (Object.keys(providerData).length === 0) return '';
  return `${prefix}${Buffer.from(JSON.stringify(providerData)).toString('base64url')}`;
}

export function openReasoning(seal: string): JsonObject {
  if (seal === '') return {};
  if (!seal.startsWith(prefix)) return { anthropic: { signature: seal } };
  const text = Buffer.from(seal.slice(prefix.length), 'base64url').toString('utf8');
  const parsed = parseBoundedJson(text);
  const opened = sealed.safeParse(parsed.ok ? parsed.value : null);
  return opened.success ? (opened.data as JsonObject) : {};
}
