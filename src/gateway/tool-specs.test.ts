import { describe, expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import { toolSpecs } from './tool-specs.ts';

describe('the tools that a model is told of', () => {
  it('are only those that the role may use, with deliver where something is to be handed in', () => {
    const role = makeRole({ tools: ['read', 'write'], deniedTools: ['write'] });
    expect(toolSpecs(role, []).map(({ name }) => name)).toEqual(['read']);
    expect(toolSpecs(role, ['plan.json']).map(({ name }) => name)).toEqual(['read', 'deliver']);
  });

  it('say which paths and artifacts they take, and which inputs are required', () => {
    const specs = toolSpecs(makeRole({ writePaths: ['docs/**'] }), ['plan.json']);
    const named = Object.fromEntries(specs.map((spec) => [spec.name, spec]));
    expect(named.write?.description).toContain('Only these paths: docs/**.');
    expect(named.read?.description).not.toContain('Only these paths');
    expect(named.deliver?.inputSchema).toMatchObject({ properties: { name: { enum: ['plan.json'] } } });
    expect(named.edit?.inputSchema).toMatchObject({
      required: ['path', 'old_text', 'new_text'],
      additionalProperties: false,
    });
  });

  it('say which parts of them the role has, and that it changes only what is changed', () => {
    const rule = { text: 'Bash(npm test)', from: 'role', tools: ['run', 'shell'] } as const;
    const part = { kind: 'command', words: ['npm', 'test'], isPrefix: false } as const;
    const permissions = { allow: [[{ ...rule, part }]], ask: [], deny: [] };
    const specs = toolSpecs(makeRole({ permissions, onlyFiles: ['a.ts'] }), []);
    const described = Object.fromEntries(specs.map(({ name, description }) => [name, description]));
    expect(described.shell).toContain('Only these parts: Bash(npm test).');
    expect(described.write).toContain('Only files that the item has changed.');
    expect(described.read).not.toContain('Only');
  });

  it('are described the same way every time, so that provider caches hit', () => {
    const role = makeRole();
    expect(JSON.stringify(toolSpecs(role, ['a']))).toBe(JSON.stringify(toolSpecs(role, ['a'])));
  });
});
