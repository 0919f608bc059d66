/** What is known of a project: where its repository is and how its checks stood before anybody worked on it. */
import { type StoredEvent, type StreamId, streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { type EventKinds, upcast } from '../journal/upcast.ts';
import type { BaselineEntry } from '../verdicts/judge-commands.ts';

export interface ProjectView {
  project: string;
  /** Absolute path of the user's repository; null: never registered here. */
  repository: string | null;
  baseline: { commit: string; at: string; checks: BaselineEntry[] } | null;
  /** Of the project's stream. */
  version: number;
}

export type ProjectEvent =
  | { kind: 'project.registered'; data: { repository: string } }
  | { kind: 'project.baseline_recorded'; data: { commit: string; checks: BaselineEntry[] } };

export const projectKinds: EventKinds<ProjectEvent['kind']> = {
  'project.registered': [],
  'project.baseline_recorded': [],
};

export function projectStream(project: string): StreamId {
  return streamId('project', project);
}

export async function viewProject(journal: Journal, project: string): Promise<ProjectView> {
  const events = await journal.read(projectStream(project));
  const empty: ProjectView = { project, repository: null, baseline: null, version: 0 };
  return events.reduce((view, event) => ({ ...apply(view, event), version: event.version }), empty);
}

function apply(view: ProjectView, event: StoredEvent): ProjectView {
  const { kind, data } = upcast(projectKinds, event) as unknown as ProjectEvent;
  switch (kind) {
    case 'project.registered':
      return { ...view, repository: data.repository };
    case 'project.baseline_recorded':
      return { ...view, baseline: { commit: data.commit, at: event.at, checks: data.checks } };
  }
}
