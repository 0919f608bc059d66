/**
 * The commands approve and deny. A yes is for exactly the action that was shown: on a terminal it is shown and confirmed, elsewhere
 * its hash says that it was looked at. Whose yes counts is judged in requests/.
 */
import { systemClock } from '../../base/clock.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { handleOf } from '../../policy/handle.ts';
import { describeWholeAction } from '../../questions/approval-action.ts';
import { approvalName } from '../../questions/approval-state.ts';
import { approversOf, tierNow, whyNobodyCan } from '../../questions/approvers-of.ts';
import { answerApproval, shortestHash } from '../../requests/approve.ts';
import { type ApprovalReport, viewApproval } from '../../views/approval-view.ts';
import { requireStakeholders } from '../../views/configuration.ts';
import { confirm } from '../confirm.ts';
import type { ExitCode } from '../door.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';

/** Exit code 1: it has no effect, and the line says why. `hash`: the beginning of the one that was shown. */
export async function approveCommand(
  session: Session,
  number: number,
  options: { hash?: string },
): Promise<ExitCode> {
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { report } = await viewApproval(project.store.journal, project.project, number);
    const actionHash = options.hash ?? (await showAndAsk(project, report));
    if (actionHash === null) {
      session.terminal.line('Nothing was said.');
      return 1;
    }
    return say(project, number, { verdict: 'approve', actionHash, why: '' });
  });
}

/** A no can only keep something from being done, so it needs no confirmation. */
export async function denyCommand(
  session: Session,
  number: number,
  options: { reason: string },
): Promise<ExitCode> {
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { report } = await viewApproval(project.store.journal, project.project, number);
    return say(project, number, { verdict: 'deny', actionHash: report.actionHash, why: options.reason });
  });
}

/** The hash that was confirmed; null: it was not. @throws MeshwrightError `usage` where nobody can be asked. */
async function showAndAsk(project: ProjectSession, report: ApprovalReport): Promise<string | null> {
  const { terminal } = project;
  const { approval, actionHash } = report;
  if (!terminal.isJson) for (const line of describe(project, report)) terminal.line(line);
  if (terminal.isInteractive && process.stdin.isTTY)
    return (await confirm(`Approve exactly this, once?`)) ? actionHash : null;
  const hash = actionHash.slice(0, shortestHash);
  throw new MeshwrightError('usage', `a yes to ${approval} needs the hash of the action that it is for`, {
    hint: `When you have looked at it: \`meshwright approve ${approval} --hash ${hash}\`.`,
    exitCode: 2,
  });
}

function describe({ configuration }: ProjectSession, report: ApprovalReport): string[] {
  const stakeholders = requireStakeholders(configuration);
  const { approval, asker, action, approvedBy, expiresAt, actionHash } = report;
  const tier = tierNow(report.askedTier, stakeholders);
  const hindrance = whyNobodyCan(tier, stakeholders);
  const approvers = approversOf(tier, stakeholders).join(', ') || 'whoever may run commands';
  return [
    `${approval} for #${asker.item} ${asker.title} (${asker.step.replaceAll('/', ' ')}), because of rule: ${report.rule}`,
    ...(action === null
      ? [`${report.line} (the whole of it was deleted by retention)`]
      : describeWholeAction(action).split('\n')),
    `approval tier ${tier.name}: ${tier.peopleCount} of ${approvers}; yes so far: ${approvedBy.join(', ') || 'nobody'}`,
    ...(hindrance === null ? [] : [hindrance]),
    `answers count until ${expiresAt}`,
    `hash ${actionHash}`,
  ];
}

async function say(
  project: ProjectSession,
  number: number,
  word: { verdict: 'approve' | 'deny'; actionHash: string; why: string },
): Promise<ExitCode> {
  const { terminal, person } = project;
  const { journal } = project.store;
  const name = approvalName(number);
  const outcome = await answerApproval({
    ...word,
    journal,
    newId,
    project: project.project,
    stakeholders: requireStakeholders(project.configuration),
    nowMs: systemClock.now(),
    name,
    by: person,
    via: 'cli',
  });
  if (terminal.isJson) {
    const { status, item } = (await viewApproval(journal, project.project, number)).report;
    terminal.json({ approval: name, ...outcome, status, item });
  } else {
    terminal.line(`${outcome.line}.`);
    if (!outcome.isAccepted)
      terminal.line(
        terminal.style(
          'dim',
          `  You are ${handleOf(person)} here; what you said is kept: \`meshwright show ${name}\`.`,
        ),
      );
  }
  return outcome.isAccepted ? 0 : 1;
}
