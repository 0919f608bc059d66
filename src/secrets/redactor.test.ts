import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spellingsOf } from '../../test/secrets/spellings.ts';
import { createRedactor, noSecrets } from './redactor.ts';

const tokens = {
  PLAIN: 'npm_a8Fk29sLq0Zx7Tt41mWc',
  REGEX: '.*+?^$' + '{}()|[]\\/-',
  QUOTED: 'say "hi"\tto <all> & sundry',
  ESCAPED: 'literally %41\\u0042&amp;C',
  UNICODE: 'pässwörd-😀-ключ',
  ALPHABETS: '~~~???>>>~~',
  SHORT: 'k3y!%_',
};
const secrets = Object.entries(tokens).map(([name, value]) => ({ name, value }));
const redactor = createRedactor(secrets);

describe('a redactor', () => {
  for (const { name, value } of secrets) {
    it(`takes ${name} out in every listed form, and names it`, () => {
      for (const { form, text } of spellingsOf(value)) {
        const clean = redactor.redact(`before ${text} behind`);
        expect({ form, clean, names: redactor.find(text) }).toMatchObject({
          clean: expect.stringContaining(`[secret:${name}]`),
          names: [name],
        });
        expect(clean.includes(text), form).toBe(false);
        expect(clean).toMatch(/^before .* behind$/s);
        expect(redactor.redact(clean), form).toBe(clean);
      }
    });

    it(`finds ${name} in bytes of any kind`, () => {
      for (const { form, text } of spellingsOf(value)) {
        const bytes = Buffer.concat([
          Buffer.from([0xff, 0, 0xc3]),
          Buffer.from(text),
          Buffer.from([0xff, 0]),
        ]);
        expect({ form, names: redactor.find(bytes) }).toEqual({ form, names: [name] });
      }
    });
  }

  it('leaves everything else as it was', () => {
    const text = `${'npm_a8Fk29sLq0Zx7Tt41mW'} 6e706d5f %6e%70%6d &amp; \\u0041 \\" bnBtX2E4Rms= ü 😀`;
    expect(redactor.redact(text)).toBe(text);
    expect(redactor.find(text)).toEqual([]);
  });

  it('replaces what overlaps as one, under the name of the longer', () => {
    const both = createRedactor([
      { name: 'ONE', value: 'abcdefgh' },
      { name: 'TWO', value: 'fghijklmnop' },
      { name: 'INNER', value: 'cdefgh' },
    ]);
    expect(both.redact('>abcdefghijklmnop<')).toBe('>[secret:TWO]<');
    expect(both.redact('>abcdefgh<')).toBe('>[secret:ONE]<');
    expect(both.find('abcdefgh ijklmnop fghijklmnop')).toEqual(['ONE', 'TWO']);
  });

  it('does not look into its own placeholders', () => {
    const nested = createRedactor([
      { name: 'secret_name', value: 'the-value' },
      { name: 'OTHER', value: 'secret' },
    ]);
    expect(nested.redact('the-value secret')).toBe('[secret:secret_name] [secret:OTHER]');
    expect(nested.redact('[secret:secret_name] [secret:OTHER]')).toBe('[secret:secret_name] [secret:OTHER]');
    expect(nested.find('[secret:secret_name]')).toEqual([]);
  });

  it('knows the lines of a key that has several, but not the lines around it', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEF'}\n${'AASCBKcwggSjAgEAAoIBAQDHZZ9s'}\n-----END PRIVATE KEY-----`;
    const keys = createRedactor([{ name: 'KEY', value: key }]);
    expect(keys.redact(`x ${key}`)).toBe('x [secret:KEY]');
    expect(keys.redact('2: AASCBKcwggSjAgEAAoIBAQDHZZ9s')).toBe('2: [secret:KEY]');
    expect(keys.redact('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
  });

  it('redacts each text of a JSON value, keys too, and keeps a value without secrets as it is', () => {
    const clean = { a: [1, null, { b: 'c' }] };
    expect(redactor.redactJson(clean)).toBe(clean);
    expect(redactor.redactJson({ [tokens.PLAIN]: [tokens.QUOTED, 7, true] })).toEqual({
      '[secret:PLAIN]': ['[secret:QUOTED]', 7, true],
    });
  });

  it('holds wherever in a text a secret stands, and does nothing a second time', () => {
    const text = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.constantFrom(...secrets.flatMap(({ value }) => spellingsOf(value).map((each) => each.text))),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(text, (parts) => {
        const clean = redactor.redact(parts.join(' | '));
        expect(redactor.redact(clean)).toBe(clean);
        expect(secrets.filter(({ value }) => clean.includes(value))).toEqual([]);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('knows nothing without secrets, and ignores what is too short to be one', () => {
    expect(createRedactor([{ name: 'A', value: 'abcde' }])).toBe(noSecrets);
    expect(noSecrets.redact('abcde')).toBe('abcde');
  });
});
