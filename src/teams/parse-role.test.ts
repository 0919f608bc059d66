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
  it('say what is read and written, where, and for how many turns', () => {
    const { value, diagnostics } = role(
      'name: a\ndescription: b\nmodel: opus\neffort: high\nmaxTurns: 9\nmesh:\n  reads: [brief.md, plan.json]\n  writes: [notes.md]\n  paths: { read: ["src/**"], write: ["docs/**"] }\n  max_turns: 5',
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
