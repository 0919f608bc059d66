/** What the detectors of `init` read and find: plain data, and the one rule for turning an address into a host. */

export interface ProjectFiles {
  /** Paths relative to the repository, `/` between folders; usually `git ls-files`. */
  files: readonly string[];
  /** Undefined when it cannot be read as text. */
  readText(file: string): Promise<string | undefined>;
}

export interface DetectOptions {
  /** `host` or `host:port` of the registries that the person's package managers are configured for. */
  registryHosts: readonly string[];
  /** Python distributions that the machine already has, name → version; requirements they satisfy need no set-up. */
  pythonPackages?: Readonly<Record<string, string>>;
}

export interface DetectedSetup {
  run: string;
  lockfiles: string[];
  hosts: string[];
}

export interface DetectedCheck {
  name: string;
  run: string;
}

export interface DetectedProject {
  /** What was recognised, for the person: `npm (package-lock.json)`, `Python with pytest`. */
  kinds: string[];
  setup: DetectedSetup[];
  checks: DetectedCheck[];
  /** What the person should know or decide: one sentence each. */
  notes: string[];
}

/** One ecosystem in one folder, as its detector sees it: paths are relative to that folder. */
export interface Folder {
  files: ReadonlySet<string>;
  readText(file: string): Promise<string | undefined>;
  options: DetectOptions;
}

/** `host` or `host:port` of an address, for `hosts`; undefined when it is not an http(s) one. */
export function hostOfUrl(url: string): string | undefined {
  const parsed = URL.parse(url.replace(/^git\+/, ''));
  return parsed && /^https?:$/.test(parsed.protocol) && parsed.host !== '' ? parsed.host : undefined;
}
