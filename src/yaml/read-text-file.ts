/**
 * Reads one text file that a person or a repository named: bounded, never waiting, nothing but UTF-8. A device, a pipe or
 * a gigantic file is a value that says so. Knows nothing of what the text means.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../base/errors.ts';

export type TextFile =
  | { ok: true; text: string }
  /** `problem`: a clause for a person, such as `it is a folder`. */
  | { ok: false; kind: 'missing' | 'unreadable' | 'too_large' | 'not_text'; problem: string };

/** The most that a policy, flow, role or scenario may have. The ones that people write have some kilobytes. */
export const maxConfigurationBytes = 2_000_000;

export async function readTextFile(file: string, maxBytes: number): Promise<TextFile> {
  let handle: FileHandle;
  try {
    // Opening a pipe that nobody writes to would otherwise wait for ever.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return explainFailure(error);
  }
  try {
    const found = await handle.stat();
    if (found.isDirectory()) return refuse('unreadable', 'it is a folder');
    if (!found.isFile()) return refuse('unreadable', 'it is a device, pipe or socket, not a file');
    return decodeText(await readAtMost(handle, maxBytes + 1), maxBytes);
  } catch (error) {
    return explainFailure(error);
  } finally {
    await handle.close();
  }
}

/** The same for a stream, standard input above all: it is left as soon as it has brought too much. */
export async function readTextStream(
  stream: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): Promise<TextFile> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    size += bytes.length;
    if (size > maxBytes) return tooLarge(maxBytes);
  }
  return decodeText(Buffer.concat(chunks), maxBytes);
}

/** Not by the size that the file says: files of /proc and files that grow say another one. */
async function readAtMost(handle: FileHandle, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let left = most; left > 0; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(Math.min(left, 65_536)));
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(chunks);
}

function decodeText(bytes: Uint8Array, maxBytes: number): TextFile {
  if (bytes.length > maxBytes) return tooLarge(maxBytes);
  if (bytes.includes(0)) return notText;
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return notText;
  }
}

const notText: TextFile = refuse('not_text', 'it is not plain text in UTF-8');

function tooLarge(maxBytes: number): TextFile {
  const size = maxBytes < 1_000_000 ? `${Math.floor(maxBytes / 1_024)} KB` : `${maxBytes / 1_000_000} MB`;
  return refuse('too_large', `it is larger than ${size}`);
}

function explainFailure(error: unknown): TextFile {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENAMETOOLONG':
    case 'ENOTDIR':
      return refuse('missing', 'there is no such file');
    case 'EISDIR':
      return refuse('unreadable', 'it is a folder');
    case 'EACCES':
      return refuse('unreadable', 'its permissions do not allow it');
    case 'ELOOP':
      return refuse('unreadable', 'its symbolic links lead in a circle');
    case 'ENXIO':
      return refuse('unreadable', 'it is a device, pipe or socket, not a file');
    default:
      return refuse('unreadable', messageOf(error));
  }
}

function refuse(kind: Exclude<TextFile, { ok: true }>['kind'], problem: string): TextFile {
  return { ok: false, kind, problem };
}
