/** A small item on real PostgreSQL that has landed or stopped, and its replay with a model that must not be called. */
import { createScriptedProviderFromBrain } from '../../src/gateway/scripted/scripted-provider.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { type ItemReplay, type ReplayRequest, replayItem } from '../../src/replay/replay-item.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { type SmallTeam, smallFiles, smallTeam } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { openTestDatabase } from '../postgres.ts';

export interface ReplayWorld {
  project: TestProject;
  /** Replays item 1, or what the request says. */
  replay(request?: Partial<ReplayRequest>, change?: Partial<WorkerContext>): Promise<ItemReplay>;
  remove(): Promise<void>;
}

export async function openReplayWorld(
  team: SmallTeam = {},
  files: Record<string, string> = {},
): Promise<ReplayWorld> {
  const database = await openTestDatabase();
  const journal = await openPostgresJournal({ url: database.url });
  const project = await createTestProject({
    files: { ...smallFiles, ...files },
    model: smallTeam(team),
    journal,
  });
  const noModel = createScriptedProviderFromBrain(() => {
    throw new Error('a replay called a model');
  });
  return {
    project,
    replay: (request = {}, change = {}) =>
      replayItem(
        { ...project.context, provider: noModel, ...change },
        {
          item: 1,
          agent: null,
          isCurrent: false,
          runsTools: true,
          signal: AbortSignal.timeout(60_000),
          ...request,
        },
      ),
    async remove() {
      await project.remove();
      await database.close();
    },
  };
}
