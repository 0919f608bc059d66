import { describe, expect, it } from 'vitest';
import { mapAllowedTools, mapDeniedTools, splitToolNames } from './role-tools.ts';

describe('tool names of role files', () => {
  it('are separated by commas, but not by those in parentheses', () => {
    expect(splitToolNames('Read, Bash(git diff:*, git log:*),Grep , ')).toEqual([
      'Read',
      'Bash(git diff:*, git log:*)',
      'Grep',
    ]);
  });

  it('map to ours, and ours to themselves', () => {
    expect(mapAllowedTools('Bash, MultiEdit, LS')).toEqual({
      tools: ['edit', 'glob', 'run', 'shell'],
      parts: [],
      remarks: [],
    });
    expect(mapAllowedTools(['run', 'read'])).toEqual({ tools: ['read', 'run'], parts: [], remarks: [] });
  });

  it.each([
    'Bash(git diff | sh:*)',
    'Bash($X:*)',
    'Read(../secrets)',
    'WebFetch(domain:example.org)',
    'WebFetch',
    'mcp__github__create',
    'bash',
    'constructor',
    '__proto__',
    'Read Write',
    'Bash(',
    '**',
  ])('that are neither tools of ours nor parts of them grant nothing: %s', (name) => {
    const { tools, remarks } = mapAllowedTools(name);
    expect(tools).toEqual([]);
    expect(remarks).toHaveLength(1);
  });

  it('grant parts, and whole tools where both are named', () => {
    const { tools, parts, remarks } = mapAllowedTools('Read, Bash(git diff:*), Bash(npm test), Read(src/**)');
    expect(tools).toEqual(['read', 'run', 'shell']);
    expect(parts.map(({ text }) => text)).toEqual(['Bash(git diff:*)', 'Bash(npm test)']);
    expect(remarks).toEqual([]);
  });

  it('deny parts, and the whole tool where the part is not understood', () => {
    expect(mapDeniedTools('Bash(rm:*)')).toMatchObject({
      tools: [],
      parts: [{ text: 'Bash(rm:*)' }],
      remarks: [],
    });
    expect(mapDeniedTools('Bash(rm $X)').tools).toEqual(['run', 'shell']);
    expect(mapDeniedTools('Bash(rm $X)').remarks).toHaveLength(1);
    // The seven of the cell, and the two that ask people.
    expect(mapDeniedTools('*').tools).toEqual(expect.arrayContaining(['shell', 'ask', 'decline']));
    expect(mapDeniedTools('*').tools).toHaveLength(9);
    expect(mapDeniedTools('WebSearch, Write')).toEqual({ tools: ['write'], parts: [], remarks: [] });
  });
});
