/** Where a real provider is and with what key: read at the edge, handed in. */
import type { AnswerLimits } from './bounded-fetch.ts';

export interface ProviderConnection {
  /** With the version part, e.g. `https://api.anthropic.com/v1`. */
  baseUrl: string;
  /** Null: none is sent (local servers). */
  apiKey: string | null;
  /** Default: the platform's. */
  fetch?: typeof fetch;
  /** How large and how late an answer may be. Default: the standard ones. */
  limits?: AnswerLimits;
}
