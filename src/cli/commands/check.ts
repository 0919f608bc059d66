/** `check`: every file under .mesh/ with all its problems, and with `--explain` what they come to. */
import { meshwrightHome } from '../../base/home.ts';
import { openRepository, readConfiguration } from '../../compose/project.ts';
import { explainPolicy } from '../../policy/explain-policy.ts';
import { explainStakeholders, type RouteRow } from '../../policy/explain-stakeholders.ts';
import { loadHostPolicy } from '../../policy/load-host-policy.ts';
import type { Stakeholders } from '../../policy/stakeholders.ts';
import { registryEnvironment } from '../../workspaces/registry-environment.ts';
import { formatDiagnostic } from '../../yaml/diagnostic.ts';
import type { ExitCode } from '../door.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal.ts';

export async function checkCommand(session: Session, options: { explain: boolean }): Promise<ExitCode> {
  const { terminal } = session;
  const repository = await openRepository(session.dir);
  const configuration = await readConfiguration(repository, session.env, {
    registries: await registryEnvironment(session.env),
  });
  const host = await loadHostPolicy(meshwrightHome(session.env, process.platform));
  const { policy, loaded } = configuration;
  const map = configuration.stakeholders;
  const diagnostics = [...configuration.diagnostics, ...map.diagnostics, ...host.diagnostics];
  const errorCount = diagnostics.filter((each) => each.severity === 'error').length;
  const rows = options.explain && policy ? [...explainPolicy(policy, loaded), ...host.rows] : [];
  const routes = options.explain && map.value ? explainStakeholders(map.value) : [];
  if (terminal.isJson)
    terminal.json({
      ok: errorCount === 0,
      diagnostics,
      ...(options.explain ? { policy: rows, routes } : {}),
    });
  else {
    for (const each of diagnostics) terminal.line(formatDiagnostic(each));
    for (const line of table(rows.map((row) => [row.key, row.value, row.source]))) terminal.line(line);
    for (const line of routeTable(routes, map.value)) terminal.line(line);
    if (errorCount === 0 && policy && configuration.team) {
      const roles = Object.keys(configuration.team.roles).join(', ');
      terminal.line(
        terminal.style(
          'green',
          `All good: project ${policy.project}, flow ${configuration.team.flow.name} (${roles}), lands on ${policy.targetBranch}.`,
        ),
      );
    } else terminal.line(`${errorCount} error${errorCount === 1 ? '' : 's'}.`);
  }
  return errorCount === 0 ? 0 : 2;
}

function routeTable(routes: readonly RouteRow[], stakeholders: Stakeholders | undefined): string[] {
  if (routes.length === 0) return [];
  const heading = ['question', 'who decides', 'where', 'within', 'meanwhile, and without an answer'];
  const rows = routes.map(({ kind, who, where, sla, after }) => [kind, who, where, sla, after]);
  const rehearsal = stakeholders?.isRehearsal ? ['REHEARSAL: minutes run as seconds.'] : [];
  return ['', ...rehearsal, ...table([heading, ...rows])];
}
