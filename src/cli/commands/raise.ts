/** `resume cluster:<name>|mesh|host --ceiling-usd`: a higher ceiling for the window that runs now, and what waits for it goes on. */
import { systemClock } from '../../base/clock.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { formatUsd } from '../../base/money.ts';
import { nameStore } from '../../git/name-store.ts';
import { loadHostPolicy, requireHostPolicy } from '../../policy/load-host-policy.ts';
import { type RaiseRequest, raiseCeiling } from '../../requests/raise-ceiling.ts';
import { readScope } from '../../requests/read-scope.ts';
import { drive } from '../drive.ts';
import type { ProjectSession } from '../session.ts';

export async function raiseWide(
  project: ProjectSession,
  given: string,
  raise: Pick<RaiseRequest, 'ceilingMicroUsd' | 'window'>,
): Promise<void> {
  const { terminal, store, policy, person } = project;
  const host = requireHostPolicy(await loadHostPolicy(store.paths.home));
  const raised = await raiseCeiling({
    journal: store.journal,
    newId,
    project: project.project,
    store: await nameStore(store.paths.mirrors),
    given: { policy: policy.ceilings, host },
    what: await readWhat(project, given),
    ...raise,
    by: person,
    nowMs: systemClock.now(),
  });
  if (raised.items.length > 0) {
    const scope = { items: new Set(raised.items), requestsOnly: true };
    await drive(project, { untilIdle: true, scope, isVerbose: false });
  }
  if (terminal.isJson) return terminal.json(raised);
  const waited = raised.items.map((number) => `#${number}`).join(', ');
  terminal.line(
    `${raised.account} has a ceiling of ${formatUsd(raised.ceilingMicroUsd)} now.${waited ? ` ${waited} goes on: \`meshwright run --until-idle\`.` : ''}`,
  );
}

/** @throws MeshwrightError `usage`. */
export function readWindow(given: string): 'day' | 'month' {
  if (given === 'day' || given === 'month') return given;
  throw new MeshwrightError('usage', `not a window: ${given}`, {
    hint: 'Give `day` or `month`.',
    exitCode: 2,
  });
}

async function readWhat(project: ProjectSession, given: string): Promise<RaiseRequest['what']> {
  if (given === 'host' || given === 'mesh') return { kind: given };
  await readScope(project.store.journal, project.project, given);
  return { kind: 'cluster', name: given.slice('cluster:'.length) };
}
