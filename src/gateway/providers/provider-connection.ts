/** Where a real provider is and with what key: read at the edge, handed in. */

export interface ProviderConnection {
  /** With the version part, e.g. `https://api.anthropic.com/v1`. */
  baseUrl: string;
  /** Null: none is sent (local servers). */
  apiKey: string | null;
  /** Default: the platform's. */
  fetch?: typeof fetch;
}
