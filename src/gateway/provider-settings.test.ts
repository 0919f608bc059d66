import { describe, expect, it } from 'vitest';
import { readProviderSettings } from './provider-settings.ts';

describe('the settings of a provider', () => {
  it('are its public address and the key from the environment', () => {
    expect(readProviderSettings({ ANTHROPIC_API_KEY: ' k ' }, 'anthropic')).toEqual({
      ok: true,
      baseUrl: 'https://api.anthropic.com/v1',
      apiKey: 'k',
    });
    expect(readProviderSettings({ OPENAI_API_KEY: 'k' }, 'openai-compatible')).toMatchObject({
      baseUrl: 'https://api.openai.com/v1',
    });
  });

  it('take another address, with or without the version part that Anthropic clients leave out', () => {
    for (const stated of ['http://127.0.0.1:9', 'http://127.0.0.1:9/', 'http://127.0.0.1:9/v1/']) {
      expect(
        readProviderSettings({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: stated }, 'anthropic'),
      ).toMatchObject({ ok: true, baseUrl: 'http://127.0.0.1:9/v1' });
    }
    expect(
      readProviderSettings(
        { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'https://x.test/api/' },
        'openai-compatible',
      ),
    ).toMatchObject({ baseUrl: 'https://x.test/api' });
  });

  it('name the variable that is missing in one line', () => {
    for (const [provider, variable] of [
      ['anthropic', 'ANTHROPIC_API_KEY'],
      ['openai-compatible', 'OPENAI_API_KEY'],
    ] as const) {
      const settings = readProviderSettings({ [variable]: '  ' }, provider);
      expect(settings).toMatchObject({ ok: false, message: expect.stringContaining(variable) });
      expect(settings.ok ? '' : settings.message).not.toContain('\n');
    }
  });

  it('need no key for a local server of the OpenAI protocol only', () => {
    for (const host of ['127.0.0.1:11434', 'localhost:8000', '[::1]:8000']) {
      const env = { OPENAI_BASE_URL: `http://${host}/v1`, ANTHROPIC_BASE_URL: `http://${host}` };
      expect(readProviderSettings(env, 'openai-compatible')).toMatchObject({ ok: true, apiKey: null });
      expect(readProviderSettings(env, 'anthropic').ok).toBe(false);
    }
    expect(
      readProviderSettings({ OPENAI_BASE_URL: 'https://localhost.evil.test/v1' }, 'openai-compatible').ok,
    ).toBe(false);
  });

  it('refuse an address that is none', () => {
    for (const stated of ['localhost:8000', 'file:///etc/passwd', 'nonsense']) {
      expect(
        readProviderSettings({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: stated }, 'openai-compatible'),
      ).toMatchObject({ ok: false, message: expect.stringContaining('OPENAI_BASE_URL') });
    }
  });
});
