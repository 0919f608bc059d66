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
  const npm = await npmSettings(source);
  const registry = env.npm_config_registry ?? env.NPM_CONFIG_REGISTRY ?? npm.get('registry') ?? null;
  if (registry) env.npm_config_registry = registry;
  const certificates = npm.get('cafile');
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

/** What the person's npm is set to, outside any project; empty when there is no npm. */
async function npmSettings(
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadonlyMap<string, string>> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry', 'cafile'], {
      cwd: homedir(),
      env: { ...env, npm_config_loglevel: 'silent' } as NodeJS.ProcessEnv,
      timeout: 10_000,
    });
    return new Map(stdout.split('\n').flatMap(parseSetting));
  } catch {
    return new Map();
  }
}

/** `name=value`; settings that are not set, and addresses with a password, are left out. */
function parseSetting(line: string): [string, string][] {
  const [, name, value] = /^(\w+)=(.+)$/.exec(line.trim()) ?? [];
  if (name === undefined || value === undefined) return [];
  return value === 'null' || value === 'undefined' || hasPassword(value) ? [] : [[name, value]];
}
