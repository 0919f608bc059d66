/**
 * Finds out how a repository is set up and checked, for `init`: from its list of files and a few of their contents.
 * Runs nothing and asks nobody; registry hosts come from lockfiles and from the caller, never from here.
 */
import { detectCargo, detectGo, detectMake } from './detect-native.ts';
import { detectNode } from './detect-node.ts';
import { detectPython } from './detect-python.ts';
import type { DetectedProject, DetectOptions, Folder, ProjectFiles } from './detection.ts';

type Detector = (folder: Folder) => Promise<DetectedProject | undefined>;

const detectors: { manifests: readonly string[]; detect: Detector }[] = [
  { manifests: ['package.json'], detect: detectNode },
  {
    manifests: ['pyproject.toml', 'requirements.txt', 'setup.py', 'setup.cfg', 'Pipfile'],
    detect: detectPython,
  },
  { manifests: ['Cargo.toml'], detect: detectCargo },
  { manifests: ['go.mod'], detect: detectGo },
];

/** Folders whose manifests are samples or other people's code. */
const notOurs =
  /^(\.|node_modules$|vendor$|third_party$|examples?$|fixtures?$|samples?$|tests?$|docs?$|templates?$)/;

/** Each ecosystem at the top of the repository; where it is not there, in the folders one level down. */
export async function detectProject(project: ProjectFiles, options: DetectOptions): Promise<DetectedProject> {
  const found: DetectedProject[] = [];
  for (const { manifests, detect } of detectors) {
    for (const folder of findFolders(project.files, manifests)) {
      const detected = await detect(openFolder(project, folder, options));
      if (detected) found.push(folder === '' ? detected : moveToFolder(detected, folder));
    }
  }
  const hasPython = project.files.some((file) => /(^|\/)test[^/]*\.py$/.test(file));
  if (found.length === 0 && hasPython) {
    const detected = await detectPython(openFolder(project, '', options));
    if (detected) found.push(detected);
  }
  if (found.every((each) => each.checks.length === 0)) {
    const detected = await detectMake(openFolder(project, '', options));
    if (detected) found.push(detected);
  }
  return combine(found);
}

function findFolders(files: readonly string[], manifests: readonly string[]): string[] {
  if (manifests.some((manifest) => files.includes(manifest))) return [''];
  const folders = files.flatMap((file) => {
    const [folder, name, deeper] = file.split('/');
    const isOne =
      folder !== undefined && name !== undefined && deeper === undefined && manifests.includes(name);
    return isOne && !notOurs.test(folder) ? [folder] : [];
  });
  return [...new Set(folders)].sort();
}

function openFolder(project: ProjectFiles, folder: string, options: DetectOptions): Folder {
  const prefix = folder === '' ? '' : `${folder}/`;
  const inside = project.files.filter((file) => file.startsWith(prefix));
  return {
    files: new Set(inside.map((file) => file.slice(prefix.length))),
    readText: (file) => project.readText(`${prefix}${file}`),
    options,
  };
}

function moveToFolder(detected: DetectedProject, folder: string): DetectedProject {
  const quoted = /^[\w.-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`;
  const inFolder = (run: string) => `cd ${quoted} && ${run}`;
  const label = folder.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return {
    kinds: detected.kinds.map((kind) => `${kind} in ${folder}/`),
    setup: detected.setup.map((step) => ({
      ...step,
      run: inFolder(step.run),
      lockfiles: step.lockfiles.map((file) => `${folder}/${file}`),
    })),
    checks: detected.checks.map((check) => ({ name: `${label}-${check.name}`, run: inFolder(check.run) })),
    notes: detected.notes.map((note) => `${folder}/: ${note}`),
  };
}

/** Check names stay unique: the second `test` of a repository with two ecosystems becomes `test-2`. */
function combine(found: readonly DetectedProject[]): DetectedProject {
  const taken = new Set<string>();
  const checks = found
    .flatMap((each) => each.checks)
    .map((check) => {
      let name = check.name;
      for (let count = 2; taken.has(name); count++) name = `${check.name}-${count}`;
      taken.add(name);
      return { ...check, name };
    });
  return {
    kinds: found.flatMap((each) => each.kinds),
    setup: found.flatMap((each) => each.setup),
    checks,
    notes: [
      ...found.flatMap((each) => each.notes),
      ...(checks.length === 0 ? ['no check was found: list at least the test command under `checks`'] : []),
    ],
  };
}
