/** What has to be so before work is put in or done. */
import { MeshwrightError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { registerProject } from '../requests/register-project.ts';
import { viewProject } from '../views/project-view.ts';
import type { ProjectSession } from './session.ts';

export async function register(project: ProjectSession): Promise<void> {
  await registerProject(
    { journal: project.store.journal, newId, project: project.project, by: `person:${project.person}` },
    project.repository.root,
  );
}

/** With `baseline: refuse`, red checks on HEAD mean that nobody could tell what an item broke. */
export async function requireGreenBaseline(project: ProjectSession): Promise<void> {
  if (project.policy.profile.baseline !== 'refuse') return;
  const { baseline } = await viewProject(project.store.journal, project.project);
  const red = baseline?.checks.filter((check) => check.status !== 'green') ?? [];
  if (red.length === 0) return;
  throw new MeshwrightError(
    'baseline_red',
    `these checks were not green when the project was set up: ${red.map((check) => `${check.name} (${check.status})`).join(', ')}`,
    {
      hint: 'Repair them and run `meshwright init` again, or set `baseline: no_worse` in .mesh/mesh.yaml.',
      exitCode: 2,
    },
  );
}
