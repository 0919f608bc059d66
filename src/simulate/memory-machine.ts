/**
 * The simulated machine's disk and process table: workspace folders and cells. Both survive the worker that made them;
 * a cell's processes may too. The Workspaces and CellDriver ports are on top of it (workspaces-on.ts, cells-on.ts).
 */
import type { MemoryGit } from './memory-git.ts';
import { sortedTree } from './merge-trees.ts';
import type { Random } from './random.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** A folder as the file system has it: a rename moves it under whoever works in it. */
export interface Folder {
  id: string;
  commit: string;
  files: Map<string, string>;
  /** Made to its end; else its process died over it. */
  isWhole: boolean;
}

export interface MachineCell {
  id: string;
  opener: SimulatedProcess;
  /** Null when it was opened on a folder that is not there. */
  folder: Folder | null;
  isWritable: boolean;
  /** No process of it runs any more. */
  isEnded: boolean;
  /** Its private directory is there. */
  isLeft: boolean;
}

export interface MachineListener {
  /** A process of a cell changes a file of its workspace. */
  onWrite(cell: MachineCell): void;
  /** The project's check ran on these files (a tree of the mirror). */
  onCheck(tree: string, isGreen: boolean): void;
}

export class MemoryMachine {
  readonly folders = new Map<string, Folder>();
  readonly cells: MachineCell[] = [];
  readonly git: MemoryGit;
  readonly #random: Random;
  readonly #listener: MachineListener;
  readonly #isFlaky: boolean;

  constructor(parts: { git: MemoryGit; random: Random; listener: MachineListener; isFlaky: boolean }) {
    this.git = parts.git;
    this.#random = parts.random;
    this.#listener = parts.listener;
    this.#isFlaky = parts.isFlaky;
  }

  folderAt(path: string): Folder | null {
    return this.folders.get(path.slice(path.lastIndexOf('/') + 1)) ?? null;
  }

  /** As SIGKILL of the opener: some cells end with it, others live on until somebody ends them. Folders stay, or are lost. */
  orphanCellsOf(process: SimulatedProcess, losesDisk: boolean): void {
    for (const cell of this.cells) {
      if (cell.opener !== process || cell.isEnded) continue;
      cell.isEnded = losesDisk || this.#random.chance(0.6);
      if (losesDisk) cell.isLeft = false;
      if (losesDisk && cell.folder) this.folders.delete(cell.folder.id);
    }
  }

  write(cell: MachineCell, path: string, content: string): void {
    this.#listener.onWrite(cell);
    cell.folder?.files.set(path, content);
  }

  /** The project's check: red where a file says BROKEN or has conflict markers; a flaky one also now and then. */
  runCheck(folder: Folder): { isGreen: boolean; output: string } {
    const tree = this.git.putTree(sortedTree(folder.files));
    const broken = [...folder.files].filter(
      ([path, content]) => path.endsWith('.txt') && /BROKEN|^<<<<<<</m.test(content),
    );
    const isUnlucky = this.#isFlaky && this.#random.chance(0.3);
    const isGreen = broken.length === 0 && !isUnlucky;
    this.#listener.onCheck(tree, isGreen);
    if (isGreen) return { isGreen, output: 'all is well\n' };
    return { isGreen, output: `${broken.map(([path]) => `${path} is broken`).join('\n') || 'bad luck'}\n` };
  }
}
