import { describe, expect, it } from 'vitest';
import { json, npmLock, samples } from '../../test/fixtures/sample-projects.ts';
import { detectProject } from './detect-project.ts';
import type { DetectOptions } from './detection.ts';

const registry = 'registry.example:4873';

function detect(files: Record<string, string>, options: Partial<DetectOptions> = {}) {
  const project = { files: Object.keys(files), readText: async (file: string) => files[file] };
  return detectProject(project, { registryHosts: [registry], ...options });
}

describe('detection', () => {
  it('takes npm from its lockfile, with the scripts that check and the hosts of the packages', async () => {
    expect(await detect(samples.npm ?? {})).toEqual({
      kinds: ['npm (package-lock.json)'],
      setup: [
        {
          run: 'npm ci --no-audit --no-fund',
          lockfiles: ['package-lock.json'],
          hosts: ['packages.example', registry],
        },
      ],
      checks: [
        { name: 'format', run: 'npm run format:check' },
        { name: 'lint', run: 'npm run lint' },
        { name: 'typecheck', run: 'npm run typecheck' },
        { name: 'build', run: 'npm run build' },
        { name: 'test', run: 'npm test' },
      ],
      notes: [],
    });
  });

  it('installs without a lockfile too, and says what that means', async () => {
    const found = await detect({
      'package.json': json({ dependencies: { a: '1' }, scripts: { test: 'x' } }),
    });
    expect(found.setup).toEqual([
      { run: 'npm install --no-audit --no-fund', lockfiles: ['package.json'], hosts: [registry] },
    ]);
    expect(found.notes).toEqual(['there is no lockfile, so two set-ups may differ; commit one']);
  });

  it('sets nothing up for a package without dependencies', async () => {
    const found = await detect({ 'package.json': json({ scripts: { test: 'node --test' } }) });
    expect(found.setup).toEqual([]);
    expect(found.checks).toEqual([{ name: 'test', run: 'npm test' }]);
  });

  it('leaves the placeholder test of `npm init` out and says that nothing checks', async () => {
    const found = await detect({
      'package.json': json({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }),
    });
    expect(found.checks).toEqual([]);
    expect(found.notes).toEqual([
      "the `test` script is npm's placeholder and is left out",
      'no check was found: list at least the test command under `checks`',
    ]);
  });

  it('knows pnpm and both generations of yarn by their files', async () => {
    expect((await detect(samples.pnpm ?? {})).setup[0]?.run).toBe('pnpm install --frozen-lockfile');
    const yarn = await detect(samples.yarn ?? {});
    expect(yarn.setup[0]).toMatchObject({
      run: 'yarn install --frozen-lockfile',
      hosts: [registry, 'yarn-packages.example'],
    });
    const berry = { ...samples.yarn, 'yarn.lock': '__metadata:\n  version: 8\n' };
    expect((await detect(berry)).setup[0]?.run).toBe('yarn install --immutable');
  });

  it('survives a package.json that is not JSON', async () => {
    expect((await detect({ 'package.json': '{' })).notes[0]).toBe('package.json is not valid JSON');
  });

  it('gives Python requirements a virtual environment and runs the checks in it', async () => {
    const found = await detect(samples.python ?? {});
    expect(found.setup).toEqual([
      {
        run: 'python3 -m venv --system-site-packages .venv && .venv/bin/pip install -r requirements.txt',
        lockfiles: ['requirements.txt'],
        hosts: [registry],
      },
    ]);
    expect(found.checks).toEqual([
      { name: 'lint', run: 'ruff check .' },
      { name: 'typecheck', run: 'mypy .' },
      { name: 'test', run: '.venv/bin/python -m pytest -q' },
    ]);
  });

  it.each([
    ['requests', '1.0', true],
    ['Requests_X>=2.9', '2.10', true],
    ['requests==2.0', '2', true],
    ['requests>=2.1', '2.0.9', false],
    ['requests~=2.0', '2.0', false],
    ['requests[socks]', '2.0', false],
  ])('with %s and %s on the machine: nothing to install is %s', async (line, version, isNothing) => {
    const found = await detect(
      { 'requirements.txt': `${line}\n`, 'test_a.py': 'import unittest\n' },
      { pythonPackages: { requests: version, 'requests-x': version } },
    );
    expect(found.setup.length === 0).toBe(isNothing);
  });

  it('uses unittest where nothing speaks of pytest, and names the folder that discovery would miss', async () => {
    const plain = {
      'app.py': '',
      'tests/test_app.py': 'import unittest\nclass T(unittest.TestCase):\n  def test_x(self): pass\n',
    };
    expect((await detect(plain)).checks).toEqual([
      { name: 'test', run: 'python3 -m unittest discover -s tests' },
    ]);
    expect((await detect({ ...plain, 'tests/__init__.py': '' })).checks[0]?.run).toBe(
      'python3 -m unittest discover',
    );
    expect((await detect({ ...plain, 'conftest.py': '' })).checks[0]?.run).toBe('python3 -m pytest -q');
  });

  it('installs a Python project that declares its dependencies itself', async () => {
    const pyproject =
      '[project]\nname = "a"\ndependencies = [\n  "uvicorn[standard]>=0.2",\n]\n[tool.x]\ny = []\n';
    const found = await detect({ 'pyproject.toml': pyproject });
    expect(found.setup[0]).toMatchObject({
      run: expect.stringContaining('pip install -e .'),
      lockfiles: ['pyproject.toml'],
    });
    expect((await detect({ 'pyproject.toml': '[project]\nname = "a"\ndependencies = []\n' })).setup).toEqual(
      [],
    );
  });

  it('fetches for cargo and go only what comes from elsewhere', async () => {
    expect((await detect(samples.cargo ?? {})).setup).toEqual([
      { run: 'cargo fetch --locked', lockfiles: ['Cargo.lock'], hosts: ['index.example', registry] },
    ]);
    expect((await detect({ 'Cargo.toml': '', 'Cargo.lock': '[[package]]\nname = "own"\n' })).setup).toEqual(
      [],
    );
    expect((await detect(samples.go ?? {})).setup).toEqual([
      { run: 'go mod download', lockfiles: ['go.mod', 'go.sum'], hosts: [registry] },
    ]);
    expect((await detect({ ...samples.go, 'vendor/modules.txt': '' })).setup).toEqual([]);
  });

  it('asks make only where nothing else has a check', async () => {
    expect((await detect(samples.make ?? {})).checks).toEqual([
      { name: 'lint', run: 'make lint' },
      { name: 'test', run: 'make test' },
    ]);
    expect((await detect({ ...samples.make, ...samples.go })).kinds).toEqual(['go']);
  });

  it('combines ecosystems, finds them one folder down, and keeps check names apart', async () => {
    const both = await detect({ ...samples.npm, ...samples.go });
    expect(both.checks.map((check) => check.name)).toEqual([
      'format',
      'lint',
      'typecheck',
      'build',
      'test',
      'vet',
      'test-2',
    ]);
    const nested = await detect({
      'web/package.json': samples.npm?.['package.json'] ?? '',
      'web/package-lock.json': npmLock,
      'node_modules/x/package.json': '{}',
      'examples/package.json': '{}',
      ...samples.go,
    });
    expect(nested.kinds).toEqual(['npm (package-lock.json) in web/', 'go']);
    expect(nested.setup[0]).toMatchObject({
      run: 'cd web && npm ci --no-audit --no-fund',
      lockfiles: ['web/package-lock.json'],
    });
    expect(nested.checks.at(4)).toEqual({ name: 'web-test', run: 'cd web && npm test' });
  });

  it('says where a registry host is needed and none is known', async () => {
    for (const kind of ['pnpm', 'python', 'go']) {
      const found = await detect(samples[kind] ?? {}, { registryHosts: [] });
      expect(found.setup[0]?.hosts).toEqual([]);
      expect(found.notes.join('\n')).toMatch(/under `setup` → `hosts`/);
    }
  });
});
