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
    reads: [],
    writes: [],
    readPaths: null,
    writePaths: null,
    maxTurns: null,
    source: 'test',
    ...overrides,
  };
}
