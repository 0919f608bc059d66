/** The team of a flow as the files are now, for commands that call no model: a missing key is no matter of theirs. */
import { readConfiguration } from '../compose/project.ts';
import type { Team } from '../teams/team.ts';
import { requireTeam } from '../views/configuration.ts';
import type { ProjectSession } from './session.ts';

/** @throws MeshwrightError `configuration_invalid`. */
export async function compileCurrentTeam(project: ProjectSession, flow: string | null): Promise<Team> {
  const { repository, env, registries } = project;
  return requireTeam(await readConfiguration(repository, env, { registries, flow }));
}
