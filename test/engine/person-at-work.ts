/** A person who takes items over, works in their clone and hands back, for tests of the engine. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newId } from '../../src/base/ids.ts';
import { readGit } from '../../src/git/run-git.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import type { ItemRequest } from '../../src/items/judge-request.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { collectHandback } from '../../src/requests/collect-handback.ts';
import { findUnfinishedWork, makeTakeoverClone } from '../../src/requests/take-over-item.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { TestProject } from '../harness/project.ts';

export async function ask(project: TestProject, number: number, request: ItemRequest): Promise<void> {
  await askOfItem({ journal: project.journal, newId, project: 'test', number, request });
}

/** A worker as the commands start it: it carries out requests and begins nothing. */
export async function carryOut(project: TestProject, number: number): Promise<void> {
  await runWorker(project.context, {
    untilIdle: true,
    scope: { items: new Set([number]), requestsOnly: true },
    signal: AbortSignal.timeout(60_000),
  });
}

export async function eventsOf(project: TestProject, number: number): Promise<ItemEvent[]> {
  return (await project.journal.read(itemStream('test', number))) as unknown as ItemEvent[];
}

/** Takes it over and makes the clone; the item may be driven meanwhile by a worker that runs. */
export async function takeOver(
  project: TestProject,
  number: number,
  wait = () => carryOut(project, number),
): Promise<string> {
  const folder = path.join(project.root, `clone-${number}`);
  await ask(project, number, { kind: 'takeover', by: 'tess', to: 'tess', folder });
  await wait();
  const state = await project.item(number);
  const { takeover } = state;
  if (!takeover) throw new Error(`not taken over: ${state.status}`);
  const { mirror } = project.context;
  const unfinished = await findUnfinishedWork(mirror, state);
  await makeTakeoverClone({ mirror, number, takeover, target: 'main', unfinished, text: 'what to do\n' });
  return folder;
}

export function gitIn(folder: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Tess', '-c', 'user.email=tess@example.invalid'];
  return readGit({ cwd: folder, args: [...identity, ...args], trust: 'user' });
}

export async function commitFile(folder: string, file: string, content: string): Promise<string> {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), content);
  await gitIn(folder, 'add', '-A');
  await gitIn(folder, 'commit', '-q', '-m', `Write ${file}`);
  return gitIn(folder, 'rev-parse', 'HEAD');
}

export async function handBack(
  project: TestProject,
  number: number,
  note: string | null = null,
): Promise<void> {
  const { takeover } = await project.item(number);
  if (!takeover) throw new Error('nobody has it');
  const { mirror } = project.context;
  const commit = await collectHandback({ mirror, number, takeover, folder: takeover.folder });
  await ask(project, number, { kind: 'handback', by: 'tess', commit, note });
}
