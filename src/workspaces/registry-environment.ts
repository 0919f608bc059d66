/**
 * Which package registries this person's own package managers use, and the environment that makes them use the same
 * inside a cell. Read from the person's configuration, never from a repository.
 */
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';

export interface RegistryEnvironment {
  env: Record<string, string>;
  /** Host names per kind of package, with a port where the address has one. */
  hosts: { node: string[]; python: string[]; go: string[]; cargo: string[] };
}

/** Settings that name a registry or the certificates to reach it; none of them is a secret. */
const passedOn = [
  'npm_config_registry',
  'NPM_CONFIG_REGISTRY',
  'YARN_REGISTRY',
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'UV_INDEX_URL',
  'GOPROXY',
  'GONOSUMDB',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'PIP_CERT',
  'CARGO_HTTP_CAINFO',
  'GIT_SSL_CAINFO',
];

export async function registryEnvironment(
  source: Readonly<Record<string, string | undefined>>,
): Promise<RegistryEnvironment> {
  const env: Record<string, string> = {};
  for (const name of passedOn) {
    const value = source[name];
    if (value && !hasPassword(value)) env[name] = value;
  }
  const registry =
    env.npm_config_registry ?? env.NPM_CONFIG_REGISTRY ?? (await npmSetting('registry', source));
  if (registry) env.npm_config_registry = registry;
  const certificates = await npmSetting('cafile', source);
  if (certificates) env.npm_config_cafile = certificates;
  const hosts = {
    node: hostsOf([registry]),
    python: hostsOf([env.PIP_INDEX_URL, env.PIP_EXTRA_INDEX_URL, env.UV_INDEX_URL]),
    go: hostsOf((env.GOPROXY ?? '').split(/[,|]/)),
    cargo: [],
  };
  return { env, hosts };
}

function hostsOf(addresses: readonly (string | null | undefined)[]): string[] {
  return [...new Set(addresses.flatMap((each) => (each && URL.canParse(each) ? [new URL(each).host] : [])))];
}

/** A registry address with a password in it stays outside of cells. */
function hasPassword(value: string): boolean {
  return URL.canParse(value) && new URL(value).password !== '';
}

/** One setting of the person's npm, outside any project; null when npm is missing or has none. */
async function npmSetting(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', name], {
      cwd: homedir(),
      env: { ...env, npm_config_loglevel: 'silent' } as NodeJS.ProcessEnv,
      timeout: 10_000,
    });
    const value = stdout.trim();
    return value === '' || value === 'null' || value === 'undefined' || hasPassword(value) ? null : value;
  } catch {
    return null;
  }
}
