/** The CellDriver port of one simulated process, on the simulated machine; commands are few and simple (play-command.ts). */
import { MeshwrightError } from '../base/errors.ts';
import type { Cell, CellDriver, CellSpec, ExecResult, FileOutcome, LeftoverCell } from '../cells/cell.ts';
import type { Folder, MachineCell, MemoryMachine } from './memory-machine.ts';
import { durationOf, playCommand } from './play-command.ts';
import type { Random } from './random.ts';
import type { CallOptions, SimulatedProcess } from './simulated-process.ts';

export interface CellHooks {
  random: Random;
  /** How long the project's check takes at most. */
  checkMs: number;
}

export function cellsOn(machine: MemoryMachine, process: SimulatedProcess, hooks: CellHooks): CellDriver {
  return {
    name: 'process',
    isIsolated: false,
    preflight: async () => ({ ok: true }),
    open: (spec) =>
      process.call(
        'cells.open',
        async () => {
          const cell: MachineCell = {
            id: spec.id,
            opener: process,
            folder: machine.folderAt(spec.workspace),
            isWritable: spec.isWorkspaceWritable,
            isEnded: false,
            isLeft: true,
          };
          machine.cells.push(cell);
          return new SimulatedCell(machine, process, { cell, spec, hooks });
        },
        { workUs: 5_000 },
      ),
    listLeftovers: () =>
      process.call('cells.listLeftovers', async () =>
        machine.cells.filter((cell) => cell.isLeft).map((cell) => leftover(cell)),
      ),
    endLeftover: (id) =>
      process.call('cells.endLeftover', async () => {
        for (const cell of machine.cells.filter((one) => one.id === id)) endCell(cell);
      }),
  };
}

function leftover(cell: MachineCell): LeftoverCell {
  return {
    id: cell.id,
    dir: `/simulated/cells/${cell.id}`,
    opener: { pid: 1, startedAt: cell.opener.name },
    isOpenerAlive: cell.opener.isAlive,
    pids: cell.isEnded ? [] : [2],
  };
}

function endCell(cell: MachineCell): void {
  cell.isEnded = true;
  cell.isLeft = false;
}

class SimulatedCell implements Cell {
  readonly id: string;
  readonly pid = 2;
  readonly gatewayPort = null;
  readonly #machine: MemoryMachine;
  readonly #process: SimulatedProcess;
  readonly #cell: MachineCell;
  readonly #spec: CellSpec;
  readonly #hooks: CellHooks;

  constructor(
    machine: MemoryMachine,
    process: SimulatedProcess,
    parts: { cell: MachineCell; spec: CellSpec; hooks: CellHooks },
  ) {
    this.id = parts.spec.id;
    this.#machine = machine;
    this.#process = process;
    this.#cell = parts.cell;
    this.#spec = parts.spec;
    this.#hooks = parts.hooks;
  }

  spawn: Cell['spawn'] = async () => ({ ok: false, message: 'no outside agent runs in a simulated cell' });

  exec: Cell['exec'] = (request, signal) => {
    const command = request.argv.at(-1) ?? '';
    const wantedMs = durationOf(command, this.#hooks.checkMs, this.#hooks.random);
    const limitMs = request.timeoutMs ?? this.#spec.limits.commandTimeoutMs;
    const durationMs = Math.min(wantedMs, limitMs);
    // What it does, it does at some moment of its run.
    const workUs = Math.floor(durationMs * 1000 * this.#hooks.random.next());
    const play = async (folder: Folder): Promise<ExecResult> => {
      const write = (path: string, content: string) => this.#machine.write(this.#cell, path, content);
      const done = playCommand(command, { folder, machine: this.#machine, write });
      const isTimedOut = wantedMs > limitMs;
      return {
        exitCode: isTimedOut ? null : done.exitCode,
        signal: isTimedOut ? 'SIGKILL' : null,
        stdout: done.output,
        stderr: '',
        isTimedOut,
        isTruncated: false,
        durationMs,
      };
    };
    return this.#call('exec', play, { signal, workUs, restUs: durationMs * 1000 - workUs });
  };

  readFile: Cell['readFile'] = (path) =>
    this.#call('readFile', async ({ files }): Promise<FileOutcome<string>> => {
      const content = files.get(path);
      return content === undefined
        ? { ok: false, message: `${path}: there is no such file` }
        : { ok: true, value: content };
    });

  writeFile: Cell['writeFile'] = (path, content) =>
    this.#call('writeFile', async ({ files }) => {
      const isNew = !files.has(path);
      this.#machine.write(this.#cell, path, content);
      return { ok: true, value: { isNew } };
    });

  glob: Cell['glob'] = (_, limit) =>
    this.#call('glob', async ({ files }) => {
      const paths = [...files.keys()].sort();
      return { ok: true, value: { paths: paths.slice(0, limit), isCut: paths.length > limit } };
    });

  grep: Cell['grep'] = (pattern, { limit }) =>
    this.#call('grep', async ({ files }) => {
      const hits = [...files].flatMap(([path, content]) =>
        content.split('\n').flatMap((text, index) => {
          return text.includes(pattern) ? [{ path, line: index + 1, text }] : [];
        }),
      );
      return { ok: true, value: { hits: hits.slice(0, limit), isCut: hits.length > limit } };
    });

  close: Cell['close'] = () => this.#process.call('cells.close', async () => endCell(this.#cell));

  #call<T>(method: string, run: (folder: Folder) => Promise<T>, options?: CallOptions): Promise<T> {
    return this.#process.call(
      `cells.${method}`,
      async (special) => {
        if (special?.kind === 'cellBreaks') this.#cell.isEnded = true;
        const { isEnded, folder } = this.#cell;
        if (isEnded) throw new MeshwrightError('cell_ended', `cell ${this.id} ended`);
        if (!folder) throw new MeshwrightError('cell_ended', `cell ${this.id} has no workspace`);
        return run(folder);
      },
      options,
    );
  }
}
