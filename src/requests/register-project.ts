/** Ties a project's name to one repository on this machine, and keeps the baseline of its checks. */
import { existsSync } from 'node:fs';
import { MeshwrightError } from '../base/errors.ts';
import { appendShared } from '../journal/append-shared.ts';
import type { Journal } from '../journal/journal.ts';
import { toStorable } from '../journal/upcast.ts';
import type { BaselineEntry } from '../verdicts/judge-commands.ts';
import { type ProjectEvent, projectKinds, projectStream, viewProject } from '../views/project-view.ts';

interface ProjectWrite {
  journal: Journal;
  newId: () => string;
  project: string;
  by: string;
}

/** @throws MeshwrightError `project_name_taken` when another repository has the name and still exists. */
export async function registerProject(write: ProjectWrite, repository: string): Promise<void> {
  await writeProject(write, async () => {
    const view = await viewProject(write.journal, write.project);
    if (view.repository === repository) return { version: view.version, events: [] };
    if (view.repository && existsSync(view.repository)) {
      throw new MeshwrightError(
        'project_name_taken',
        `the project name ${write.project} belongs to ${view.repository}`,
        { hint: 'give this one another name: `project: <name>` in .mesh/mesh.yaml', exitCode: 2 },
      );
    }
    return { version: view.version, events: [{ kind: 'project.registered', data: { repository } }] };
  });
}

export async function recordBaseline(
  write: ProjectWrite,
  baseline: { commit: string; checks: BaselineEntry[] },
): Promise<void> {
  await writeProject(write, async () => {
    const { version } = await viewProject(write.journal, write.project);
    return { version, events: [{ kind: 'project.baseline_recorded', data: baseline }] };
  });
}

async function writeProject(
  write: ProjectWrite,
  decide: () => Promise<{ version: number; events: ProjectEvent[] }>,
): Promise<void> {
  await appendShared({
    journal: write.journal,
    newId: write.newId,
    project: write.project,
    stream: projectStream(write.project),
    decide: async () => {
      const { version, events } = await decide();
      return { version, events: events.map((event) => toStorable(projectKinds, event, write.by)) };
    },
  });
}
