/** One thing that `doctor` looked at, and what it found. */
import { MeshwrightError, messageOf } from '../../base/errors.ts';

export interface Examination {
  name: string;
  /** `advice`: works without, but not as well. */
  result: 'good' | 'bad' | 'advice';
  text: string;
  fix: string | null;
}

export async function examine(name: string, look: () => Promise<string>): Promise<Examination> {
  try {
    return good(name, await look());
  } catch (error) {
    return bad(name, error);
  }
}

export function good(name: string, text: string): Examination {
  return { name, result: 'good', text, fix: null };
}

export function bad(name: string, error: unknown): Examination {
  const fix = error instanceof MeshwrightError ? (error.hint ?? null) : null;
  return { name, result: 'bad', text: messageOf(error), fix };
}
