/**
 * Walks a workspace before git does, bounded in everything: files that git would wait for or swallow whole (a pipe named
 * `.gitignore`, one of ten gigabytes), folders it could not enter, depths it cannot name. Opens no file.
 */
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CaptureFinding, captureFinding, shownFindings } from './capture-refused.ts';

export interface CaptureLimits {
  /** Largest file of a commit. */
  fileBytes: number;
  /** Changed and new files of one capture together. */
  totalBytes: number;
  /** Changed and new files of one capture. */
  files: number;
  /** Files and folders of a workspace, ignored ones included, outputs of set-up not. */
  entries: number;
  /** Folders in folders. */
  depth: number;
}

export const captureLimits: CaptureLimits = {
  fileBytes: 50 * 1024 * 1024,
  totalBytes: 500 * 1024 * 1024,
  files: 50_000,
  entries: 1_000_000,
  depth: 100,
};

/** Relative path; git and the system stop at 4,096 with the workspace's own place included. */
const pathBytes = 2_000;
/** What git reads whole, in every folder it enters. */
const gitReads = new Set(['.gitignore', '.gitattributes', '.gitmodules']);
const gitReadBytes = 10 * 1024 * 1024;

export interface Survey {
  findings: CaptureFinding[];
  /** Not entered, with the reason; they matter only where git would look for files. */
  closed: { path: string; why: string }[];
}

export async function surveyTree(
  tree: string,
  limits: CaptureLimits,
  isLeftOut: (path: string) => boolean,
): Promise<Survey> {
  const survey: Survey = { findings: [], closed: [] };
  const folders: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
  let entryCount = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (survey.findings.length + survey.closed.length >= shownFindings) break;
    if (folder.depth > limits.depth || Buffer.byteLength(folder.path) > pathBytes) {
      survey.closed.push({
        path: folder.path,
        why: `lies deeper than ${limits.depth} folders or 2000 bytes`,
      });
      continue;
    }
    const found = await readFolder(tree, folder.path, limits.entries - entryCount);
    if (found === null) {
      survey.closed.push({ path: folder.path, why: 'cannot be read: its permissions forbid it' });
      continue;
    }
    entryCount += found.entryCount;
    if (entryCount >= limits.entries) {
      const message = `has more than ${limits.entries} files and folders; remove what a command made in masses`;
      survey.findings.push(captureFinding(null, `the workspace ${message}`));
      break;
    }
    for (const name of found.gitReads)
      survey.findings.push(...(await judgeGitRead(tree, inFolder(folder.path, name))));
    for (const name of found.folders) {
      const path = inFolder(folder.path, name);
      if (path !== '.git' && !isLeftOut(path)) folders.push({ path, depth: folder.depth + 1 });
    }
  }
  return survey;
}

interface FolderFound {
  folders: string[];
  gitReads: string[];
  entryCount: number;
}

/** Null when it cannot be read. Ends early at `limit` entries. */
async function readFolder(tree: string, path: string, limit: number): Promise<FolderFound | null> {
  const found: FolderFound = { folders: [], gitReads: [], entryCount: 0 };
  try {
    for await (const entry of await opendir(join(tree, path), { bufferSize: 1_024 })) {
      found.entryCount += 1;
      if (entry.isDirectory()) found.folders.push(entry.name);
      else if (gitReads.has(entry.name)) found.gitReads.push(entry.name);
      if (found.entryCount >= limit) break;
    }
    return found;
  } catch (error) {
    // Removed meanwhile: then there is nothing to take.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? found : null;
  }
}

async function judgeGitRead(tree: string, path: string): Promise<CaptureFinding[]> {
  const facts = await lstat(join(tree, path)).catch(() => null);
  if (facts === null || facts.isSymbolicLink()) return [];
  if (!facts.isFile())
    return [captureFinding(path, 'is not a file but a pipe, a socket or a device; remove it')];
  if (facts.size <= gitReadBytes) return [];
  return [
    captureFinding(path, `has ${facts.size} bytes; git reads it whole, so ${gitReadBytes} is the limit`),
  ];
}

function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
