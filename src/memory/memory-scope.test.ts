import { describe, expect, it } from 'vitest';
import { concerns, normalScope, parseScope } from './memory-scope.ts';

describe('a scope', () => {
  it.each([
    ['mesh', { on: 'mesh' }],
    ['team:feature', { on: 'team', team: 'feature' }],
    ['item:3', { on: 'item', item: 3 }],
    ['paths:src/**,docs/*.md', { on: 'paths', globs: ['docs/*.md', 'src/**'] }],
    ['paths:src/**/*.{ts,js},docs', { on: 'paths', globs: ['docs', 'src/**/*.{ts,js}'] }],
  ])('%s is read', (text, scope) => {
    expect(parseScope(text)).toEqual(scope);
  });

  it.each(['', 'meshes', 'item:', 'item:0', 'item:x', 'team:', 'paths:', 'paths:a,,b', 'cluster:main'])(
    '%j is none',
    (text) => {
      expect(parseScope(text)).toBeUndefined();
    },
  );

  it('of the same globs in another order is the same', () => {
    expect(normalScope(' paths:b,a,b')).toBe('paths:a,b');
    expect(normalScope('item:3')).toBe('item:3');
  });

  it('of paths concerns the files that it names, hidden ones too', () => {
    const scope = { on: 'paths', globs: ['src/**', '*.md'] } as const;
    const at = (...paths: string[]) => concerns(scope, { team: 'solo', item: 1, paths });
    expect([at('src/a/.b.ts'), at('README.md'), at('docs/a.md'), at('docs/a.md', 'src/c')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
