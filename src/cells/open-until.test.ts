import { describe, expect, it } from 'vitest';
import type { Cell } from './cell.ts';
import { openCellUntil } from './open-until.ts';

function fakeCell() {
  const told: string[] = [];
  const cell = {
    id: 'c',
    close: async () => {
      told.push('closed');
    },
  } as Partial<Cell> as Cell;
  return { told, cell };
}

describe('a cell for as long as a signal lets it', () => {
  it('is closed at once when it aborts: nothing in it is asked to end first', async () => {
    const { told, cell } = fakeCell();
    const controller = new AbortController();
    await openCellUntil(controller.signal, async () => cell);
    expect(told).toEqual([]);
    controller.abort();
    expect(told).toEqual(['closed']);
  });

  it('is not opened after that, and is closed when it was just being opened', async () => {
    const { told, cell } = fakeCell();
    const controller = new AbortController();
    const opening = openCellUntil(controller.signal, async () => {
      controller.abort(new Error('killed'));
      return cell;
    });
    await expect(opening).rejects.toThrow('killed');
    expect(told).toEqual(['closed']);
    const never = openCellUntil(controller.signal, () => Promise.reject(new Error('opened')));
    await expect(never).rejects.toThrow('killed');
  });

  it('hears nothing of the signal once it was closed', async () => {
    const { told, cell } = fakeCell();
    const controller = new AbortController();
    const opened = await openCellUntil(controller.signal, async () => cell);
    await opened.close();
    controller.abort();
    expect(told).toEqual(['closed']);
  });
});
