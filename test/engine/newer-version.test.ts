import { afterEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { smallFiles, smallTeam } from './small-team.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

/** As a later version would: one more event, of a kind or schema that this one has never heard of. */
async function writeAsNewer(project: TestProject, number: number, kind: string, schema: number) {
  const stream = itemStream('test', number);
  const head = await project.journal.streamHead(stream);
  const outcome = await project.journal.append({
    id: newId(),
    project: 'test',
    stream,
    expectedVersion: head?.version ?? 0,
    fence: null,
    events: [{ kind, schema, actor: 'mesh', data: {} }],
  });
  expect(outcome.outcome).toBe('appended');
  return (head?.version ?? 0) + 1;
}

describe('an item that a newer version wrote', () => {
  test.each([
    ['of an unknown kind, before it is routed', 'item.teleported', 1, false],
    ['of an unknown kind, in the cluster', 'item.teleported', 1, true],
    ['of a later schema', 'item.paused', 99, true],
  ])('%s is left alone, in one line, while the others go on', async (_, kind, schema, isRouted) => {
    const project = await createTestProject({ files: smallFiles, model: smallTeam() });
    open.push(project);
    const strange = await project.add('From the future');
    if (isRouted) {
      const never = new Set<number>();
      const scope = { items: never, requestsOnly: true };
      await runWorker(project.context, { untilIdle: true, scope, signal: AbortSignal.timeout(20_000) });
    }
    const version = await writeAsNewer(project, strange, kind, schema);
    const usual = await project.add('Of today');
    const notices: string[] = [];
    await runWorker(project.context, {
      untilIdle: true,
      signal: AbortSignal.timeout(60_000),
      onNotice: (line) => notices.push(line),
    });
    expect((await project.item(usual)).status).toBe('ready');
    expect((await project.journal.streamHead(itemStream('test', strange)))?.version).toBe(version);
    if (isRouted) expect(notices).toEqual([expect.stringContaining(`${kind} of schema ${schema}`)]);
  });
});
