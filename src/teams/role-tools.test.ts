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
      remarks: [],
    });
    expect(mapAllowedTools(['run', 'read'])).toEqual({ tools: ['read', 'run'], remarks: [] });
  });

  it.each([
    'Bash(git diff:*)',
    'WebFetch',
    'mcp__github__create',
    'bash',
    'constructor',
    '__proto__',
    'Read Write',
    'Bash(',
    '**',
  ])('that are not whole tools of ours grant nothing: %s', (name) => {
    const { tools, remarks } = mapAllowedTools(name);
    expect(tools).toEqual([]);
    expect(remarks).toHaveLength(1);
  });

  it('deny the whole tool where a part was meant', () => {
    expect(mapDeniedTools('Bash(rm:*)').tools).toEqual(['run', 'shell']);
    expect(mapDeniedTools('Bash(rm:*)').remarks).toHaveLength(1);
    expect(mapDeniedTools('*').tools).toHaveLength(7);
    expect(mapDeniedTools('WebSearch, Write')).toEqual({ tools: ['write'], remarks: [] });
  });
});
