/**
 * A journal that stores no secret, whoever writes: event data, messages and blobs pass a redactor on their way in. Reading is as
 * ever. Writers that go on with what they wrote redact it before; this is what holds when one forgets.
 */
import type { Journal } from './journal.ts';

/** As secrets/redactor.ts has it; the folders are of one rank. */
export interface TextRedactor {
  redact(text: string): string;
  redactJson<T>(value: T): T;
}

export function redactJournal(journal: Journal, redactor: TextRedactor): Journal {
  // Names of streams, kinds and people are ids: what is looked up by them must find them.
  const redactData = <T extends { data: object }>(entry: T): T => ({
    ...entry,
    data: redactor.redactJson(entry.data),
  });
  return {
    ...journal,
    append: (unit) =>
      journal.append({
        ...unit,
        events: unit.events.map(redactData),
        ...(unit.posts && { posts: unit.posts.map(redactData) }),
      }),
    post: (project, post) => journal.post(project, redactData(post)),
    putBlob: (bytes) => {
      const text = Buffer.from(bytes).toString('utf8');
      const clean = redactor.redact(text);
      return journal.putBlob(clean === text ? bytes : Buffer.from(clean));
    },
  };
}
