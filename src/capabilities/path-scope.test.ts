import { describe, expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import { parseRule } from '../permissions/parse-rule.ts';
import type { PermissionRule } from '../permissions/permission-rule.ts';
import type { Role } from '../teams/team.ts';
import { judgePath, outOfScope, type PathUse, pathAllowed } from './path-scope.ts';
import { seatedRole } from './seated-role.ts';
import { emptyPlacesOf, writableOf } from './write-scope.ts';

function rules(...texts: string[]): PermissionRule[] {
  return texts.map((text) => {
    const parsed = parseRule(text, 'role');
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.rule;
  });
}

function roleWith(verb: 'allow' | 'ask' | 'deny', texts: string[], overrides: Partial<Role> = {}): Role {
  const none = { allow: [], ask: [], deny: [] };
  const permissions =
    verb === 'allow' ? { ...none, allow: [rules(...texts)] } : { ...none, [verb]: rules(...texts) };
  return makeRole({ permissions, ...overrides });
}

const allowed = (role: Role, use: PathUse, ...paths: string[]) =>
  paths.filter((path) => pathAllowed(role, use, path));

describe('rules about parts of the file tools', () => {
  it('allow only these parts, each to its own tool', () => {
    const role = roleWith('allow', ['Read(src/**)', 'Write(docs/**)', 'Edit(docs/**)', 'Edit(README.md)']);
    expect(allowed(role, 'read', 'src/a.ts', 'docs/a.md')).toEqual(['src/a.ts']);
    expect(allowed(role, 'write', 'src/a.ts', 'docs/a.md', 'README.md')).toEqual(['docs/a.md']);
    expect(allowed(role, 'edit', 'docs/a.md', 'README.md', 'sub/README.md')).toEqual([
      'docs/a.md',
      'README.md',
      'sub/README.md',
    ]);
    expect(judgePath(role, 'read', 'src/a.ts')).toMatchObject({ rule: 'allow Read(src/**) of the role' });
    expect(judgePath(role, 'write', 'a')).toMatchObject({
      ok: false,
      reason: 'a is not allowed; allowed are: Write(docs/**)',
    });
  });

  it('hold for what commands changed as well', () => {
    const role = roleWith('allow', ['Write(docs/**)', 'Edit(docs/**)', 'Edit(src/**)']);
    expect(outOfScope(role, ['docs/a', 'src/a', 'test/a'])).toEqual(['test/a']);
    expect(
      outOfScope(roleWith('allow', ['Write(docs/**)'], { tools: ['write', 'shell'] }), ['src/a']),
    ).toEqual(['src/a']);
    expect(outOfScope(roleWith('deny', ['Edit(.env)']), ['.env', 'sub/.env', 'env'])).toEqual([
      '.env',
      'sub/.env',
    ]);
  });

  it('deny to every tool that does the same, and in every folder when they name none', () => {
    const role = roleWith('deny', ['Read(secrets/**)', 'Edit(*.lock)']);
    for (const use of ['read', 'grep', 'glob'] as const)
      expect(pathAllowed(role, use, 'secrets/key')).toBe(false);
    expect(pathAllowed(role, 'write', 'sub/deps.lock')).toBe(false);
    expect(pathAllowed(role, 'read', 'sub/deps.lock')).toBe(true);
  });

  it('win over a scope that admits the path, and ask where asking is said', () => {
    const role = roleWith('ask', ['Write(docs/**)'], { writePaths: ['docs/**'] });
    expect(judgePath(role, 'write', 'docs/a')).toMatchObject({ ok: false, decision: 'ask' });
    expect(judgePath(makeRole({ writePaths: ['docs/**'] }), 'write', 'docs/a')).toMatchObject({
      rule: 'paths.write docs/**',
    });
  });
});

describe('a role that changes only what its item has changed', () => {
  const role = makeRole({ onlyFiles: [], permissions: { allow: [], ask: [], deny: [] } });
  const none = { allow: [], ask: [], deny: [] };

  it('writes these files and no new one, by tools and by commands', () => {
    const seated = seatedRole(role, none, ['src/[id].ts', 'src/a.ts', '.git/config', '.mesh/mesh.yaml']);
    expect(
      allowed(
        seated,
        'write',
        'src/[id].ts',
        'src/i.ts',
        'src/a.ts',
        'src/a.ts/b',
        'src/new.ts',
        '.git/config',
      ),
    ).toEqual(['src/[id].ts', 'src/a.ts']);
    expect(outOfScope(seated, ['src/a.ts', 'src/new.ts'])).toEqual(['src/new.ts']);
    expect(writableOf(seated)).toEqual([
      { path: 'src/[id].ts', ifMissing: 'leave_out' },
      { path: 'src/a.ts', ifMissing: 'leave_out' },
    ]);
    expect(judgePath(seated, 'write', 'b').ok || judgePath(seated, 'write', 'b')).toMatchObject({
      rule: 'paths.write changed',
    });
  });

  it('writes nothing before it is seated, and another role is not limited', () => {
    expect(pathAllowed(role, 'write', 'src/a.ts')).toBe(false);
    expect(seatedRole(makeRole(), none, ['src/a.ts']).onlyFiles).toBeNull();
  });
});

describe('what commands of a role must be able to write', () => {
  it('is where its globs begin', () => {
    const globs = [
      'src/**/*.ts',
      'docs',
      'docs/guide/',
      'CHANGELOG.md',
      'a/{b,c}/x',
      'b/[id].ts',
      '.github/*',
    ];
    expect(writableOf(makeRole({ writePaths: globs }))).toEqual([
      { path: 'src', ifMissing: 'folder' },
      { path: 'docs', ifMissing: 'folder' },
      { path: 'docs/guide', ifMissing: 'folder' },
      { path: 'CHANGELOG.md', ifMissing: 'file' },
      { path: 'a', ifMissing: 'folder' },
      { path: 'b', ifMissing: 'folder' },
      { path: '.github', ifMissing: 'folder' },
    ]);
    expect(emptyPlacesOf(makeRole({ writePaths: globs }))).toEqual(['CHANGELOG.md']);
    expect(writableOf(makeRole({ writePaths: ['**/*.md'] }))).toEqual([{ path: '', ifMissing: 'folder' }]);
    expect(writableOf(makeRole())).toBeNull();
    expect(writableOf(makeRole({ writePaths: [] }))).toEqual([]);
  });

  it('is where all of its scopes reach', () => {
    const role = roleWith('allow', ['Write(docs/api/**)', 'Edit(src/**)'], {
      writePaths: ['docs/**', 'test/**'],
    });
    expect(writableOf(role)).toEqual([{ path: 'docs/api', ifMissing: 'folder' }]);
  });
});
