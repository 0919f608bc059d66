/**
 * The project of the kill suites: three briefs through a flow like the built-in `feature`, with checks that take no time, so
 * that one undisturbed run lasts seconds. The second item claims to be done while its check is red and is sent back; the
 * checks judge the build, so that no reviewer or tester is asked the same question in two rounds and all repeats count.
 */
import { mkdir } from 'node:fs/promises';
import { createRepository } from '../../src/git/create-repository.ts';

export const ordersProject = 'orders';
export const ordersTarget = 'main';

export interface OrdersBrief {
  title: string;
  /** The folder that its files go to, so that no two items change the same file. */
  folder: string;
  /** Its first developer leaves the check red. */
  isBrokenFirst: boolean;
}

export const ordersBriefs: readonly OrdersBrief[] = [
  { title: 'Export orders', folder: 'export', isBrokenFirst: false },
  { title: 'Search orders', folder: 'search', isBrokenFirst: true },
  { title: 'Archive orders', folder: 'archive', isBrokenFirst: false },
];

/** `check.sh` is red when a file below the project contains the word BROKEN. */
const files: Readonly<Record<string, string>> = {
  '.mesh/mesh.yaml': `version: 1
project: ${ordersProject}
target: ${ordersTarget}
models: { provider: anthropic, default: claude-sonnet-5-5 }
ceilings: { item_usd: 900, agent_usd: 900 }
limits: { items_at_once: 3, step_attempts: 20 }
team: { flow: orders, seats: { developer: 2 } }
checks: [{ name: test, run: sh check.sh }]
cells: { driver: process, allow_no_isolation: true }
`,
  '.mesh/flows/orders.yaml': `name: orders
description: A plan, its parts side by side, their checks, then tester and reviewer at the same time.
phases:
  - name: plan
    steps:
      - { role: planner, reads: [brief.md], writes: [plan.json] }
    gate:
      - { artifact: plan.json, schema: plan }
  - name: build
    each: plan.json#/tasks
    steps:
      - { role: developer, commit: true }
    gate:
      - { commands: project }
    on_fail: { back_to: build, with: findings, at_most: 2, then: ask engineering_lead }
  - name: verify
    parallel:
      - { role: tester, commit: true }
      - { role: reviewer, reads: [brief.md, plan.json], writes: [verdict.json] }
    gate:
      - { artifact: verdict.json, schema: verdict }
      - { verdict: verdict.json }
  - name: ship
    submit: merge-queue
`,
  'check.sh': 'if grep -rl BROKEN . --include="*.txt"; then echo "a file is broken"; exit 1; fi\necho fine\n',
  'orders.txt': 'order 1\norder 2\n',
};

export async function layOutOrders(repository: string): Promise<void> {
  await mkdir(repository, { recursive: true });
  await createRepository(repository, {
    branch: ordersTarget,
    message: 'Orders',
    authorName: 'Prove',
    authorEmail: 'prove@meshwright.invalid',
    files,
  });
}
