import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import type { JsonObject } from '../base/json.ts';
import type { Role } from '../teams/team.ts';
import { isReadOnly, judgeToolCall, permittedTools } from './judge-tool-call.ts';
import { judgePath, outOfScope, pathAllowed } from './path-scope.ts';

function judge(role: Role, tool: string, input: JsonObject, deliverables: string[] = []) {
  const verdict = judgeToolCall({ role, tool, input, deliverables });
  return verdict.decision === 'allow' ? 'allowed' : verdict.reason;
}

describe('tools of a role', () => {
  it('are all of ours when the role names none', () => {
    expect(judge(makeRole(), 'shell', { command: 'ls' })).toBe('allowed');
  });

  it('are those it names, and the refusal lists them', () => {
    const role = makeRole({ tools: ['read', 'grep'] });
    expect(judge(role, 'read', { path: 'a.ts' })).toBe('allowed');
    expect(judge(role, 'write', { path: 'a.ts', content: '' })).toBe(
      'role developer may not use write; its tools are: read, grep',
    );
  });

  it('lose every denied one, even when it is also permitted', () => {
    const role = makeRole({ tools: ['read', 'shell'], deniedTools: ['shell'] });
    expect(judge(role, 'shell', { command: 'ls' })).toContain('may not use shell');
    expect(permittedTools(role, [])).toEqual(['read']);
  });

  it('never include what does not exist', () => {
    for (const name of ['bash', 'Read', 'constructor', '__proto__', '']) {
      expect(judge(makeRole(), name, {})).toContain('there is no tool');
    }
  });

  it('make a role read-only when none of them can change a file', () => {
    expect(isReadOnly(makeRole({ tools: ['read', 'glob', 'grep'] }))).toBe(true);
    expect(isReadOnly(makeRole({ deniedTools: ['write', 'edit'] }))).toBe(false);
    expect(isReadOnly(makeRole({ deniedTools: ['write', 'edit', 'run', 'shell'] }))).toBe(true);
  });
});

describe('the input of a tool call', () => {
  it('is refused with what is expected when something is missing, of the wrong type, or unknown', () => {
    expect(judge(makeRole(), 'read', {})).toContain('read needs path; it takes path (a string), offset?');
    expect(judge(makeRole(), 'run', { argv: 'npm test' })).toContain('argv of run must be a non-empty list');
    expect(judge(makeRole(), 'run', { argv: [] })).toContain('must be a non-empty list');
    expect(judge(makeRole(), 'read', { path: 'a', offset: 0 })).toContain('a positive whole number');
    expect(judge(makeRole(), 'write', { path: 'a', content: '', mode: 7 })).toContain('no input "mode"');
  });

  it('may give null for what is optional', () => {
    expect(judge(makeRole(), 'read', { path: 'a', limit: null })).toBe('allowed');
  });

  it('delivers only what was asked for', () => {
    expect(judge(makeRole(), 'deliver', { name: 'plan.json', content: '' }, ['plan.json'])).toBe('allowed');
    expect(judge(makeRole(), 'deliver', { name: 'x.md', content: '' }, ['plan.json'])).toBe(
      'x.md is not asked for; deliver takes: plan.json',
    );
    expect(judge(makeRole(), 'deliver', { name: 'x.md', content: '' })).toContain('may not use deliver');
  });
});

describe('path scopes', () => {
  const scoped = makeRole({ readPaths: ['src/**', 'docs'], writePaths: ['src/**/*.ts', '**/.env.example'] });

  it('admit what a glob matches, dot files included, however the path is spelt', () => {
    for (const path of ['src/a.ts', './src//deep/./b.ts', '.env.example', 'x/.env.example']) {
      expect(judge(scoped, 'write', { path, content: '' })).toBe('allowed');
    }
    expect(judge(scoped, 'read', { path: 'docs/sub/guide.md' })).toBe('allowed');
  });

  it('refuse the rest and say what is allowed', () => {
    expect(judge(scoped, 'write', { path: 'package.json', content: '' })).toBe(
      'package.json is outside what role developer may write (src/**/*.ts, **/.env.example)',
    );
    expect(judge(scoped, 'read', { path: 'secrets/key' })).toContain('may read (src/**, docs)');
    expect(
      judge(makeRole({ writePaths: [] }), 'edit', { path: 'a', old_text: 'x', new_text: 'y' }),
    ).toContain('no path');
  });

  it('refuse every way out of the workspace', () => {
    const escapes = [
      '../x',
      'src/../../x',
      'src/..',
      '/etc/passwd',
      'C:/x',
      'src\\..\\x',
      'a\0b',
      '..',
      '',
      '.',
      './',
      '//etc/passwd',
    ];
    for (const path of escapes) expect(judge(makeRole(), 'write', { path, content: '' })).not.toBe('allowed');
    for (const cwd of ['..', '/tmp', 'a/../..']) {
      expect(judge(makeRole(), 'shell', { command: 'ls', cwd })).not.toBe('allowed');
    }
    for (const pattern of ['../**', '/etc/*', 'a/{..,b}/c', '..\\x']) {
      expect(judge(makeRole(), 'glob', { pattern })).not.toBe('allowed');
      expect(judge(makeRole(), 'grep', { pattern: 'x', glob: pattern })).not.toBe('allowed');
    }
  });

  it("refuse git's files and the mesh configuration in every spelling that a file system may fold", () => {
    const spellings = [
      '.git/config',
      '.GIT/config',
      'sub/.Git/hooks/x',
      '.git',
      '.git./config',
      '.git /x',
      '.g\u200cit/config',
      'git~1/config',
      'GIT~1/x',
      '.git::$INDEX_ALLOCATION/x',
    ];
    for (const path of spellings) {
      expect(judge(makeRole(), 'write', { path, content: '' })).toContain("git's own files");
      expect(judge(makeRole(), 'read', { path })).toContain("git's own files");
    }
    for (const path of ['.mesh/mesh.yaml', '.MESH/roles/x.md']) {
      expect(judge(makeRole(), 'write', { path, content: '' })).toContain('mesh configuration');
      expect(judge(makeRole(), 'read', { path })).toBe('allowed');
    }
    for (const path of ['.gitignore', '.github/workflows/ci.yml', 'src/git/mirror.ts', 'mesh/a']) {
      expect(judge(makeRole(), 'write', { path, content: '' })).toBe('allowed');
    }
  });

  it('judge a captured change set again', () => {
    expect(outOfScope(scoped, ['src/a.ts', 'package.json', '.git/config', 'src/a.js'])).toEqual([
      'package.json',
      '.git/config',
      'src/a.js',
    ]);
    expect(pathAllowed(scoped, 'write', 'src/a.ts')).toBe(true);
  });

  it('never admit a path that leaves its scope, whatever segments it is made of', () => {
    const segment = fc.constantFrom(
      'src',
      '..',
      '.',
      '',
      '.git',
      '.GIT',
      'a.ts',
      '.mesh',
      '...',
      ' ',
      '~',
      'x\\y',
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 7 }), (segments) => {
        const check = judgePath(makeRole({ writePaths: ['src/**'] }), 'write', segments.join('/'));
        if (!check.ok) return;
        expect(check.path === 'src' || check.path.startsWith('src/')).toBe(true);
        expect(check.path.split('/')).not.toContain('..');
        expect(check.path.toLowerCase()).not.toMatch(/(^|\/)\.(git|mesh)(\/|$)/);
      }),
    );
  });
});
