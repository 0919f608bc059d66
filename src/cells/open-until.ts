/** A cell for as long as a signal lets it: when it aborts, whatever runs inside is killed at once, not asked to end. */
import type { Cell } from './cell.ts';

/** @throws the signal's reason; no cell is left then. */
export async function openCellUntil(signal: AbortSignal, open: () => Promise<Cell>): Promise<Cell> {
  signal.throwIfAborted();
  const cell = await open();
  if (signal.aborted) {
    await cell.close();
    throw signal.reason;
  }
  // A cell that does not end is found by whoever closes it, which everybody does.
  const end = () => void cell.close().catch(() => {});
  signal.addEventListener('abort', end, { once: true });
  return {
    ...cell,
    close: () => {
      signal.removeEventListener('abort', end);
      return cell.close();
    },
  };
}
