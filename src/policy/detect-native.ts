/** cargo, go, and — where nothing else says how — make. */
import { type DetectedProject, type Folder, hostOfUrl } from './detection.ts';

export async function detectCargo(folder: Folder): Promise<DetectedProject | undefined> {
  const manifest = await folder.readText('Cargo.toml');
  if (manifest === undefined) return undefined;
  const lock = folder.files.has('Cargo.lock') ? ((await folder.readText('Cargo.lock')) ?? '') : undefined;
  // In a lockfile only packages from elsewhere have a source; a workspace of its own crates fetches nothing.
  const sources = [...(lock ?? '').matchAll(/^source = "[a-z]+\+([^"]+)"/gm)].flatMap(
    (match) => match[1] ?? [],
  );
  const fetches =
    lock === undefined ? /^\[(.*\.)?(dev-|build-)?dependencies\b/m.test(manifest) : sources.length > 0;
  const ownHosts = sources.flatMap((url) => hostOfUrl(url.replace(/^sparse\+/, '')) ?? []);
  const hosts = [...new Set([...ownHosts, ...folder.options.registryHosts])].sort();
  const notes: string[] = [];
  if (fetches && folder.options.registryHosts.length === 0)
    notes.push('cargo downloads from hosts that Cargo.lock does not name: add them under `setup` → `hosts`');
  return {
    kinds: [`cargo (${lock === undefined ? 'no lockfile' : 'Cargo.lock'})`],
    setup: fetches
      ? [
          {
            run: lock === undefined ? 'cargo fetch' : 'cargo fetch --locked',
            lockfiles: [lock === undefined ? 'Cargo.toml' : 'Cargo.lock'],
            hosts,
          },
        ]
      : [],
    checks: [
      { name: 'format', run: 'cargo fmt --check' },
      { name: 'lint', run: 'cargo clippy --all-targets -- -D warnings' },
      { name: 'test', run: 'cargo test' },
    ],
    notes,
  };
}

export async function detectGo(folder: Folder): Promise<DetectedProject | undefined> {
  const manifest = await folder.readText('go.mod');
  if (manifest === undefined) return undefined;
  const isVendored = folder.files.has('vendor/modules.txt');
  const fetches = /^\s*require\b/m.test(manifest) && !isVendored;
  const hosts = [...folder.options.registryHosts];
  const notes: string[] = [];
  if (fetches && hosts.length === 0)
    notes.push('no module proxy host is known: name it under `setup` → `hosts`');
  return {
    kinds: [`go${isVendored ? ' (vendored)' : ''}`],
    setup: fetches
      ? [
          {
            run: 'go mod download',
            lockfiles: ['go.mod', ...(folder.files.has('go.sum') ? ['go.sum'] : [])],
            hosts,
          },
        ]
      : [],
    checks: [
      { name: 'vet', run: 'go vet ./...' },
      { name: 'test', run: 'go test ./...' },
    ],
    notes,
  };
}

export async function detectMake(folder: Folder): Promise<DetectedProject | undefined> {
  const file = ['GNUmakefile', 'makefile', 'Makefile'].find((each) => folder.files.has(each));
  const text = file === undefined ? undefined : await folder.readText(file);
  if (text === undefined) return undefined;
  const targets = ['lint', 'check', 'test'].filter((target) =>
    new RegExp(`^${target}\\s*::?(?!=)`, 'm').test(text),
  );
  if (targets.length === 0) return undefined;
  return {
    kinds: ['make'],
    setup: [],
    checks: targets.map((target) => ({ name: target, run: `make ${target}` })),
    notes: [],
  };
}
