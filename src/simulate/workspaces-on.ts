/** The Workspaces port of one simulated process, on the simulated machine. */
import type { Workspace, Workspaces } from '../workspaces/workspace.ts';
import type { Folder, MemoryMachine } from './memory-machine.ts';
import { sortedTree } from './merge-trees.ts';
import type { SimulatedProcess } from './simulated-process.ts';

const root = '/simulated/workspaces';

export function workspacesOn(machine: MemoryMachine, process: SimulatedProcess): Workspaces {
  const discard = (id: string): Promise<void> =>
    process.call('workspaces.discard', async () => void machine.folders.delete(id));
  const prepare: Workspaces['prepare'] = async ({ id, commit, signal }) => {
    const options = { signal };
    await process.call(
      'workspaces.prepare',
      async () => {
        // A process that died before this makes no folder any more.
        if (process.isAlive) machine.folders.set(id, { id, commit, files: new Map(), isWhole: false });
      },
      options,
    );
    return process.call(
      'workspaces.setup',
      async (special) => {
        if (special?.kind === 'setupFails') {
          machine.folders.delete(id);
          const message = 'the set-up failed';
          return {
            ok: false,
            findings: [{ source: 'setup', message, file: null, line: null, output: null }],
          };
        }
        // What was taken away meanwhile is not there to be filled: a program that outlives its worker has no path to it.
        if (!machine.folders.has(id)) throw new Error(`the folder of ${id} is gone`);
        const files = new Map(machine.git.filesOf(commit));
        const folder: Folder = { id, commit, files, isWhole: true };
        machine.folders.set(id, folder);
        return { ok: true, workspace: workspaceOn(machine, process, folder) };
      },
      { ...options, workUs: 30_000 },
    );
  };
  return {
    prepare: (request) =>
      prepare(request).catch((error: unknown) => {
        // As on a disk: whoever could not prepare it to its end takes it away again, unless it died.
        machine.folders.delete(request.id);
        throw error;
      }),
    reopen: ({ id, from }) =>
      process.call('workspaces.reopen', async () => {
        const folder = machine.folders.get(from);
        if (!folder?.isWhole) return null;
        machine.folders.delete(from);
        folder.id = id;
        machine.folders.set(id, folder);
        return workspaceOn(machine, process, folder);
      }),
    list: () => process.call('workspaces.list', async () => [...machine.folders.keys()].sort()),
    discard,
  };
}

function workspaceOn(machine: MemoryMachine, process: SimulatedProcess, folder: Folder): Workspace {
  const { id } = folder;
  return {
    dir: `${root}/${id}`,
    commit: folder.commit,
    readable: [],
    env: {},
    captureTree: () =>
      process.call('workspaces.captureTree', async () => {
        const now = machine.folders.get(id);
        if (!now) throw new Error(`the workspace ${id} is gone`);
        return machine.git.putTree(sortedTree(now.files));
      }),
    discard: () => process.call('workspaces.discard', async () => void machine.folders.delete(id)),
  };
}
