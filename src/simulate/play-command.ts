/** The commands that simulated cells know: the project's check, writing a file, waiting. */
import type { Folder, MemoryMachine } from './memory-machine.ts';
import type { Random } from './random.ts';

export const checkCommand = 'sh check.sh';

interface CommandWorld {
  folder: Folder;
  machine: MemoryMachine;
  write: (path: string, content: string) => void;
}

export function playCommand(
  command: string,
  { folder, machine, write }: CommandWorld,
): { exitCode: number; output: string } {
  if (command === checkCommand) {
    const { isGreen, output } = machine.runCheck(folder);
    return { exitCode: isGreen ? 0 : 1, output };
  }
  const [verb, path = '', ...words] = command.split(' ');
  switch (verb) {
    case 'put':
      write(path, `${words.join(' ')}\n`);
      return { exitCode: 0, output: '' };
    case 'wait':
      return { exitCode: 0, output: '' };
    default:
      return { exitCode: 127, output: `${verb}: command not found\n` };
  }
}

/** Milliseconds. */
export function durationOf(command: string, checkMs: number, random: Random): number {
  if (command === checkCommand) return random.between(5, checkMs);
  const [verb, ms] = command.split(' ');
  return verb === 'wait' ? Number(ms) : random.between(1, 20);
}
