/** A role for tests: may use every tool on every path; what a test cares about it says itself. */
import type { Role } from '../../src/teams/team.ts';

export function makeRole(overrides: Partial<Role> = {}): Role {
  return {
    name: 'developer',
    description: '',
    instructions: '',
    tools: null,
    deniedTools: [],
    model: null,
    effort: null,
    tier: null,
    run: null,
    reads: [],
    writes: [],
    readPaths: null,
    writePaths: null,
    onlyFiles: null,
    permissions: { allow: [], ask: [], deny: [] },
    deniedApprovalTiers: [],
    never: [],
    agent: null,
    maxTurns: null,
    source: 'test',
    ...overrides,
  };
}
