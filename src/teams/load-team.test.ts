import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { compileTeam, listFlows, loadTeam } from './load-team.ts';

const fixtures = path.join(import.meta.dirname, '../../test/fixtures/teams');
const builtInDir = path.join(import.meta.dirname, '../../assets/team');

describe('a mistake in team files', () => {
  it.each(readdirSync(fixtures))('%s is told at its place', async (mistake) => {
    const dir = path.join(fixtures, mistake);
    const { value, diagnostics } = await loadTeam(dir, { flow: 'flow', builtInDir });
    const expected = readFileSync(path.join(dir, 'expected.txt'), 'utf8').trimEnd();
    expect(diagnostics.map(formatDiagnostic).join('\n')).toBe(expected);
    expect(value === undefined).toBe(diagnostics.some((each) => each.severity === 'error'));
  });
});

describe('a team', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'mesh-team-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function write(file: string, text: string) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  }
  async function load(flow: string) {
    const { value, diagnostics } = await loadTeam(dir, { flow, builtInDir });
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    if (!value) throw new Error('no team');
    return value;
  }

  it.each([
    ['solo', ['developer']],
    ['trio', ['developer', 'planner', 'reviewer']],
    ['feature', ['developer', 'planner', 'reviewer', 'tester']],
  ])('of the built-in flow %s loads without a file in the repository', async (flow, roles) => {
    const team = await load(flow);
    expect(team.flow.name).toBe(flow);
    expect(Object.keys(team.roles)).toEqual(roles);
    expect(team.flow.phases.at(-1)?.submits).toBe(true);
  });

  it('of the built-in roles lets only the developer change code, and the planner and the reviewer change nothing', async () => {
    const { roles } = await load('feature');
    expect(roles.planner?.tools).toEqual(['read', 'glob', 'grep']);
    expect(roles.reviewer?.tools).toEqual(['read', 'glob', 'grep']);
    expect(roles.tester?.writePaths).toContain('**/*.test.*');
    expect(roles.developer?.writePaths).toBeNull();
    expect(roles.planner?.writes).toEqual(['plan.json']);
    expect(roles.reviewer?.writes).toEqual(['verdict.json']);
    expect(roles.tester?.writes).toEqual([]);
  });

  it('has the phases as the flow file says, with the defaults filled in', async () => {
    const { flow } = await load('feature');
    expect(flow.phases.map((phase) => phase.body.kind)).toEqual(['sequence', 'each', 'parallel', 'none']);
    expect(flow.phases[0]?.onFail).toEqual({ backTo: 'plan', atMost: 1, thenAsk: 'engineering_lead' });
    expect(flow.phases[1]?.body).toEqual({
      kind: 'each',
      artifact: 'plan.json',
      pointer: '/tasks',
      steps: [{ name: 'developer', role: 'developer', reads: ['brief.md'], writes: [], commits: true }],
    });
    expect(flow.phases[2]).toMatchObject({
      gates: [
        { kind: 'artifact', artifact: 'verdict.json', schema: 'verdict' },
        { kind: 'commands', checks: null },
        { kind: 'verdict', artifact: 'verdict.json' },
      ],
      onFail: { backTo: 'build', atMost: 2, thenAsk: 'engineering_lead' },
      submits: false,
    });
  });

  it('takes a role from .mesh/roles before .claude/agents before the built-in ones', async () => {
    const role = (who: string) => `---\nname: developer\ndescription: ${who}\n---\nI am ${who}.\n`;
    write('.claude/agents/dev.md', role('theirs'));
    expect((await load('solo')).roles.developer).toMatchObject({
      description: 'theirs',
      source: '.claude/agents/dev.md',
    });
    write('.mesh/roles/developer.md', role('ours'));
    expect((await load('solo')).roles.developer).toMatchObject({
      description: 'ours',
      source: '.mesh/roles/developer.md',
    });
    expect((await load('trio')).roles.planner?.source).toBe('built in');
  });

  it('is not disturbed by agents of others that its flow does not use', async () => {
    write('.claude/agents/broken.md', '---\nname: [\n---\nx\n');
    write('.claude/agents/readme.md', 'just text\n');
    write('.claude/agents/odd.md', '---\nname: odd\nmesh: { nonsense: 1 }\n---\nx\n');
    await load('trio');
  });

  it('takes a flow from .mesh/flows before the built-in one of the same name', async () => {
    write('.mesh/flows/solo.yml', 'description: ours\nphases:\n  - name: ship\n    submit: merge-queue\n');
    expect((await load('solo')).flow).toMatchObject({ name: 'solo', description: 'ours' });
    expect(await listFlows(dir, builtInDir)).toEqual(['solo', 'feature', 'trio']);
  });

  it('numbers the second seat of a role, without taking the name of another role', async () => {
    for (const name of ['dev', 'dev-2'])
      write(`.mesh/roles/${name}.md`, `---\nname: ${name}\ndescription: x\n---\nx\n`);
    write(
      '.mesh/flows/many.yaml',
      'phases:\n  - name: build\n    parallel: [{ role: dev }, { role: dev }, { role: dev-2 }]\n  - { name: ship, submit: merge-queue }\n',
    );
    const { flow } = await load('many');
    const body = flow.phases[0]?.body;
    expect(body?.kind === 'parallel' && body.steps.map((step) => step.name)).toEqual([
      'dev',
      'dev-3',
      'dev-2',
    ]);
  });

  it('points at the setting that named a flow which does not exist', async () => {
    const flowNamedAt = { file: '.mesh/mesh.yaml', line: 7, col: 9 };
    const { diagnostics } = await loadTeam(dir, { flow: 'trios', builtInDir, flowNamedAt });
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      '.mesh/mesh.yaml:7:9 there is no flow `trios`; did you mean `trio`?',
    ]);
  });

  it('never looks outside the flow folders for a flow', async () => {
    write('.mesh/outside.yaml', 'phases:\n  - { name: ship, submit: merge-queue }\n');
    expect((await loadTeam(dir, { flow: '../outside', builtInDir })).value).toBeUndefined();
  });

  it('is frozen, and its hash changes with any word of a role', async () => {
    const team = await load('solo');
    const developer = team.roles.developer;
    if (!developer) throw new Error('no developer');
    expect(() => Object.assign(developer, { tools: null })).toThrow(TypeError);
    const same = compileTeam(structuredClone(team.flow), [structuredClone(developer)]);
    expect(same.hash).toBe(compileTeam(team.flow, [developer]).hash);
    const other = { ...developer, instructions: `${developer.instructions}.` };
    expect(compileTeam(team.flow, [other]).hash).not.toBe(same.hash);
  });

  it('loads the same from a copy of the repository elsewhere, hash included', async () => {
    write(
      '.mesh/roles/developer.md',
      '---\r\nname: developer\r\ndescription: x\r\n---\r\nWindows line ends.\r\n',
    );
    const copy = mkdtempSync(path.join(os.tmpdir(), 'mesh-team-copy-'));
    try {
      cpSync(dir, copy, { recursive: true });
      const { value } = await loadTeam(copy, { flow: 'solo', builtInDir });
      expect(value).toEqual(await load('solo'));
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});
