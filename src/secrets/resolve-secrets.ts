/** Reads the values that references name, once, at the edge. What cannot be used is said without its value. */
import { isUtf8 } from 'node:buffer';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import { longestSecret, type Secret, shortestSecret } from './secret.ts';
import { describeSource, type SecretReference } from './secret-reference.ts';

export interface SecretSurroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** What `~` stands for. */
  home: string;
  /** The user's repository: agents see it, so no secret may come from it. */
  repository: string;
}

export interface MissingSecret {
  name: string;
  /** What is wrong with which source. */
  problem: string;
  hint: string;
}

export interface ResolvedSecrets {
  secrets: Secret[];
  missing: MissingSecret[];
}

export async function resolveSecrets(
  references: Readonly<Record<string, SecretReference>>,
  surroundings: SecretSurroundings,
): Promise<ResolvedSecrets> {
  const resolved: ResolvedSecrets = { secrets: [], missing: [] };
  for (const [name, reference] of Object.entries(references)) {
    const read = await readSource(reference, surroundings);
    const unfit = 'problem' in read ? read : judgeValue(read.value, reference);
    if (unfit) resolved.missing.push({ name, ...unfit });
    else if ('value' in read) resolved.secrets.push({ name, value: read.value });
  }
  return resolved;
}

type Unfit = Omit<MissingSecret, 'name'>;

async function readSource(
  { source }: SecretReference,
  { env, home, repository }: SecretSurroundings,
): Promise<{ value: string } | Unfit> {
  if (source.kind === 'file') return readSecretFile(source.path, { home, repository });
  const value = env[source.variable];
  if (value) return { value };
  return {
    problem: `${source.variable} is not set`,
    hint: `export ${source.variable}=… and run the command again.`,
  };
}

async function readSecretFile(
  given: string,
  { home, repository }: { home: string; repository: string },
): Promise<{ value: string } | Unfit> {
  const hint = `Put the value alone into ${given}, readable for you only.`;
  try {
    const file = await realpath(given.startsWith('~/') ? path.join(home, given.slice(2)) : given);
    const below = path.relative(await realpath(repository), file);
    if (!below.startsWith('..') && !path.isAbsolute(below)) {
      return { problem: `${given} is in the repository`, hint: 'Move it out: agents read what is in there.' };
    }
    const handle = await open(file);
    try {
      if (!(await handle.stat()).isFile()) return { problem: `${given} is not a file`, hint };
      // One more than may be there, and a line break behind it.
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(longestSecret + 3),
        0,
        longestSecret + 3,
        0,
      );
      const bytes = buffer.subarray(0, bytesRead);
      if (!isUtf8(bytes) && bytesRead <= longestSecret)
        return { problem: `${given} is not UTF-8 text`, hint };
      return { value: bytes.toString('utf8').replace(/\r?\n$/, '') };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { problem: `cannot read ${given}: ${messageOf(error)}`, hint };
  }
}

/** Null: it can be one. */
function judgeValue(value: string, reference: SecretReference): Unfit | null {
  const bytes = Buffer.byteLength(value);
  const source = describeSource(reference);
  if (bytes < shortestSecret) {
    return {
      problem: `${source} has fewer than ${shortestSecret} bytes`,
      hint: 'So short a value cannot be kept out of texts without shredding them; use a longer one.',
    };
  }
  if (bytes > longestSecret) {
    return {
      problem: `${source} has more than ${longestSecret} bytes`,
      hint: 'Keep one secret in it, nothing else.',
    };
  }
  if (value.includes('\0'))
    return { problem: `${source} has a NUL in it`, hint: 'No variable can hold one.' };
  return null;
}
