/** Where the face can be reached: loopback, or a socket file that only this user can open. */
import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { MeshwrightError } from '../../base/errors.ts';

export type FaceListen = { socketPath: string } | { host: '127.0.0.1'; port: number };
export type FaceAddress = { socketPath: string } | { baseUrl: string };

/** What the kernel takes, the closing zero not counted. */
const longestSocketPath = 107;

export async function listen(server: Server, where: FaceListen): Promise<FaceAddress> {
  if ('port' in where) {
    await started(server, () => server.listen(where.port, where.host));
    return { baseUrl: `http://${where.host}:${(server.address() as AddressInfo).port}` };
  }
  const { socketPath } = where;
  if (Buffer.byteLength(socketPath) > longestSocketPath) {
    throw new MeshwrightError('face_path_too_long', `the socket path ${socketPath} is too long`, {
      hint: `A socket's path may have ${longestSocketPath} bytes: choose a shorter home (MESHWRIGHT_HOME).`,
    });
  }
  const folder = dirname(socketPath);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (((await stat(folder)).mode & 0o077) !== 0) {
    throw new MeshwrightError('face_folder_open', `${folder} can be entered by other users`, {
      hint: `The gateway's socket stands in a folder of this user alone: chmod 700 ${folder}`,
    });
  }
  await rm(socketPath, { force: true });
  await started(server, () => server.listen(socketPath));
  await chmod(socketPath, 0o600);
  return { socketPath };
}

function started(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    start();
  });
}
