/** Who sits in a role's seats: our own loop, or a coding agent that the person has installed. Looks at the machine only to find it. */
import type { FoundProgram } from '../agents/outside/find-program.ts';
import { MeshwrightError } from '../base/errors.ts';
import { ownAgent } from '../policy/agents-schema.ts';
import type { OutsideAgent, Policy } from '../policy/policy.ts';
import type { Role, Team } from '../teams/team.ts';
import type { WorkerContext } from './worker-context.ts';

export type OutsideChoice =
  /** Our own loop. */
  | null
  | { ok: true; name: string; agent: OutsideAgent; program: FoundProgram }
  | { ok: false; message: string };

export function chooseOutsideAgent(
  { policy, findProgram }: { policy: Policy; findProgram: WorkerContext['findProgram'] },
  role: Role,
): OutsideChoice {
  const name = role.agent ?? policy.team.agent;
  // A role without a model is a command, whoever has the other seats.
  if (name === null || name === ownAgent || role.run !== null) return null;
  const agent = Object.hasOwn(policy.agents, name) ? policy.agents[name] : undefined;
  if (agent === undefined) {
    const known = Object.keys(policy.agents).join(', ');
    return { ok: false, message: `role ${role.name} asks for the agent ${name}; there are: ${known}` };
  }
  const program = findProgram(agent.command);
  if (program !== null) return { ok: true, name, agent, program };
  const install = agent.install === null ? '' : `; install it: ${agent.install}`;
  return {
    ok: false,
    message: `the agent ${name} is not on this machine: no ${agent.command[0]} on the PATH${install}`,
  };
}

/**
 * Whoever the work ahead needs must be there before it begins. `notices`: what a person must know of them.
 * @throws MeshwrightError `agent_not_found`.
 */
export function requireOutsideAgents(
  policy: Policy,
  team: Team,
  findProgram: WorkerContext['findProgram'],
): { notices: string[] } {
  const notices = new Set<string>();
  for (const role of Object.values(team.roles)) {
    const choice = chooseOutsideAgent({ policy, findProgram }, role);
    if (choice === null) continue;
    if (!choice.ok) {
      const hint =
        'Install it, or name another agent: `team.agent` in .mesh/mesh.yaml, `mesh.agent` in the role.';
      throw new MeshwrightError('agent_not_found', choice.message, { hint, exitCode: 2 });
    }
    if (!choice.agent.isMetered) {
      const reach = choice.agent.hosts.join(', ') || 'no host';
      notices.add(
        `NOT METERED: agent ${choice.name} (role ${role.name}); only time and turns are limited, it reaches ${reach}.`,
      );
    }
  }
  return { notices: [...notices] };
}
