import { describe, expect, it } from 'vitest';
import { makeRole } from '../../../test/doubles/make-role.ts';
import type { Json } from '../../base/json.ts';
import type { Role } from '../../teams/team.ts';
import { judgePermission } from './judge-permission.ts';

const workspace = '/srv/orders';

function judge(
  kind: string,
  rawInput: Json,
  more: { role?: Role; name?: string; locations?: string[] } = {},
) {
  const { role = makeRole(), name = null, locations = [] } = more;
  const call = { kind, rawInput, name, title: 'what it calls it' };
  return judgePermission({ call, locations, role, deliverables: [], workspace });
}

describe('what an outside agent asks for', () => {
  it('is judged as a call of our tools, by the same rules', () => {
    const role = makeRole({ writePaths: ['docs/**'], deniedTools: ['shell'] });
    const edit = (path: string) => judge('edit', { file_path: path }, { role });
    expect(edit(`${workspace}/docs/a.md`)).toMatchObject({ isAllowed: true, reason: '' });
    expect(edit('docs/a.md').isAllowed).toBe(true);
    expect(edit(`${workspace}/src/a.ts`).reason).toContain(
      'src/a.ts is outside what role developer may write',
    );
    expect(judge('execute', { command: 'ls' }, { role }).reason).toContain('may not use shell');
    expect(judge('execute', { command: 'ls' }).isAllowed).toBe(true);
  });

  it('is refused when one of the files that it names is not allowed, wherever it names it', () => {
    const inside = `${workspace}/a.txt`;
    for (const outside of [
      '/etc/passwd',
      '../x',
      `${workspace}/../x`,
      `${workspace}er/x`,
      `${workspace}/.git/config`,
    ]) {
      expect(judge('edit', { file_path: inside }, { locations: [outside] }).isAllowed).toBe(false);
      expect(judge('edit', { file_path: outside }, { locations: [inside] }).isAllowed).toBe(false);
      expect(judge('read', { filePath: outside }).isAllowed).toBe(false);
    }
    expect(judge('read', { filePath: inside }).isAllowed).toBe(true);
  });

  it('is refused when it is not understood', () => {
    expect(judge('execute', { command: ['ls'] })).toMatchObject({ isAllowed: false, rule: 'input' });
    expect(judge('execute', null).isAllowed).toBe(false);
    for (const kind of ['edit', 'delete', 'move']) expect(judge(kind, {}).isAllowed).toBe(false);
    expect(judge('fetch', { url: 'http://example.org' })).toMatchObject({
      isAllowed: false,
      rule: 'network',
    });
    for (const kind of ['other', 'switch_mode', 'brand_new', ''])
      expect(judge(kind, {}).isAllowed).toBe(false);
  });

  it('of our own MCP tools is let through to where it is judged when it is called', () => {
    for (const name of ['mcp__meshwright__deliver', 'meshwright_deliver']) {
      expect(judge('other', {}, { name })).toMatchObject({ isAllowed: true, rule: 'mcp' });
    }
    for (const name of ['mcp__other__deliver', 'x_meshwright_deliver', 'meshwright_deliver; rm']) {
      expect(judge('other', {}, { name }).isAllowed).toBe(false);
    }
  });
});
