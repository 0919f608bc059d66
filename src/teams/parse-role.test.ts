import { describe, expect, it } from 'vitest';
import { parseRole } from './parse-role.ts';

function role(front: string, body = 'You review.\n') {
  return parseRole('.claude/agents/a.md', `---\n${front}\n---\n${body}`);
}

describe('a Claude Code sub-agent file', () => {
  it('loads unchanged: invalid YAML in its description, keys of its own, escaped line breaks', () => {
    const { value, diagnostics } = role(
      [
        'name: code-reviewer',
        'description: Use when: the user\'s code is done. Examples: <example>user: "go"\\nassistant: ok</example> # not a comment',
        'tools: Read, Grep, Glob, Bash',
        'model: inherit',
        'color: purple',
        'memory: project',
        'maxTurns: 12',
        'background: true',
      ].join('\n'),
      '\nYou review code.\n\n---\n\nA rule across is no front matter.\n',
    );
    expect(diagnostics).toEqual([]);
    expect(value).toEqual({
      name: 'code-reviewer',
      description:
        'Use when: the user\'s code is done. Examples: <example>user: "go"\\nassistant: ok</example> # not a comment',
      instructions: 'You review code.\n\n---\n\nA rule across is no front matter.',
      tools: ['read', 'glob', 'grep', 'run', 'shell'],
      deniedTools: [],
      model: null,
      effort: null,
      reads: ['brief.md'],
      writes: [],
      readPaths: null,
      writePaths: null,
      maxTurns: 12,
      tier: null,
      run: null,
      agent: null,
      onlyFiles: null,
      permissions: { allow: [], ask: [], deny: [] },
      deniedApprovalTiers: [],
      never: [],
      source: '.claude/agents/a.md',
    });
  });

  it('without tools has every tool, with an empty list none', () => {
    expect(role('name: a\ndescription: b').value?.tools).toBeNull();
    expect(role('name: a\ndescription: b\ntools:').value?.tools).toEqual([]);
    expect(role('name: a\ndescription: b\ntools: []').value?.tools).toEqual([]);
    expect(role('name: a\ndescription: b\ntools: "*"').value?.tools).toBeNull();
  });

  it('in plan mode changes nothing', () => {
    expect(role('name: a\ndescription: b\npermissionMode: plan').value?.deniedTools).toEqual([
      'write',
      'edit',
      'run',
      'shell',
    ]);
  });

  it('says what needs whose yes, and of which approval tier it does nothing', () => {
    const { value } = role(
      [
        'name: a',
        'description: b',
        'mesh:',
        '  permissions:',
        '    ask: ["Bash(npm publish:*)", { rule: "Bash(terraform:*)", tier: infrastructure }]',
        '  tiers: { money: deny, external: ask }',
      ].join('\n'),
    );
    expect(value?.permissions.ask.map(({ text, tier }) => [text, tier])).toEqual([
      ['Bash(npm publish:*)', 'external'],
      ['Bash(terraform:*)', 'infrastructure'],
    ]);
    expect(value?.deniedApprovalTiers).toEqual(['money']);
  });

  it('with a block of text as its description keeps it', () => {
    expect(role('name: a\ndescription: |\n  Use when: x\n  and y').value?.description).toBe(
      'Use when: x\nand y',
    );
  });

  it('never runs code that stands in front matter', () => {
    const { value } = parseRole('a.md', '---js\nglobalThis.wasRun = true\n---\nbody\n');
    expect(value).toBeUndefined();
    expect('wasRun' in globalThis).toBe(false);
  });
});

