import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { parseStakeholders } from './load-stakeholders.ts';
import { mayStartWork } from './may-start-work.ts';
import { parseCodeowners } from './parse-codeowners.ts';
import { proposeStakeholders, type StakeholderFacts } from './propose-stakeholders.ts';
import { renderStakeholdersYaml } from './render-stakeholders-yaml.ts';

const alone: StakeholderFacts = { owners: [], authors: [], person: { name: 'sarah-pm', email: null } };

function author(name: string, email: string, commitCount = 10) {
  return { name, email, commitCount };
}

function handlesOf(facts: Partial<StakeholderFacts>): string[] {
  return proposeStakeholders({ ...alone, ...facts }).people.map(({ handle }) => handle);
}

describe('a CODEOWNERS file', () => {
  it('gives patterns with their owners; comments, sections and lines without an owner are left out', () => {
    const text =
      '# owners\n*  @alex-engineering-lead # all\n\n[Docs]\n/docs/ @example/writers docs@example.com\n/free/\n';
    expect(parseCodeowners(text)).toEqual([
      { pattern: '*', owners: ['@alex-engineering-lead'] },
      { pattern: '/docs/', owners: ['@example/writers', 'docs@example.com'] },
    ]);
  });
});

describe('the people of a proposed map', () => {
  it('are only whoever asks, when nothing else is known', () => {
    const proposal = proposeStakeholders(alone);
    expect(proposal).toMatchObject({ lead: '@sarah-pm', product: '@sarah-pm', compliance: '@sarah-pm' });
    expect(proposal.people).toEqual([
      { handle: '@sarah-pm', why: 'you, who ran `meshwright init`', isGuess: false },
    ]);
  });

  it.each([
    ['1234+alex@users.noreply.github.com', '@alex'],
    ['alex.lead+git@example.com', '@alex.lead'],
    ['info@example.com', '@alex-lead'],
    ['@', '@alex-lead'],
  ])('have the handle that their address %s suggests', (email, handle) => {
    expect(handlesOf({ authors: [author('Alex Léad', email)] })).toEqual(['@sarah-pm', handle]);
  });

  it('have no robots among them, and are the five most active at most', () => {
    const people = Array.from({ length: 9 }, (_, index) =>
      author(`P${index}`, `person-${index}@example.com`),
    );
    const robots = [
      author('dependabot[bot]', '49699333+dependabot[bot]@users.noreply.github.com', 99),
      author('renovate', 'bot@example.com', 50),
    ];
    expect(handlesOf({ authors: [...robots, ...people] })).toEqual([
      '@sarah-pm',
      ...[0, 1, 2, 3, 4].map((index) => `@person-${index}`),
    ]);
  });

  it('may be a team, of which is said how somebody answers for it', () => {
    const { people } = proposeStakeholders({ ...alone, owners: parseCodeowners('*.md @example/writers') });
    expect(people.at(-1)).toEqual({
      handle: '@example/writers',
      why: 'owns *.md in CODEOWNERS; a team: name its `deputy`, who may answer for it',
      isGuess: true,
    });
  });

  it('are one person under one address: whoever asks is not listed again as an author or owner', () => {
    const facts = {
      owners: parseCodeowners('* Sarah@example.com'),
      authors: [author('Sarah', 'sarah@example.com')],
      person: { name: 'sarah-pm', email: 'sarah@example.com' },
    };
    expect(handlesOf(facts)).toEqual(['@sarah-pm']);
    expect(proposeStakeholders(facts).lead).toBe('@sarah-pm');
  });
});

describe('who is guessed to lead', () => {
  const owners = parseCodeowners('* @alex-engineering-lead\n/src/privacy/ @compliance-team\n');
  const authors = [author('Marketing', 'marketing-ops@example.com')];

  it('owns everything, before who commits most', () => {
    expect(proposeStakeholders({ ...alone, owners, authors })).toMatchObject({
      lead: '@alex-engineering-lead',
      compliance: '@compliance-team',
    });
    expect(proposeStakeholders({ ...alone, authors }).lead).toBe('@marketing-ops');
  });
});

describe('the proposed stakeholders.yaml', () => {
  const owners = parseCodeowners('* @alex-engineering-lead\n/src/privacy/ @compliance-team\n');
  const authors = [author('Evil\u202e"\n  x: y', 'evil@example.com'), author('Alex', 'alexx@example.com')];

  it.each<[string, Partial<StakeholderFacts>]>([
    ['of one person', {}],
    ['with owners', { owners }],
    ['with authors whose names would be more than names', { authors }],
    ['with both', { owners, authors }],
    ['of handles that look alike', { owners: parseCodeowners('* @team-a\n/x @team-b\n') }],
  ])('%s loads without a problem, names everybody and routes the kinds of the reference', (_, facts) => {
    const text = renderStakeholdersYaml(proposeStakeholders({ ...alone, ...facts }));
    const { value, diagnostics } = parseStakeholders(text);
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    if (!value) throw new Error('no map');
    expect(Object.keys(value.routes)).toEqual([
      'requirement_ambiguity',
      'compliance_question',
      'architectural_decision',
      'gtm_dependency',
      'budget_threshold_exceeded',
    ]);
    expect(mayStartWork(value, 'sarah-pm')).toBe(true);
  });

  it('marks each guess where it is used, and nothing else', () => {
    const lines = renderStakeholdersYaml(proposeStakeholders({ ...alone, owners, authors })).split('\n');
    const naming = lines.filter((line) => /^\s*(engineering_lead|primary|fallback|"@)/.test(line));
    const guesses = naming.filter((line) => line.includes('GUESS'));
    expect(naming.length).toBeGreaterThan(8);
    expect(guesses).toEqual(naming.filter((line) => !line.includes('@sarah-pm')));
  });
});
