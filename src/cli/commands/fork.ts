/** `fork`: a new item that goes on from an earlier moment of another one. */
import { newId } from '../../base/ids.ts';
import { findForkPoint, forkItemAt } from '../../requests/fork-item.ts';
import { viewItem } from '../../views/item-view.ts';
import { compileCurrentTeam } from '../current-team.ts';
import type { ExitCode } from '../door.ts';
import { type Session, withProject } from '../session.ts';

export interface ForkCommandOptions {
  at: string;
  withCurrent: boolean;
}

export async function forkCommand(
  session: Session,
  from: number,
  options: ForkCommandOptions,
): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: true, for: 'named' }, async (project) => {
    const { journal } = project.store;
    const at = await findForkPoint(journal, project.project, { from, at: options.at });
    const before = (await viewItem(journal, project.project, from)).state;
    const number = await forkItemAt({
      journal,
      newId,
      project: project.project,
      from,
      at,
      team: options.withCurrent ? await compileCurrentTeam(project, before.flowName) : null,
      ceilingMicroUsd: project.policy.ceilings.itemMicroUsd,
      by: `person:${session.person}`,
    });
    const { state } = await viewItem(journal, project.project, number);
    if (terminal.isJson) terminal.json({ number, from, at, status: state.status });
    else {
      terminal.line(`#${number} ${state.title} (fork of #${from} at ${at})`);
      terminal.line(
        terminal.style('dim', `It is ${state.status}. \`meshwright run --until-idle\` works on it.`),
      );
    }
    return 0;
  });
}
