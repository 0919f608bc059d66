/**
 * A project in which anything can be made to burn: a command that ignores SIGTERM, leaves a child in a session of its own, and
 * writes and computes until it is killed. It burns as long as a file outside says so, so that what is resumed comes to its end.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRepository } from '../../src/git/create-repository.ts';
import type { Moment } from './kill-case.ts';

export const burningProject = 'burning';

/** The child has a cleared environment, as one that hides would. */
const burnScript = (flag: string) => `trap '' TERM HUP INT
if [ "$1" != "$(cat '${flag}' 2>/dev/null)" ]; then echo "nothing burns"; exit 0; fi
echo started > '${flag}.started'
setsid sh -c "trap '' TERM; while :; do date >> burning.txt; sleep 0.02; done" &
while :; do :; done
`;

export interface BurningProject {
  repository: string;
  /** From now on what belongs to this moment burns; null: nothing does. */
  burn(moment: Moment | null): void;
  flag: string;
}

export async function layOutBurning(root: string): Promise<BurningProject> {
  const repository = path.join(root, 'repository');
  const flag = path.join(root, 'flag');
  mkdirSync(repository);
  await createRepository(repository, {
    branch: 'main',
    message: 'Burning',
    authorName: 'Prove',
    authorEmail: 'prove@meshwright.invalid',
    files: {
      '.mesh/mesh.yaml': `version: 1
project: ${burningProject}
target: main
models: { provider: anthropic, default: claude-sonnet-5-5 }
ceilings: { item_usd: 900, agent_usd: 900 }
limits: { items_at_once: 2, turns: 100000 }
team: { flow: burning }
setup: [{ run: sh burn.sh set-up, hosts: [] }]
checks: [{ name: test, run: sh burn.sh gate && sh burn.sh landing }]
cells: { driver: process, allow_no_isolation: true }
`,
      '.mesh/flows/burning.yaml': `name: burning
description: One developer, the project's checks.
phases:
  - name: build
    steps:
      - { role: developer, commit: true }
    gate:
      - { commands: project }
  - name: ship
    submit: merge-queue
`,
      'burn.sh': burnScript(flag),
      'burning.txt': '',
      '.gitignore': 'burning.txt\n',
    },
  });
  return {
    repository,
    flag,
    burn(moment) {
      rmSync(`${flag}.started`, { force: true });
      if (moment === null) rmSync(flag, { force: true });
      else writeFileSync(flag, moment);
    },
  };
}
