import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretKeeper, holdSecrets } from './held-secrets.ts';
import { resolveSecrets } from './resolve-secrets.ts';
import type { SecretReference } from './secret-reference.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'mesh-secrets-'));
  for (const folder of ['home', 'repository']) mkdirSync(path.join(root, folder));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const fromEnvironment = (variable: string): SecretReference => ({
  source: { kind: 'environment', variable },
  for: ['checks'],
  as: 'TOKEN',
});
const fromFile = (file: string): SecretReference => ({
  source: { kind: 'file', path: file },
  for: ['setup'],
  as: 'TOKEN',
});

async function resolveOne(reference: SecretReference, env: Record<string, string> = {}) {
  const surroundings = { env, home: path.join(root, 'home'), repository: path.join(root, 'repository') };
  return resolveSecrets({ T: reference }, surroundings);
}

function write(place: string, content: string | Buffer): string {
  const file = path.join(root, place);
  writeFileSync(file, content);
  return file;
}

describe('a reference', () => {
  it('to a variable has its value, to a file what is in it without the last line break', async () => {
    write('home/token', 'from a file\n\n');
    const secrets = [{ name: 'T', value: 'from here' }];
    expect(await resolveOne(fromEnvironment('X'), { X: 'from here' })).toEqual({ secrets, missing: [] });
    expect((await resolveOne(fromFile('~/token'))).secrets).toEqual([{ name: 'T', value: 'from a file\n' }]);
    expect((await resolveOne(fromFile(path.join(root, 'home/token')))).secrets).toHaveLength(1);
  });

  const refused: [string, () => SecretReference, RegExp][] = [
    ['a variable that is not set', () => fromEnvironment('NOT_THERE'), /^NOT_THERE is not set$/],
    ['a variable that is empty', () => fromEnvironment('EMPTY'), /^EMPTY is not set$/],
    [
      'a value that every text has',
      () => fromEnvironment('SHORT'),
      /^the variable SHORT has fewer than 6 bytes$/,
    ],
    ['a file that is not there', () => fromFile('~/none'), /^cannot read ~\/none: .*ENOENT/],
    ['a folder', () => fromFile('~/'), /is not a file$|EISDIR/],
    [
      'a file in the repository',
      () => fromFile(write('repository/token', 'in there')),
      /is in the repository$/,
    ],
    [
      'a link into the repository',
      () => {
        symlinkSync(write('repository/token', 'in there'), path.join(root, 'home/link'));
        return fromFile('~/link');
      },
      /^~\/link is in the repository$/,
    ],
    [
      'a file that is too large',
      () => fromFile(write('home/large', 'x'.repeat(9_000))),
      /more than 8192 bytes$/,
    ],
    [
      'a file that is no text',
      () => fromFile(write('home/bytes', Buffer.alloc(20, 0xff))),
      /is not UTF-8 text$/,
    ],
    ['a file with a NUL', () => fromFile(write('home/nul', 'abc\0defg')), /has a NUL in it$/],
  ];
  it.each(refused)('to %s is not there, with what to do', async (_, reference, problem) => {
    const { secrets, missing } = await resolveOne(reference(), { SHORT: 'abcde', EMPTY: '' });
    expect(secrets).toEqual([]);
    expect(missing).toMatchObject([{ name: 'T', problem: expect.stringMatching(problem) }]);
    expect(missing[0]?.hint).not.toBe('');
  });
});

describe('held secrets', () => {
  it('go to those alone who are named, and are known to the redactor whoever gets them', () => {
    const references = { A: fromEnvironment('X'), B: { ...fromFile('/b'), as: 'OTHER' } };
    const secrets = [
      { name: 'A', value: 'value-of-a' },
      { name: 'B', value: 'value-of-b' },
    ];
    const held = holdSecrets(createSecretKeeper(), references, { secrets, missing: [] });
    expect(held.variablesFor('checks')).toEqual({ TOKEN: 'value-of-a' });
    expect(held.variablesFor('setup')).toEqual({ OTHER: 'value-of-b' });
    expect(held.variablesFor('developer')).toEqual({});
    expect(held.redactor.redact('value-of-a value-of-b')).toBe('[secret:A] [secret:B]');
  });

  it('that are missing stop those who need them, and nobody else', () => {
    const missing = [{ name: 'A', problem: 'X is not set', hint: 'Set X.' }];
    const held = holdSecrets(createSecretKeeper(), { A: fromEnvironment('X') }, { secrets: [], missing });
    expect(held.variablesFor('developer')).toEqual({});
    expect(() => held.variablesFor('checks')).toThrow(
      expect.objectContaining({
        code: 'secret_missing',
        message: 'checks needs a secret that is not there: A (X is not set)',
        hint: 'Set X.',
        exitCode: 2,
      }),
    );
  });

  it('may come later, and are forgotten when they end', () => {
    const keeper = createSecretKeeper();
    const { redactor } = keeper;
    expect(redactor.isEmpty).toBe(true);
    const forget = keeper.add({ name: 'AGENT_KEY', value: 'key-of-an-agent' });
    expect(redactor.redact('key-of-an-agent')).toBe('[secret:AGENT_KEY]');
    expect(redactor.find('key-of-an-agent')).toEqual(['AGENT_KEY']);
    forget();
    expect(redactor.redact('key-of-an-agent')).toBe('key-of-an-agent');
  });
});
