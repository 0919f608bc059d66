/** Copies outputs of set-up between a workspace and the cache. Never writes through a symbolic link. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';

/** Each output keeps its path; where the commit has something in that place, it is left out. Returns the copied ones. */
export async function copyOutputs(request: {
  from: string;
  to: string;
  outputs: readonly string[];
}): Promise<string[]> {
  const copied: string[] = [];
  const byFolder = new Map<string, string[]>();
  for (const output of request.outputs) {
    const folder = dirname(output);
    if ((await lstatOrNull(join(request.to, output))) !== null) continue;
    if (!(await makeRealFolders(request.to, folder))) continue;
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), join(request.from, output)]);
    copied.push(output);
  }
  for (const [folder, sources] of byFolder) await copy(sources, join(request.to, folder));
  return copied;
}

/** False when a part of the way is a link or a file: the commit has something else in that place. */
async function makeRealFolders(root: string, folder: string): Promise<boolean> {
  let path = root;
  for (const part of folder === '.' ? [] : folder.split('/')) {
    path = join(path, part);
    const there = await lstatOrNull(path);
    if (there === null) await mkdir(path);
    else if (!there.isDirectory()) return false;
  }
  return true;
}

/** cp beats anything in this process by far on the many small files of a package folder, and clones where it can. */
async function copy(sources: readonly string[], folder: string): Promise<void> {
  const options = process.platform === 'linux' ? ['-a', '--reflink=auto'] : ['-c', '-R', '-p', '-P'];
  const argumentBytes = 100_000;
  let batch: string[] = [];
  let size = 0;
  for (const source of [...sources, null]) {
    if (source !== null && size + source.length < argumentBytes) {
      batch.push(source);
      size += source.length + 1;
      continue;
    }
    if (batch.length > 0) await runCopy([...options, '--', ...batch, `${folder}/`]);
    batch = source === null ? [] : [source];
    size = source?.length ?? 0;
  }
}

function runCopy(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('cp', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new MeshwrightError(
            'copy_failed',
            `cannot copy set-up outputs: ${stderr.trim().split('\n').at(-1)}`,
          ),
        );
    });
  });
}

/**
 * Python's virtual environments write their own absolute path into scripts and settings; after a copy from the
 * workspace they were made in, those must name this one.
 */
export async function relocateOutputs(request: {
  tree: string;
  outputs: readonly string[];
  origin: string;
}): Promise<void> {
  const { tree, outputs, origin } = request;
  if (origin === tree) return;
  for (const output of outputs) {
    const folder = join(tree, output);
    if (!(await isRealBelow(tree, output))) continue;
    if (!(await lstatOrNull(join(folder, 'pyvenv.cfg')))?.isFile()) continue;
    const files = [join(folder, 'pyvenv.cfg'), ...(await listFiles(join(folder, 'bin')))];
    for (const version of await listNames(join(folder, 'lib'))) {
      if (!(await isRealBelow(folder, join('lib', version, 'site-packages')))) continue;
      const packages = await listFiles(join(folder, 'lib', version, 'site-packages'));
      files.push(...packages.filter((path) => /\.pth$|__editable__.*\.py$/.test(path)));
    }
    for (const file of files) await replaceInFile(file, origin, tree);
  }
}

/** Through a new file beside it: one that is linked from elsewhere keeps its content there. */
async function replaceInFile(path: string, old: string, current: string): Promise<void> {
  const facts = await lstatOrNull(path);
  if (!facts?.isFile() || facts.size > 1_000_000) return;
  const text = await readFile(path, 'latin1');
  if (!text.includes(old)) return;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text.replaceAll(old, current), { encoding: 'latin1', flag: 'wx', mode: facts.mode });
  await rename(draft, path);
}

/** True when every part of the way is a folder, none a link. */
async function isRealBelow(root: string, way: string): Promise<boolean> {
  let path = root;
  for (const part of way.split('/')) {
    path = join(path, part);
    if (!(await lstatOrNull(path))?.isDirectory()) return false;
  }
  return true;
}

async function listFiles(folder: string): Promise<string[]> {
  if (!(await lstatOrNull(folder))?.isDirectory()) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name));
}

async function listNames(folder: string): Promise<string[]> {
  return (await lstatOrNull(folder))?.isDirectory() ? readdir(folder) : [];
}

async function lstatOrNull(path: string) {
  return lstat(path).catch(() => null);
}
