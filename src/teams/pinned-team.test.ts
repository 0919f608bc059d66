import { describe, expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import { judgeToolCall } from '../capabilities/judge-tool-call.ts';
import { completeTeam } from './pinned-team.ts';
import type { Team } from './team.ts';

describe('a team that was pinned by an earlier version', () => {
  const flow = { name: 'solo', description: '', phases: [] };

  it('has the capabilities that it had then', () => {
    const { permissions, never, onlyFiles, ...older } = makeRole({ writePaths: ['docs/**'] });
    const pinned = { flow, roles: { developer: older } } as unknown as Team;
    const role = completeTeam(JSON.parse(JSON.stringify(pinned)) as Team).roles.developer;
    if (!role) throw new Error('the role is gone');
    expect([role.permissions, role.never, role.onlyFiles]).toEqual([permissions, never, onlyFiles]);
    const judge = (path: string) =>
      judgeToolCall({ role, tool: 'write', input: { path, content: '' }, deliverables: [] }).decision;
    expect([judge('docs/a'), judge('src/a')]).toEqual(['allow', 'deny']);
  });

  it('keeps what its roles say', () => {
    const role = makeRole({ onlyFiles: [], never: [{ kind: 'todo_in_output' }] });
    expect(completeTeam({ flow, roles: { developer: role } }).roles.developer).toEqual(role);
  });
});
