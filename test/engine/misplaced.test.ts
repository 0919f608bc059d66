/** Should the worker ever decide on something that cannot follow, the item is as it was: stopped work, and nothing damaged. */
import { expect, it, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { createTestProject } from '../harness/project.ts';
import { say, smallFiles, smallTeam } from './small-team.ts';

vi.mock('../../src/items/judge-request.ts', async (importActual) => ({
  ...(await importActual<typeof import('../../src/items/judge-request.ts')>()),
  judgeRequest: () => ({ ok: true, events: [{ kind: 'item.rejected', data: { by: 'test', reason: '' } }] }),
}));

it('nothing of it is stored, and the request is still there', async () => {
  const project = await createTestProject({
    files: smallFiles,
    model: smallTeam({ developer: () => say('done') }),
  });
  try {
    await project.add('# Export\n\nExport it.');
    const request = { kind: 'cancel', by: 'test', reason: '' } as const;
    await askOfItem({ journal: project.journal, newId, project: 'test', number: 1, request });
    await expect(project.run()).rejects.toThrow('cannot take item.rejected');
    const events = await project.journal.read(itemStream('test', 1));
    expect(events.map(({ kind }) => kind)).not.toContain('item.rejected');
    expect((await project.item(1)).status).not.toBe('rejected');
    const cluster = (await project.journal.streams('test', { prefix: 'cluster:' }))[0];
    if (!cluster) throw new Error('there is no cluster');
    expect((await project.journal.inbox(cluster.stream)).map(({ kind }) => kind)).toContain('item.request');
  } finally {
    await project.remove();
  }
});
