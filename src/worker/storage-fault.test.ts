import { describe, expect, it } from 'vitest';
import { MeshwrightError } from '../base/errors.ts';
import { isStorageFault } from './storage-fault.ts';

describe('a storage fault', () => {
  it.each([
    new MeshwrightError('database_unreachable', 'Cannot reach PostgreSQL at x.'),
    new MeshwrightError('disk_full', 'its disk is full'),
    Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
    new MeshwrightError('git_failed', 'git read-tree failed: unable to write a.txt: No space left on device'),
  ])('is $message', (error) => {
    expect(isStorageFault(error)).toBe(true);
  });

  it.each([
    new MeshwrightError('git_failed', 'git read-tree failed: bad object'),
    // What an agent's command printed is no word about our disk.
    new MeshwrightError('cell_ended', 'cell x ended: No space left on device'),
    Object.assign(new Error('EACCES'), { code: 'EACCES' }),
    'ENOSPC',
  ])('is not %s', (error) => {
    expect(isStorageFault(error)).toBe(false);
  });
});
