import { describe, expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import type { JsonObject } from '../base/json.ts';
import { judgeToolCall } from '../capabilities/judge-tool-call.ts';
import type { PermissionRule } from '../permissions/permission-rule.ts';
import { askingTools } from '../permissions/tool-name.ts';
import type { Role } from '../teams/team.ts';
import { toolSpecs } from './tool-specs.ts';

const input: JsonObject = { stance: 'refuse', what: 'it', why: 'so', needed: 'that' };

function offered(role: Role, mayAsk = true): string[] {
  const names = toolSpecs(role, [], mayAsk).map(({ name }) => name);
  return askingTools.filter((tool) => names.includes(tool));
}

function refusals(role: Role, mayAsk = true): string[] {
  return askingTools.flatMap((tool) => {
    const { decision, reason } = judgeToolCall({ role, tool, input, deliverables: [], mayAsk });
    return decision === 'allow' ? [] : [reason];
  });
}

/** As `deny: [ask]` of a policy seats it. */
function denying(...tools: PermissionRule['tools']): Role {
  const deny: PermissionRule = { text: tools.join(), from: 'policy', tools, part: null };
  return makeRole({ permissions: { allow: [], ask: [], deny: [deny] } });
}

describe('the tools that reach people', () => {
  it('are offered to every role, whatever tools it lists, and may be called', () => {
    for (const role of [makeRole(), makeRole({ tools: ['read'] })]) {
      expect(offered(role)).toEqual(['ask', 'decline']);
      expect(refusals(role)).toEqual([]);
    }
  });

  it.each([
    ['its file', makeRole({ deniedTools: ['ask', 'decline'] })],
    ['a permission', denying('ask', 'decline')],
  ])('are neither offered nor let through where %s denies them', (_by, role) => {
    expect(offered(role)).toEqual([]);
    expect(refusals(role)).toHaveLength(askingTools.length);
    for (const reason of refusals(role)) expect(reason).toMatch(/ask|decline/);
  });

  it('are denied one by one', () => {
    expect(offered(denying('ask'))).toEqual(['decline']);
    expect(refusals(denying('ask'))).toHaveLength(1);
  });

  it('are neither offered nor let through where nobody hears them', () => {
    expect(offered(makeRole(), false)).toEqual([]);
    expect(refusals(makeRole(), false)).toHaveLength(askingTools.length);
  });
});
