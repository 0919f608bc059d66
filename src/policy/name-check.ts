/** Names for checks that a person wrote as a bare command line: the word that tells them apart. Pure. */

export interface NamedCheck {
  name: string;
  run: string;
  timeout_minutes?: number | undefined;
}

/** Given names stay; derived ones that collide get `-2`, `-3`…. */
export function nameChecks(checks: readonly (string | NamedCheck)[]): NamedCheck[] {
  const taken = new Set(checks.flatMap((check) => (typeof check === 'string' ? [] : [check.name])));
  return checks.map((check) => {
    if (typeof check !== 'string') return check;
    const base = nameOfCommand(check);
    let name = base;
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
    taken.add(name);
    return { name, run: check };
  });
}

const runners =
  /^(npm|pnpm|yarn|cargo|go|make|npx|poetry|uv|run|exec|env|python3?|-m|-s|\S*\/python3?|[A-Z_]+=\S*)$/;

/** `npm run lint` → `lint`; `.venv/bin/python -m pytest -q` → `pytest`; `cd web && npm test` → `web-test`. */
export function nameOfCommand(run: string): string {
  const folder = /^cd +(\S+) *&& */.exec(run);
  const words = run
    .slice(folder?.[0].length ?? 0)
    .split(/\s+/)
    .filter(Boolean);
  const telling = words.find((word) => !runners.test(word)) ?? words.at(-1) ?? 'check';
  const plain = (text: string) =>
    text
      .replace(/^.*\/(?=[^/]+$)/, '')
      .replace(/[^A-Za-z0-9:._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+|-+$/g, '');
  return [folder?.[1], telling].flatMap((part) => (part ? [plain(part)] : [])).join('-') || 'check';
}
