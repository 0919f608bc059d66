/** What a button or menu entry of ours says when somebody uses it; null for what is not ours or has been tampered with. */
import { z } from 'zod';
import type { Press } from './blocks.ts';

const ask = z.string().regex(/^[QA]-[1-9]\d{0,8}$/);

const pressSchema = z.discriminatedUnion('does', [
  z.strictObject({
    does: z.literal('answer'),
    ask,
    option: z.int().min(1).max(9),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable(),
  }),
  z.strictObject({ does: z.literal('acknowledge'), ask }),
  z.strictObject({ does: z.literal('not_mine'), ask }),
  z.strictObject({ does: z.literal('reroute'), ask, kind: z.string().min(1).max(100) }),
]);

export function readPress(value: unknown): Press | null {
  if (typeof value !== 'string') return null;
  try {
    return pressSchema.safeParse(JSON.parse(value)).data ?? null;
  } catch {
    return null;
  }
}
