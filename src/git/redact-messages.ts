/** A mirror whose commits never have a secret in their message: summaries are text of agents, titles of people. */
import type { Mirror } from './mirror.ts';

export function redactMessages(mirror: Mirror, redact: (text: string) => string): Mirror {
  return {
    ...mirror,
    commitTree: (request) => mirror.commitTree({ ...request, message: redact(request.message) }),
  };
}
