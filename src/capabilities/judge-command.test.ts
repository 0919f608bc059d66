import { describe, expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import { parseRule } from '../permissions/parse-rule.ts';
import type { AskRule, PermissionRule, Permissions } from '../permissions/permission-rule.ts';
import { judgeToolCall, permittedTools, type ToolVerdict } from './judge-tool-call.ts';
import { seatedRole } from './seated-role.ts';

function rules(...texts: string[]): PermissionRule[] {
  return texts.map((text) => {
    const parsed = parseRule(text, 'role');
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.rule;
  });
}

function asks(tier: string, ...texts: string[]): AskRule[] {
  return rules(...texts).map((rule) => ({ ...rule, tier }));
}

function roleWith(permissions: Partial<Permissions>) {
  const { allow = [], ask = [], deny = [] } = permissions;
  return makeRole({ permissions: { allow: allow.length > 0 ? [allow] : [], ask, deny } });
}

function shell(permissions: Partial<Permissions>, command: string): ToolVerdict {
  const role = roleWith(permissions);
  return judgeToolCall({ role, tool: 'shell', input: { command }, deliverables: [] });
}

function run(permissions: Partial<Permissions>, ...argv: string[]): ToolVerdict {
  return judgeToolCall({ role: roleWith(permissions), tool: 'run', input: { argv }, deliverables: [] });
}

describe('a role that is allowed parts of Bash', () => {
  const allow = rules('Bash(git diff:*)', 'Bash(git log *)', 'Bash(npm test)', 'Bash(head:*)');

  it.each([
    'git diff',
    'git diff --stat HEAD~1 -- src',
    'git diff "a b.ts" \'c d.ts\'',
    'git diff | head -20',
    'git diff 2>&1 | head -5 && npm test',
    '(git diff; git log --oneline >/dev/null)',
    'git log\nnpm test',
  ])('may run %j', (command) => expect(shell({ allow }, command)).toMatchObject({ decision: 'allow' }));

  it.each([
    ['another command', 'git difftool'],
    ['another one behind it', 'git diff && rm x'],
    ['another one in the background', 'git diff & rm x'],
    ['another one on the next line', 'git diff\nrm x'],
    ['a pipe into another', 'git diff | sh'],
    ['a redirection to a file', 'git diff > f'],
    ['a redirection that appends', 'git diff >> f'],
    ['a redirection with a descriptor', 'git diff 2>f'],
    ['both to a file', 'git diff &> f'],
    ['a redirection from a file', 'git diff < f'],
    ['a substitution', 'git diff $(rm x)'],
    ['an old substitution', 'git diff `rm x`'],
    ['a substitution in quotes', 'git diff "$(rm x)"'],
    ['a process substitution', 'git diff <(rm x)'],
    ['a variable', 'git diff $X'],
    ['a variable with a default', 'git diff $' + '{X:-f}'],
    ['arithmetic', 'git diff $((1))'],
    ['a glob', 'git diff *'],
    ['braces', 'git diff {a,--output=f}'],
    ['a home', 'git diff ~'],
    ['an escape', 'git diff \\--output=f'],
    ['a C string', "git diff $'--output=f'"],
    ['a here-document', 'git diff <<E\n$(rm x)\nE'],
    ['a here-string', 'git diff <<< x'],
    ['a variable before it', 'GIT_EXTERNAL_DIFF=./x git diff'],
    ['a variable alone', 'PATH=.; git diff'],
    ['a function of that name', 'git() { rm x; }; git diff'],
    ['a loop', 'for i in a b; do git diff; done'],
    ['a condition', 'if git diff; then git log; fi'],
    ['a group', '{ git diff; }'],
    ['a comment', 'git diff # x'],
    ['a continued line', 'git di\\\nff'],
    ['a carriage return', 'git\rdiff'],
    ['a space of another kind', 'git\u00a0diff'],
    ['a shell', 'bash -c "git diff"'],
    ['env', 'env git diff'],
    ['xargs', 'xargs git diff'],
    ['an option before the subcommand', 'git -c alias.diff=!x diff'],
    ['the full path of another git', '/tmp/git diff'],
    ['an option that writes', 'git diff --output=f'],
    ['one that is cut short', 'git diff --outp=f'],
    ['a quoted one', "git diff '--output' f"],
    ['a program of its own', 'git diff --ext-diff'],
    ['a pager', 'git log -Oless'],
    ['files outside of git', 'git diff --no-index /etc/passwd x'],
    ['an unfinished quote', "git diff 'x"],
    ['more than a full rule says', 'npm test -- --watch'],
    ['nothing at all', ''],
    ['only a redirection', '> f'],
  ])('may not run %s: %j', (_, command) => {
    expect(shell({ allow }, command)).toMatchObject({
      decision: 'deny',
      rule: expect.stringMatching(/allowed/),
    });
  });

  it('is judged by the same rules when it names arguments one by one', () => {
    expect(run({ allow }, 'git', 'diff', '--stat')).toMatchObject({ decision: 'allow' });
    expect(run({ allow }, 'git', 'diff', '; rm x')).toMatchObject({ decision: 'allow' });
    expect(run({ allow }, 'git', 'diff', '--output=f').decision).toBe('deny');
    expect(run({ allow }, 'git diff').decision).toBe('deny');
    expect(run({ allow }, 'npm', 'test', 'x').decision).toBe('deny');
  });

  it('runs them where the workspace begins', () => {
    const input = { command: 'npm test', cwd: 'sub' };
    const verdict = judgeToolCall({ role: roleWith({ allow }), tool: 'shell', input, deliverables: [] });
    expect(verdict).toMatchObject({ decision: 'deny', rule: 'cwd' });
  });

  it('is told what it may run, and the rule that decided is named', () => {
    expect(shell({ allow }, 'rm x').reason).toContain('"rm x" is not allowed; allowed are: Bash(git diff:*)');
    expect(shell({ allow }, 'git diff; npm test').rule).toBe(
      'allow Bash(git diff:*) of the role, allow Bash(npm test) of the role',
    );
  });
});

describe('a rule with anything after it', () => {
  it.each([
    ['Bash(bash:*)', 'bash -c x'],
    ['Bash(bash:*)', 'bash script.sh'],
    ['Bash(env:*)', 'env rm x'],
    ['Bash(xargs:*)', 'xargs rm'],
    ['Bash(find:*)', 'find . -exec rm x +'],
    ['Bash(find:*)', 'find . -delete'],
    ['Bash(node:*)', 'node -e x'],
    ['Bash(node:*)', 'node'],
    ['Bash(python3:*)', 'python3 -c x'],
    ['Bash(sudo:*)', 'sudo rm x'],
    ['Bash(nohup:*)', 'nohup rm x'],
    ['Bash(timeout 5:*)', 'timeout 5 rm x'],
    ['Bash(git:*)', 'git -c core.pager=x log'],
    ['Bash(git:*)', 'git --exec-path=x log'],
    ['Bash(git:*)', 'git fetch --upload-pack=x .'],
    ['Bash(git:*)', 'git bisect run rm x'],
    ['Bash(git:*)', 'git my-alias'],
    ['Bash(git grep:*)', 'git grep -nOrm x'],
    ['Bash(awk:*)', "awk 'BEGIN{system(1)}'"],
    ['Bash(sed:*)', 'sed 1e x'],
    ['Bash(npm:*)', 'npm exec rm'],
    ['Bash(npx:*)', 'npx rm'],
    ['Bash(tar:*)', 'tar -cf x --to-command=rm y'],
    ['Bash(rg:*)', 'rg --pre rm x'],
    ['Bash(eval:*)', 'eval rm'],
    ['Bash(make:*)', 'make SHELL=x'],
  ])('%s does not admit what would run something else: %s', (rule, command) => {
    expect(shell({ allow: rules(rule) }, command).decision).toBe('deny');
  });

  it.each([
    ['Bash(bash scripts/build.sh:*)', 'bash scripts/build.sh --fast'],
    ['Bash(env CI=1 npm test:*)', 'env CI=1 npm test -- a'],
    ['Bash(timeout 60 npm test:*)', 'timeout 60 npm test -- a'],
    ['Bash(npx vitest:*)', 'npx vitest run'],
    ['Bash(python -m pytest:*)', 'python -m pytest -q'],
    ['Bash(node:*)', 'node build.js --fast'],
    ['Bash(find:*)', 'find . -name x'],
    ['Bash(git:*)', 'git status --short'],
    ['Bash(xargs rm x)', 'xargs rm x'],
    ['Bash(*)', 'bash -c "rm $X"'],
  ])('%s admits %s', (rule, command) => {
    expect(shell({ allow: rules(rule) }, command).decision).toBe('allow');
  });
});

describe('a denied part', () => {
  const deny = rules('Bash(rm:*)', 'Bash(git push:*)');

  it.each([
    'rm x',
    'ls && rm x',
    'for i in a; do rm $i; done',
    'echo $(rm x)',
    'f() { rm x; }; f',
    'cat <<E\n$(rm x)\nE',
    'echo $(( $(rm x) ))',
    '/bin/rm x',
    'env A=1 rm x',
    'xargs rm',
    'bash -c "ls; rm x"',
    "eval 'rm x'",
    '$X x',
    'git -C sub push',
    'git $X',
    'find . -exec rm x +',
    "rm 'x",
  ])('is denied wherever it stands in a line: %j', (command) => {
    expect(shell({ deny }, command)).toMatchObject({
      decision: 'deny',
      rule: expect.stringMatching(/^deny/),
    });
  });

  it.each([
    'ls *',
    'npm test > log',
    'X=1 node -e "1"',
    'git status',
    'echo "rm"',
    'for i in *; do cat "$i"; done',
  ])('leaves the rest of the tool: %j', (command) => expect(shell({ deny }, command).decision).toBe('allow'));

  it('wins over what is asked and allowed, however exact that is', () => {
    const permissions = {
      deny: rules('Bash(npm:*)'),
      ask: asks('external', 'Bash(npm test)'),
      allow: rules('Bash(npm test)'),
    };
    expect(shell(permissions, 'npm test').decision).toBe('deny');
    expect(shell({ ...permissions, deny: [] }, 'npm test').decision).toBe('ask');
  });
});

describe('what needs a person', () => {
  const publish = asks('external', 'Bash(npm publish:*)');

  it('names the approval tier whose yes it needs, and the rule that asks', () => {
    expect(shell({ ask: publish }, 'npm publish')).toEqual({
      decision: 'ask',
      rule: 'ask Bash(npm publish:*) of the role',
      reason: 'Bash(npm publish:*) needs the yes of a person',
      tier: 'external',
    });
    const role = roleWith({ ask: asks('money', 'Grep') });
    expect(judgeToolCall({ role, tool: 'grep', input: { pattern: 'x' }, deliverables: [] })).toMatchObject({
      decision: 'ask',
      tier: 'money',
    });
  });

  it('is not asked about when it is denied anyway, whatever kind of rule asks', () => {
    const permissions = { ask: asks('external', 'Bash'), deny: rules('Bash(rm:*)') };
    expect(shell(permissions, 'rm x').decision).toBe('deny');
    expect(shell(permissions, 'ls').decision).toBe('ask');
    expect(shell({ ask: publish, allow: rules('Bash(npm test)') }, 'npm publish').decision).toBe('deny');
    expect(shell({ ask: publish }, 'npm publish && true').decision).toBe('ask');
  });

  it('is refused where one call needs two approval tiers, or one that the role is denied', () => {
    const ask = [...publish, ...asks('infrastructure', 'Bash(terraform:*)')];
    expect(shell({ ask }, 'npm publish && terraform apply')).toMatchObject({
      decision: 'deny',
      reason: expect.stringContaining('several tiers (external, infrastructure)'),
    });
    expect(shell({ ask }, 'terraform apply')).toMatchObject({ decision: 'ask', tier: 'infrastructure' });
    const role = { ...roleWith({ ask }), deniedApprovalTiers: ['external'] };
    const judge = (command: string) =>
      judgeToolCall({ role, tool: 'shell', input: { command }, deliverables: [] }).decision;
    expect([judge('npm publish'), judge('terraform apply')]).toEqual(['deny', 'ask']);
  });
});

describe('the permissions of the policy', () => {
  const judge = (role: ReturnType<typeof makeRole>, command: string) =>
    judgeToolCall({ role, tool: 'shell', input: { command }, deliverables: [] }).decision;

  it('narrow every role, and give none more than its file does', () => {
    const policy = {
      allow: rules('Bash(npm:*)', 'Bash(git:*)'),
      ask: [],
      deny: rules('Bash(npm publish:*)'),
    };
    const free = seatedRole(makeRole(), policy, []);
    expect(['npm test', 'git diff', 'ls', 'npm publish'].map((command) => judge(free, command))).toEqual([
      'allow',
      'allow',
      'deny',
      'deny',
    ]);
    const narrow = seatedRole(roleWith({ allow: rules('Bash(npm test)', 'Bash(ls)') }), policy, []);
    expect(['npm test', 'git diff', 'ls'].map((command) => judge(narrow, command))).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(judge(seatedRole(makeRole({ tools: ['read'] }), policy, []), 'npm test')).toBe('deny');
  });

  it('take whole tools away', () => {
    const policy = { allow: [], ask: [], deny: rules('Bash', 'Write') };
    expect(permittedTools(seatedRole(makeRole(), policy, []), [])).toEqual(['read', 'edit', 'glob', 'grep']);
  });
});