describe('our additions to it', () => {
  it('say how much model it gets, or which command runs instead of one', () => {
    const { value } = role('name: a\ndescription: b\nmesh: { tier: small }');
    expect(value).toMatchObject({ tier: 'small', run: null });
    const command = role('name: a\ndescription: b\nmesh: { run: npm run format }');
    expect(command.value).toMatchObject({ tier: 'none', run: 'npm run format' });
  });

  it.each([
    ['tier: none', '`none` needs `run`'],
    ['tier: small, run: npm test', 'uses no model'],
    ['run: npm test, writes: [notes.md]', 'hands in no artifacts'],
  ])('are refused where they contradict each other: %s', (mesh, problem) => {
    const { value, diagnostics } = role(`name: a\ndescription: b\nmesh: { ${mesh} }`);
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ message }) => message).join()).toContain(problem);
  });

  it('say what is read and written, where, and for how many turns', () => {
    const { value, diagnostics } = role(
      'name: a\ndescription: b\ntools: Read, Write\nmodel: opus\neffort: high\nmaxTurns: 9\nmesh:\n  reads: [brief.md, plan.json]\n  writes: [notes.md]\n  paths: { read: ["src/**"], write: ["docs/**"] }\n  max_turns: 5',
    );
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({
      model: 'opus',
      effort: 'high',
      reads: ['brief.md', 'plan.json'],
      writes: ['notes.md'],
      readPaths: ['src/**'],
      writePaths: ['docs/**'],
      maxTurns: 5,
    });
  });

  it('say which parts of tools it has, what it may not hand in, and that it may change what is changed already', () => {
    const { value, diagnostics } = role(
      'name: a\ndescription: b\ntools: Read, Edit, Bash(git diff:*)\ndisallowedTools: Edit(.env)\nmesh:\n  paths: { write: changed }\n  permissions: { allow: ["Bash(npm test)"], ask: ["Bash(npm run deploy:*)"], deny: [Grep] }\n  never: [code_in_output, { name: names, pattern: "Dr\\\\.", message: no names }]',
    );
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({
      tools: ['read', 'edit', 'run', 'shell'],
      writePaths: null,
      onlyFiles: [],
      permissions: {
        allow: [[{ text: 'Bash(git diff:*)' }, { text: 'Bash(npm test)' }]],
        ask: [{ text: 'Bash(npm run deploy:*)' }],
        deny: [{ text: 'Edit(.env)' }, { text: 'Grep' }],
      },
      never: [{ kind: 'code_in_output' }, { kind: 'pattern', name: 'names', message: 'no names' }],
    });
  });

  it('take commands away from a role that may read a part only, and say so', () => {
    const { value, diagnostics } = role('name: a\ndescription: b\ntools: Bash, Read(src/**)');
    expect(value?.deniedTools).toEqual(['run', 'shell']);
    expect(diagnostics.map(({ message }) => message).join()).toContain('a command could read the rest');
  });

  it('keep the places of problems right in a file that needed the lenient reading', () => {
    const { diagnostics } = role('name: a\ndescription: Use when: x\nmesh:\n  wirtes: [a.md]');
    expect(diagnostics.map(({ line, col, message }) => `${line}:${col} ${message}`)).toEqual([
      '5:3 unknown key `wirtes`; did you mean `writes`?',
    ]);
  });
});

describe('a hostile role file', () => {
  const problemsOf = (text: string) =>
    parseRole('r.md', text).diagnostics.map(({ line, col, message }) => `${line}:${col} ${message}`);

  it('that names a language executes nothing', () => {
    expect(problemsOf('---js\nprocess.exit(0)\n---\nx')).toEqual([
      '1:1 the front matter begins with `---` alone on its line; nothing else is read, and nothing is ever executed',
    ]);
  });

  it('with front matter that is a bomb is refused at its place', () => {
    expect(problemsOf(`---\ntools:\n  ${'['.repeat(50_000)}\n---\nx`)[0]).toMatch(/^3:\d+ nested more than/);
    expect(problemsOf(`---\nname: ${'x'.repeat(70_000)}\n---\nx`)).toEqual([
      '1:1 the front matter is larger than 64 KB',
    ]);
  });

  it.each(['constructor', 'toString', 'd\u0435veloper', '\ufb01xer', 'a\u200bb', '\u202eresu', '__proto__'])(
    'called %j is refused',
    (name) => {
      expect(problemsOf(`---\nname: ${JSON.stringify(name)}\ndescription: x\n---\nx`)[0]).toMatch(
        /^2:7 `name` /,
      );
    },
  );

  it('that reads or writes an artifact which every object has is refused', () => {
    const { diagnostics } = role(
      'name: a\ndescription: x\nmesh:\n  reads: [constructor]\n  writes: [toString]',
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^`mesh\.reads\[0\]` is a word/),
      expect.stringMatching(/^`mesh\.writes\[0\]` is a word/),
    ]);
  });
});
