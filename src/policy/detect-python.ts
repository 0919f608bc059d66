/** Python projects: pytest or unittest, ruff and mypy when configured, a virtual environment only when one is needed. */
import {
  type DetectedCheck,
  type DetectedProject,
  type DetectedSetup,
  type Folder,
  hostOfUrl,
} from './detection.ts';

/** For the caller: prints the machine's distributions as JSON, name → version. */
export const listPythonPackagesArgv: readonly string[] = [
  'python3',
  '-c',
  'import json; from importlib.metadata import distributions; ' +
    'print(json.dumps({d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}))',
];

const requirementFiles = [
  'requirements.txt',
  'requirements-dev.txt',
  'dev-requirements.txt',
  'requirements-test.txt',
];

export async function detectPython(folder: Folder): Promise<DetectedProject | undefined> {
  const read = async (file: string) => (folder.files.has(file) ? ((await folder.readText(file)) ?? '') : '');
  const pyproject = await read('pyproject.toml');
  const setupCfg = await read('setup.cfg');
  const notes: string[] = [];
  const requirements: { file: string; lines: string[] }[] = [];
  for (const file of requirementFiles) {
    const lines = requirementLines(await read(file));
    if (lines.length > 0) requirements.push({ file, lines });
  }
  const setup = planVenv(requirements, pyproject, folder, notes);
  const python = setup.length > 0 ? '.venv/bin/python' : 'python3';
  const packages = `${requirements.flatMap((each) => each.lines).join('\n')}\n${pyproject}`;
  const config = {
    pyproject,
    setupCfg,
    packages,
    iniFiles: `${await read('tox.ini')}\n${await read('pytest.ini')}`,
  };
  const runner = await chooseRunner(folder, config);
  const inVenv = (tool: string) =>
    setup.length > 0 && new RegExp(`^${tool}\\b`, 'im').test(packages) ? `${python} -m ${tool}` : tool;
  const checks: DetectedCheck[] = [];
  if (/^\[tool\.ruff\b/m.test(pyproject) || folder.files.has('ruff.toml') || folder.files.has('.ruff.toml'))
    checks.push({ name: 'lint', run: `${inVenv('ruff')} check .` });
  if (/^\[tool\.mypy\b/m.test(pyproject) || folder.files.has('mypy.ini') || /^\[mypy\b/m.test(setupCfg)) {
    const namesFiles = /^(files|packages|modules) *=/m.test(
      `${pyproject}\n${setupCfg}\n${await read('mypy.ini')}`,
    );
    checks.push({ name: 'typecheck', run: `${inVenv('mypy')}${namesFiles ? '' : ' .'}` });
  }
  if (runner) checks.push({ name: 'test', run: `${python} -m ${runner}` });
  for (const [file, tool] of [
    ['poetry.lock', 'poetry'],
    ['uv.lock', 'uv'],
    ['Pipfile', 'pipenv'],
  ] as const)
    if (folder.files.has(file))
      notes.push(`${file} is present: if ${tool} installs this project, say so under \`setup\``);
  return { kinds: [`Python${runner ? ` with ${runner.split(' ')[0]}` : ''}`], setup, checks, notes };
}

function requirementLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

function planVenv(
  requirements: readonly { file: string; lines: string[] }[],
  pyproject: string,
  folder: Folder,
  notes: string[],
): DetectedSetup[] {
  const declared = requirements.length > 0 ? [] : projectDependencies(pyproject);
  const wanted = [...requirements.flatMap((each) => each.lines), ...declared];
  const installed = new Map(
    Object.entries(folder.options.pythonPackages ?? {}).map(([name, version]) => [
      normalizeName(name),
      version,
    ]),
  );
  if (wanted.every((line) => isSatisfied(line, installed))) {
    if (wanted.length > 0)
      notes.push("this machine's own Python packages satisfy the requirements; nothing is installed");
    return [];
  }
  const named = wanted
    .flatMap((line) => /https?:\/\/[^\s"']+/.exec(line)?.[0] ?? [])
    .flatMap((url) => hostOfUrl(url) ?? []);
  const hosts = [...new Set([...named, ...folder.options.registryHosts])].sort();
  if (hosts.length === 0) notes.push('no package index host is known: name it under `setup` → `hosts`');
  const what = requirements.length > 0 ? requirements.map((each) => `-r ${each.file}`).join(' ') : '-e .';
  return [
    {
      run: `python3 -m venv --system-site-packages .venv && .venv/bin/pip install ${what}`,
      lockfiles: requirements.length > 0 ? requirements.map((each) => each.file) : ['pyproject.toml'],
      hosts,
    },
  ];
}

/** The strings of `dependencies = [...]` in `[project]`; enough of TOML for that and no more. */
function projectDependencies(pyproject: string): string[] {
  const section = /^\[project\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(pyproject)?.[1] ?? '';
  const list = /^dependencies *= *\[((?:[^\]"']|"[^"]*"|'[^']*')*)\]/m.exec(section)?.[1] ?? '';
  return [...list.matchAll(/"([^"]*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2] ?? '');
}

function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Understands `name`, `name==1.2` and `name>=1.2`; anything else counts as not satisfied, so pip decides. */
function isSatisfied(line: string, installed: ReadonlyMap<string, string>): boolean {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]*) *(?:(==|>=) *([0-9]+(?:\.[0-9]+)*))?$/.exec(line);
  const version = match?.[1] === undefined ? undefined : installed.get(normalizeName(match[1]));
  if (!match || version === undefined) return false;
  if (match[3] === undefined) return true;
  const order = compareVersions(version, match[3]);
  return match[2] === '==' ? order === 0 : order >= 0;
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

interface PythonConfig {
  pyproject: string;
  setupCfg: string;
  packages: string;
  iniFiles: string;
}

async function chooseRunner(folder: Folder, config: PythonConfig): Promise<string | undefined> {
  const tests = [...folder.files].filter((file) => /(^|\/)(test[^/]*|[^/]*_test)\.py$/.test(file));
  const names = [...folder.files].map((file) => file.split('/').at(-1));
  const isPytest =
    names.includes('conftest.py') ||
    names.includes('pytest.ini') ||
    /^\[(tool\.)?pytest\b/m.test(`${config.pyproject}\n${config.iniFiles}`) ||
    /^\[tool:pytest\]/m.test(config.setupCfg) ||
    /(^|["'\s])pytest\b/m.test(config.packages);
  if (isPytest) return 'pytest -q';
  if (tests.length === 0) return undefined;
  for (const file of tests.slice(0, 5))
    if (/^(import|from) pytest\b|^(async )?def test_/m.test((await folder.readText(file)) ?? ''))
      return 'pytest -q';
  // `discover` walks into packages only: a folder of tests without __init__.py must be named.
  const start =
    tests.every((file) => file.startsWith('tests/')) && !folder.files.has('tests/__init__.py')
      ? ' -s tests'
      : '';
  return `unittest discover${start}`;
}
