import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registryEnvironment } from './registry-environment.ts';

describe('the registries of a person', () => {
  let bin: string;
  beforeEach(() => {
    bin = mkdtempSync(path.join(tmpdir(), 'mesh-npm-'));
  });
  afterEach(() => rmSync(bin, { recursive: true, force: true }));

  /** A stand-in for the person's npm, so that the test does not depend on the machine's settings. */
  function npmSays(text: string): { PATH: string } {
    const file = path.join(bin, 'npm');
    writeFileSync(file, `#!/bin/sh\nprintf '${text}'\n`);
    chmodSync(file, 0o755);
    return { PATH: `${bin}:/usr/bin:/bin` };
  }

  test('come from npm’s own settings, with their host and port', async () => {
    const env = npmSays('registry=https://packages.example:8443/npm/\\ncafile=/etc/ca.pem\\n');
    const found = await registryEnvironment(env);
    expect(found.env).toMatchObject({
      npm_config_registry: 'https://packages.example:8443/npm/',
      npm_config_cafile: '/etc/ca.pem',
    });
    expect(found.hosts.node).toEqual(['packages.example:8443']);
  });

  test('given in the environment win, and Python’s and Go’s are named too', async () => {
    const found = await registryEnvironment({
      ...npmSays('registry=https://other.example/\\ncafile=null\\n'),
      npm_config_registry: 'https://mine.example/',
      PIP_INDEX_URL: 'https://index.example/simple',
      GOPROXY: 'https://go.example,direct',
    });
    expect(found.hosts).toEqual({
      node: ['mine.example'],
      python: ['index.example'],
      go: ['go.example'],
      cargo: [],
    });
    expect(found.env.npm_config_cafile).toBeUndefined();
  });

  test('with a password in their address stay outside', async () => {
    const found = await registryEnvironment({
      ...npmSays('registry=https://me:secret@packages.example/\\n'),
      PIP_INDEX_URL: 'https://me:secret@index.example/simple',
    });
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  test('are none where there is no npm, and other variables are not handed on', async () => {
    const found = await registryEnvironment({ PATH: '/nonexistent', ANTHROPIC_API_KEY: 'k' });
    expect(found).toEqual({ env: {}, hosts: { node: [], python: [], go: [], cargo: [] } });
  });
});
