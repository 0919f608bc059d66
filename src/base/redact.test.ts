import { describe, expect, test } from 'vitest';
import { createRedactor, secretsOfEnvironment } from './redact.ts';

const secret = 'canary/Zürich+7f3a9b2c';
const redact = createRedactor([secret]);

describe('createRedactor', () => {
  const spellings: Record<string, string> = {
    'as it is': secret,
    'in an address': encodeURIComponent(secret),
    'in JSON': JSON.stringify({ a: secret }),
    'in hex': Buffer.from(secret).toString('hex'),
    'in upper-case hex': Buffer.from(secret).toString('hex').toUpperCase(),
    'in Base64': Buffer.from(secret).toString('base64'),
    'in Base64 for addresses': Buffer.from(secret).toString('base64url'),
    'in Base64 after one byte': Buffer.from(`x${secret}`).toString('base64'),
    'in Base64 after two bytes': Buffer.from(`xy${secret} and more`).toString('base64'),
  };
  test.each(Object.entries(spellings))('takes a secret out %s', (_, spelling) => {
    const clean = redact(`before ${spelling} after`);
    expect(clean).toMatch(/^before .*\[secret\].* after$/);
    expect(clean).not.toMatch(/canary|7f3a9b2c/i);
    for (const other of Object.values(spellings)) expect(clean).not.toContain(other.slice(4, -4));
  });

  test('takes the longer of two secrets that overlap whole', () => {
    expect(createRedactor(['abcdef', 'abcdef-ghijkl'])('x abcdef-ghijkl y')).toBe('x [secret] y');
  });

  test('leaves other text alone, also with secrets of special characters and very short ones', () => {
    const text = 'item 3 of orders-api: 2 of 43 tests failed (a.b*c)';
    expect(createRedactor(['.*+?^$()|[]\\{}', 'it', ''])(text)).toBe(text);
  });

  const looks: [string, string][] = [
    ['Authorization: Bearer abcdef123456', 'Authorization: Bearer [secret]'],
    ['postgres://ada:hunter22@db/x', 'postgres://ada:[secret]@db/x'],
    ['GET /x?token=abc123&y=1', 'GET /x?token=[secret]&y=1'],
    ['key sk-ant-api03-abcdefghijkl', 'key [secret]'],
    ['ghp_abcdefghijklmnop', '[secret]'],
    ['{"password":"hunter22"}', '{"password":"[secret]"}'],
  ];
  test.each(looks)('takes out what looks like a secret: %s', (text, clean) => {
    expect(createRedactor([])(text)).toBe(clean);
  });
});

test('secrets of an environment are those with telling names, and passwords in addresses', () => {
  const found = secretsOfEnvironment({
    ANTHROPIC_API_KEY: 'k1-value',
    GITHUB_TOKEN: 't1-value',
    HTTPS_PROXY: 'http://me:p%40ss@proxy:1',
    PATH: '/usr/bin',
    EMPTY_TOKEN: '',
    PWD: '/work/project',
    KEYBOARD: 'qwerty',
    USE_AUTH: 'always',
  });
  expect(found).toEqual(['k1-value', 't1-value', 'p%40ss', 'p@ss']);
});
