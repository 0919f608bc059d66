/**
 * Takes secrets out of text that leaves this machine: those that are known, in every spelling in which they travel, and
 * what looks like one. Knows nothing of where they come from but the names that environments give them.
 */

const mask = '[secret]';
/** Shorter ones would take half of every text with them. */
const shortest = 4;
/** Of a Base64 run: shorter ones are in too many innocent words. */
const shortestEncoded = 8;

const secretNames =
  /(^|_)(api_?key|keys?|tokens?|secrets?|password|passwd|passphrase|credentials?|auth|cookie|dsn|pat|pgpassword)(_|$)|pgpassword|^database_url$/i;
/** Settings, not secrets, whatever the name says. */
const plainWords = /^(true|false|none|null|auto|yes|always|never|default|basic|bearer)$/i;

/** Things that look like secrets wherever they stand; `$1` stays. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, mask],
  [/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{12,}/g, mask],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|npm_|AKIA|AIza)[A-Za-z0-9_-]{10,}/g, mask],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g, mask],
  [/\b(bearer|basic)\s+[A-Za-z0-9+/_.~=-]{8,}/gi, `$1 ${mask}`],
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s/"']*@/gi, `$1:${mask}@`],
  [
    /([?&"'\s;](?:password|passwd|pwd|token|api[-_]?key|secret)["']?\s*[=:]\s*["']?)[^\s&"',;}]+/gi,
    `$1${mask}`,
  ],
];

export type Redact = (text: string) => string;

/** @param secrets in any order; empty and very short ones are ignored. */
export function createRedactor(secrets: readonly string[]): Redact {
  const spellings = new Set<string>();
  for (const secret of secrets) for (const each of spellingsOf(secret.trim())) spellings.add(each);
  // The longest first: a secret inside another must not leave the rest of it standing.
  const known = [...spellings].sort((a, b) => b.length - a.length).map(escapePattern);
  const knownPattern = known.length > 0 ? new RegExp(known.join('|'), 'gi') : null;
  return (text) => {
    let clean = knownPattern ? text.replace(knownPattern, mask) : text;
    for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
    return clean;
  };
}

/** Values of variables whose names say that they are secret, and passwords inside of addresses. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!value) continue;
    if (secretNames.test(name) && !plainWords.test(value)) found.push(value);
    found.push(...passwordsIn(value));
  }
  return found;
}

function passwordsIn(text: string): string[] {
  const found: string[] = [];
  for (const [, encoded = ''] of text.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s@]+)@/gi))
    found.push(encoded);
  for (const [, encoded = ''] of text.matchAll(/[?&]password=([^\s&]+)/gi)) found.push(encoded);
  return found.flatMap((encoded) => [encoded, decoded(encoded)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function spellingsOf(secret: string): string[] {
  if (secret.length < shortest) return [];
  const bytes = Buffer.from(secret);
  const texts = [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    ...base64Runs(bytes),
  ];
  return texts.flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** What Base64 makes of the bytes wherever they stand in a longer text: three alignments, without the shared ends. */
function base64Runs(bytes: Buffer): string[] {
  const runs: string[] = [];
  for (const offset of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const run = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    if (run.length >= shortestEncoded) runs.push(run);
  }
  return runs;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
