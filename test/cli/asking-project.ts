/** A small project whose only agent asks before it works, and the people who may answer. */
import type { CliResult, CliWorld } from './run-cli.ts';
import { smallProject } from './small-project.ts';

export interface AskingProject {
  dir: string;
  as(person: string, ...args: string[]): Promise<CliResult>;
}

const stakeholders = `people:
  "@sarah-pm": {}
  "@alex-engineering-lead": { role: engineering_lead }
  "@tess": {}
escalation_routes:
  requirement_ambiguity:
    primary: "@sarah-pm"
    fallback: "@alex-engineering-lead"
    sla_minutes: 60
    on_timeout: default_and_flag
approval_tiers:
  external: { approvers: ["@alex-engineering-lead"] }
`;

const exportTimes = `kind: requirement_ambiguity
            topic: export.timezone
            title: export times
            building: A file with all orders.
            question: In which time zone are the times of the export?
            options:
              - { label: UTC, trade_off: Nobody is surprised in summer. }
              - { label: local time of the shop, trade_off: What the clerks see on the clock. }
            why_you: It is what the bookkeepers were promised.
            unblocks: The column of times.
            default: 1`;

const askExportTimes = `- call:
          tool: ask
          input:
            ${exportTimes}`;

/** Its developer does this, then the work. */
export function askingScenario(asks = askExportTimes): string {
  return `name: small
scripts:
  - name: developer
    for: { role: developer }
    moves:
      ${asks}
      - call: { tool: write, input: { path: b.txt, content: "b\\n" } }
      - done: b.txt is there
`;
}

export const askRelease = '- call: { tool: run, input: { argv: [sh, release.sh, staging] } }';

/** One item is added already. `change`: of any file, before anything is committed. */
export async function makeAskingProject(
  world: CliWorld,
  project: string,
  options: { asks?: string; change?: (files: Record<string, string>) => void } = {},
): Promise<AskingProject> {
  const files = smallProject({ project });
  files['release.sh'] = 'echo released\n';
  files['.mesh/mesh.yaml'] += 'permissions: { ask: ["Bash(sh release.sh:*)"] }\n';
  files['.mesh/scenario.yaml'] = askingScenario(options.asks);
  files['.mesh/stakeholders.yaml'] = stakeholders;
  options.change?.(files);
  const dir = world.makeRepository(project, files);
  const as = (person: string, ...args: string[]) =>
    world.run(args, { cwd: dir, env: { MESHWRIGHT_PERSON: person, TZ: 'Europe/Berlin' } });
  await as('tess', 'add', 'Add b.txt to the repository');
  return { dir, as };
}
