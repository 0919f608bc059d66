import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { channelSecrets } from './channels-schema.ts';
import { explainPolicy } from './explain-policy.ts';
import { loadPolicy } from './load-policy.ts';

const fixtures = path.join(import.meta.dirname, '../../test/fixtures/policy');
const defaults = { project: 'orders', targetBranch: 'main', registryHosts: ['registry.example:4873'] };

describe('a mistake in mesh.yaml', () => {
  it.each(readdirSync(fixtures))('%s is told at its place', async (mistake) => {
    const dir = path.join(fixtures, mistake);
    const { value, diagnostics } = await loadPolicy(dir, { defaults });
    const expected = readFileSync(path.join(dir, 'expected.txt'), 'utf8').trimEnd();
    expect(diagnostics.map(formatDiagnostic).join('\n')).toBe(expected);
    expect(value === undefined).toBe(diagnostics.some((each) => each.severity === 'error'));
  });
});

describe('a mesh.yaml that is right', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'mesh-policy-'));
    mkdirSync(path.join(dir, '.mesh'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  async function load(text: string) {
    writeFileSync(path.join(dir, '.mesh/mesh.yaml'), text);
    const loaded = await loadPolicy(dir, { defaults });
    expect(loaded.diagnostics.map(formatDiagnostic)).toEqual([]);
    if (!loaded.value) throw new Error('no policy');
    return { policy: loaded.value, loaded };
  }

  it('needs a version and a check; everything else has a default', async () => {
    const { policy } = await load('version: 1\nchecks: [npm test]\n');
    expect(policy).toMatchObject({
      project: 'orders',
      targetBranch: 'main',
      models: { provider: 'anthropic', scenario: null, aliases: { opus: expect.stringContaining('opus') } },
      ceilings: { itemMicroUsd: 2_000_000, agentMicroUsd: 1_000_000 },
      limits: { itemsAtOnce: 1 },
      team: { flow: 'trio', seats: {} },
      profile: { setup: [], checks: [{ name: 'test', run: 'npm test' }], baseline: 'refuse' },
      cells: { driver: 'auto', allowNoIsolation: false },
      channels: { slack: null, webhook: null },
      packs: [],
      prices: {},
    });
  });

  it('says where people are asked, and where the tokens are', async () => {
    const { policy } = await load(`version: 1
checks: [npm test]
channels:
  slack: { mode: http, bot_token: { env: SLACK_BOT_TOKEN }, signing_secret: { file: ~/slack-secret } }
  webhook: { url: "https://hooks.example/mesh", secret: { env: MESH_HOOK }, port: 3011 }
`);
    expect(policy.channels).toMatchObject({
      slack: {
        mode: 'http',
        port: 3010,
        apiUrl: null,
        botToken: { source: { kind: 'environment', variable: 'SLACK_BOT_TOKEN' }, for: [] },
        signingSecret: { source: { kind: 'file', path: '~/slack-secret' } },
      },
      webhook: { url: 'https://hooks.example/mesh', port: 3011 },
    });
    expect(Object.keys(channelSecrets(policy.channels))).toEqual([
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET',
      'WEBHOOK_SECRET',
    ]);
  });

  it('of ten lines sets what it says, in the units of the engine', async () => {
    const { policy } = await load(`version: 1
target: next
ceilings: { item_usd: $0.5 }
team: { flow: feature, seats: { developer: 2 } }
setup: [npm ci]
checks:
  - npm run lint
  - { name: unit, run: npm test, timeout_minutes: 2.5 }
limits: { command_minutes: 3, step_minutes: 1 }
prices: { local-1.5: { input_usd_per_million: 0.3, output_usd_per_million: "1" } }
`);
    expect(policy.targetBranch).toBe('next');
    expect(policy.ceilings).toMatchObject({ itemMicroUsd: 500_000, agentMicroUsd: 500_000 });
    expect(policy.team).toEqual({ flow: 'feature', agent: null, seats: { developer: 2 } });
    expect(policy.profile.setup).toEqual([
      {
        run: 'npm ci',
        lockfiles: ['package.json', 'package-lock.json'],
        hosts: ['registry.example:4873'],
        timeoutMs: 900_000,
      },
    ]);
    expect(policy.profile.checks).toEqual([
      { name: 'lint', run: 'npm run lint', timeoutMs: 180_000 },
      { name: 'unit', run: 'npm test', timeoutMs: 150_000 },
    ]);
    expect(policy.limits).toMatchObject({ commandTimeoutMs: 180_000, stepTimeoutMs: 60_000 });
    expect(policy.prices).toEqual({
      'local-1.5': {
        inputMicroUsd: 300_000,
        outputMicroUsd: 1_000_000,
        cacheReadMicroUsd: 300_000,
        cacheWriteMicroUsd: 600_000,
      },
    });
  });

  it('keeps hosts and lockfiles exactly as the person wrote them, none included', async () => {
    const { policy } = await load(
      'version: 1\nsetup: [{ run: npm ci, hosts: [], lockfiles: [a/lock] }]\nchecks: [x]\n',
    );
    expect(policy.profile.setup[0]).toMatchObject({ hosts: [], lockfiles: ['a/lock'] });
  });

  it('cannot be changed afterwards', async () => {
    const { policy } = await load('version: 1\nchecks: [npm test]\n');
    expect(() => Object.assign(policy.ceilings, { itemMicroUsd: 9 })).toThrow(TypeError);
    expect(() => Object.assign(policy.models.aliases, { opus: 'x' })).toThrow(TypeError);
  });

  it('puts another maker’s default model behind the short names of role files', async () => {
    const { policy } = await load(
      'version: 1\nmodels: { provider: openai-compatible, default: m-1, aliases: { opus: m-2 } }\nchecks: [x]\n',
    );
    expect(policy.models.aliases).toEqual({ opus: 'm-2', sonnet: 'm-1', haiku: 'm-1' });
  });

  it('takes the scenario of the scripted provider from the repository', async () => {
    writeFileSync(path.join(dir, 'scenario.yaml'), 'name: x\n');
    const { policy } = await load(
      'version: 1\nmodels: { provider: scripted, scenario: scenario.yaml }\nchecks: [x]\n',
    );
    expect(policy.models).toMatchObject({ provider: 'scripted', scenario: 'scenario.yaml' });
  });

  it('tells where each setting stands, also when its key contains dots', async () => {
    const { loaded } = await load(
      'version: 1\nmodels:\n  default: m-1.5\nchecks: [a, b]\nprices:\n  m-1.5: { input_usd_per_million: 1, output_usd_per_million: 2 }\n',
    );
    expect(loaded.locate('models.default')).toEqual({ file: '.mesh/mesh.yaml', line: 3, col: 12 });
    expect(loaded.locate('checks[1]')).toMatchObject({ line: 4, col: 13 });
    expect(loaded.locate(['prices', 'm-1.5'])).toMatchObject({ line: 6, col: 10 });
    expect(loaded.isWritten('models.default')).toBe(true);
    expect(loaded.isWritten('models.provider')).toBe(false);
    expect(loaded.locate('models.provider')).toMatchObject({ line: 3 });
  });

  it('is explained row by row with who set it', async () => {
    const { policy, loaded } = await load(
      'version: 1\nceilings:\n  item_usd: 3\nchecks: [npm test]\nprices:\n  m-1.5: { input_usd_per_million: 1, output_usd_per_million: 2 }\n',
    );
    const rows = explainPolicy(policy, loaded);
    expect(rows).toContainEqual({ key: 'ceilings.item_usd', value: '$3.00', source: '.mesh/mesh.yaml:3' });
    expect(rows).toContainEqual({ key: 'ceilings.agent_usd', value: '$1.00', source: 'default' });
    expect(rows).toContainEqual({ key: 'checks[0]', value: 'test: npm test', source: '.mesh/mesh.yaml:4' });
    expect(rows.find((row) => row.key === 'prices.m-1.5')?.source).toBe('.mesh/mesh.yaml:6');
  });
});
