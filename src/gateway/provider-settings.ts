/** Reads base URL and key of a provider from an environment that it is handed. The only place that knows the variables' names. */
import type { ProviderName } from '../policy/policy.ts';
import type { Secret } from '../secrets/secret.ts';

export type ProviderSettings =
  | { ok: true; baseUrl: string; apiKey: string | null }
  | { ok: false; message: string; hint: string };

type RealProvider = Exclude<ProviderName, 'scripted'>;

const variables: Readonly<Record<RealProvider, { key: string; url: string; defaultUrl: string }>> = {
  anthropic: {
    key: 'ANTHROPIC_API_KEY',
    url: 'ANTHROPIC_BASE_URL',
    defaultUrl: 'https://api.anthropic.com/v1',
  },
  'openai-compatible': {
    key: 'OPENAI_API_KEY',
    url: 'OPENAI_BASE_URL',
    defaultUrl: 'https://api.openai.com/v1',
  },
};

/** Servers on this machine take any word for a key: a word is no secret. */
const shortestKey = 16;

/** The keys that are set, whichever provider is used. */
export function providerKeys(env: Readonly<Record<string, string | undefined>>): Secret[] {
  return Object.values(variables).flatMap(({ key }) => {
    const value = env[key]?.trim() ?? '';
    return value.length < shortestKey ? [] : [{ name: key, value }];
  });
}

/** A base URL on this very machine (a local model server) needs no key where the protocol allows that. */
export function readProviderSettings(
  env: Readonly<Record<string, string | undefined>>,
  provider: RealProvider,
): ProviderSettings {
  const { key, url, defaultUrl } = variables[provider];
  const stated = env[url]?.trim() || undefined;
  const parsed = parseBaseUrl(stated ?? defaultUrl);
  if (parsed === null) {
    return {
      ok: false,
      message: `${url} is not an http or https address`,
      hint: `Set ${url} to an address like ${defaultUrl}, or unset it.`,
    };
  }
  const baseUrl = provider === 'anthropic' && stated !== undefined ? withVersion(parsed) : parsed.href;
  const apiKey = env[key]?.trim() || null;
  if (apiKey === null && !(provider === 'openai-compatible' && isLoopback(parsed))) {
    return {
      ok: false,
      message: `no key for the ${provider} provider: ${key} is not set`,
      hint: `export ${key}=… and run the command again, or set \`models.provider: scripted\` to try without a model.`,
    };
  }
  return { ok: true, baseUrl: baseUrl.replace(/\/+$/, ''), apiKey };
}

function parseBaseUrl(text: string): URL | null {
  const parsed = URL.canParse(text) ? new URL(text) : null;
  return parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:') ? parsed : null;
}

/** The variable is commonly set without the version part. */
function withVersion(url: URL): string {
  const href = url.href.replace(/\/+$/, '');
  return /\/v\d+$/.test(href) ? href : `${href}/v1`;
}

function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);
}
