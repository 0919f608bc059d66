/** What is known of a project: where its repository is and how its checks stood before anybody worked on it. */
import type { JsonObject } from '../base/json.ts';
import { type StoredEvent, type StreamId, streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
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

export function projectStream(project: string): StreamId {
  return streamId('project', project);
}

export async function viewProject(journal: Journal, project: string): Promise<ProjectView> {
  const events = await journal.read(projectStream(project));
  const empty: ProjectView = { project, repository: null, baseline: null, version: 0 };
  return events.reduce((view, event) => ({ ...apply(view, event), version: event.version }), empty);
}

function apply(view: ProjectView, event: StoredEvent): ProjectView {
  const { kind, data } = event as unknown as ProjectEvent & { data: JsonObject };
  switch (kind) {
    case 'project.registered':
      return { ...view, repository: data.repository };
    case 'project.baseline_recorded':
      return { ...view, baseline: { commit: data.commit, at: event.at, checks: data.checks } };
  }
}
