import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { samples } from '../../test/fixtures/sample-projects.ts';
import { detectProject } from './detect-project.ts';
import { loadPolicy } from './load-policy.ts';
import { renderMeshYaml } from './render-mesh-yaml.ts';

function detect(files: Record<string, string>) {
  const project = { files: Object.keys(files), readText: async (file: string) => files[file] };
  return detectProject(project, { registryHosts: ['registry.example:4873'] });
}

describe('the mesh.yaml that init writes', () => {
  async function loadRendered(text: string) {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'mesh-render-'));
    try {
      mkdirSync(path.join(dir, '.mesh'));
      writeFileSync(path.join(dir, '.mesh/mesh.yaml'), text);
      writeFileSync(path.join(dir, 'scenario.yaml'), 'name: x\n');
      return await loadPolicy(dir, { defaults: { project: 'd', targetBranch: 'd', registryHosts: [] } });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  it.each(Object.keys(samples))('loads back without a diagnostic for %s', async (kind) => {
    const detected = await detect(samples[kind] ?? {});
    const { value, diagnostics } = await loadRendered(
      renderMeshYaml(detected, { project: 'shop', targetBranch: 'main' }),
    );
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({ project: 'shop', targetBranch: 'main' });
    expect(value?.profile.checks.map(({ name, run }) => ({ name, run }))).toEqual(detected.checks);
    expect(value?.profile.setup.map(({ run, lockfiles, hosts }) => ({ run, lockfiles, hosts }))).toEqual(
      detected.setup,
    );
  });

  it('carries names and commands that YAML would read otherwise', async () => {
    const odd = {
      kinds: [],
      setup: [],
      checks: [
        { name: 'yes', run: 'echo "a: b" # c' },
        { name: '12', run: "sh -c 'x & y' | {cat}" },
      ],
      notes: ['a note: with\na break'],
    };
    const { value, diagnostics } = await loadRendered(
      renderMeshYaml(odd, { project: '007', targetBranch: 'feature/#1 x' }),
    );
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({ project: '007', targetBranch: 'feature/#1 x' });
    expect(value?.profile.checks.map(({ name, run }) => ({ name, run }))).toEqual(odd.checks);
  });

  it('is right for every provider and baseline, too', async () => {
    const detected = await detect(samples.npm ?? {});
    const names = { project: 'shop', targetBranch: 'main' };
    const scripted = await loadRendered(
      renderMeshYaml(detected, { ...names, provider: 'scripted', scenario: 'scenario.yaml' }),
    );
    expect(scripted.diagnostics).toEqual([]);
    const other = await loadRendered(
      renderMeshYaml(detected, {
        ...names,
        provider: 'openai-compatible',
        model: 'm',
        flow: 'solo',
        agent: 'claude-code',
        baseline: 'no_worse',
      }),
    );
    expect(other.diagnostics).toEqual([]);
    expect(other.value).toMatchObject({
      models: { default: 'm' },
      team: { flow: 'solo', agent: 'claude-code' },
      profile: { baseline: 'no_worse' },
    });
  });

  it('without any check says so when it is loaded, and is valid all the same', async () => {
    const { value, diagnostics } = await loadRendered(
      renderMeshYaml(await detect({}), { project: 'empty', targetBranch: 'main' }),
    );
    expect(value).toBeDefined();
    expect(diagnostics.map((each) => each.severity)).toEqual(['warning']);
  });
});
