import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { explainStakeholders } from './explain-stakeholders.ts';
import { loadStakeholders, parseStakeholders } from './load-stakeholders.ts';
import { personOf, routeOf } from './route-of.ts';

const fixtures = path.join(import.meta.dirname, '../../test/fixtures/stakeholders');

describe('a mistake in stakeholders.yaml', () => {
  it.each(readdirSync(fixtures))('%s is told at its place', async (mistake) => {
    const dir = path.join(fixtures, mistake);
    const { value, diagnostics } = await loadStakeholders(dir);
    const expected = readFileSync(path.join(dir, 'expected.txt'), 'utf8').trimEnd();
    expect(diagnostics.map(formatDiagnostic).join('\n')).toBe(expected);
    expect(value === undefined).toBe(diagnostics.some((each) => each.severity === 'error'));
  });
});

/** The file must have no error; warnings are what a fixture is about. */
function parsed(text: string) {
  const { value, diagnostics } = parseStakeholders(text);
  if (!value) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return value;
}

describe('the reference map', () => {
  const reference = () =>
    parsed(readFileSync(path.join(fixtures, 'reference-map/.mesh/stakeholders.yaml'), 'utf8'));

  it('is read route by route, in milliseconds, with the mode that its flags mean', () => {
    const stakeholders = reference();
    expect(routeOf(stakeholders, 'requirement_ambiguity')).toEqual({
      kind: 'requirement_ambiguity',
      primary: '@sarah-pm',
      fallback: '@alex-engineering-lead',
      secondary: null,
      channel: '#product-questions',
      slaMs: 3_600_000,
      onTimeout: { action: 'default_and_flag' },
      requiresAcknowledgment: false,
      mode: 'wait',
      writesToSharedMemory: false,
      clock: 'working_hours',
    });
    expect(routeOf(stakeholders, 'compliance_question')).toMatchObject({
      mode: 'block',
      clock: 'always',
      requiresAcknowledgment: true,
      onTimeout: { action: 'escalate', role: 'cto', to: '@cto-channel' },
    });
    expect(routeOf(stakeholders, 'architectural_decision')).toMatchObject({ writesToSharedMemory: true });
    expect(routeOf(stakeholders, 'gtm_dependency')).toMatchObject({
      mode: 'park',
      onTimeout: null,
      secondary: '@product-channel',
    });
    expect(routeOf(stakeholders, 'budget_threshold_exceeded')).toMatchObject({
      onTimeout: { action: 'pause_all_clusters' },
    });
    expect(stakeholders).toMatchObject({ engineeringLead: '@alex-engineering-lead', isWritten: true });
  });

  it('names everybody whom it mentions, with the defaults', () => {
    expect(reference().people['@marketing-ops']).toEqual({
      handle: '@marketing-ops',
      role: null,
      hours: null,
      deputy: null,
      attentionLimit: 5,
      slackId: null,
    });
    expect(Object.keys(reference().people)).toHaveLength(6);
  });

  it('lets the engineering lead and the CTO approve, two of them what concerns infrastructure', () => {
    const approvers = ['@alex-engineering-lead', '@cto-channel'];
    const hourMs = 3_600_000;
    expect(reference().approvalTiers).toMatchObject({
      external: { approvers, peopleCount: 1, windowMs: 24 * hourMs },
      money: { approvers, peopleCount: 1, windowMs: 24 * hourMs },
      infrastructure: { approvers, peopleCount: 2, windowMs: 48 * hourMs },
    });
  });

  it('is explained route by route: who, where, within which time, then what', () => {
    const rows = explainStakeholders(reference());
    expect(rows[1]).toEqual({
      kind: 'compliance_question',
      who: '@compliance-team, then @cto-channel, then @alex-engineering-lead',
      where: '#compliance-review',
      sla: '30 min to acknowledge, as long again to answer',
      after: 'the cluster stops meanwhile; then the next one is asked',
    });
    expect(rows[3]).toMatchObject({
      who: '@marketing-ops, then @product-channel',
      after: 'the item is parked meanwhile; then reminders, never a default',
    });
    expect(rows.at(-1)).toMatchObject({
      kind: 'approval: infrastructure',
      after: expect.stringMatching(/^no answer/),
    });
  });

  it.each([
    ['one person is named', 'engineering_lead: "@sarah-pm"\n'],
    ['nobody is', 'rehearsal: false\n'],
  ])('is explained with what cannot be approved, where two must and %s', (_, text) => {
    const after = 'cannot be met by one person: name more `approvers`';
    expect(explainStakeholders(parsed(text)).at(-1)).toMatchObject({
      kind: 'approval: infrastructure',
      after,
    });
  });

  it('is explained with the deputies who count', () => {
    const text =
      'engineering_lead: "@sarah-pm"\npeople: { "@sarah-pm": { deputy: "@cto-channel" }, "@cto-channel": {} }\n';
    expect(explainStakeholders(parsed(text)).at(-1)?.after).toBe('no answer: asked anew, never done');
  });
});

describe('a stakeholders.yaml that is right', () => {
  it('says of a person what it knows, with or without the @', () => {
    const stakeholders = parsed(`people:
  sarah-pm:
    role: product_manager
    hours: { zone: Europe/Berlin, days: [wed, mon], from: "9:30", to: "24:00" }
    deputy: alex-engineering-lead
    attention_limit: 2
    slack: U0123ABCD
  "@alex-engineering-lead":
engineering_lead: alex-engineering-lead
`);
    expect(personOf(stakeholders, 'sarah-pm')).toEqual({
      handle: '@sarah-pm',
      role: 'product_manager',
      hours: { timeZone: 'Europe/Berlin', days: [1, 3], fromMinute: 570, toMinute: 1_440 },
      deputy: '@alex-engineering-lead',
      attentionLimit: 2,
      slackId: 'U0123ABCD',
    });
    expect(stakeholders.engineeringLead).toBe('@alex-engineering-lead');
  });

  it('takes Monday to Friday for hours without days', () => {
    const { people } = parsed(
      'people: { a: { role: engineering_lead, hours: { zone: UTC, from: "09:00", to: "17:00" } } }',
    );
    expect(people['@a']?.hours?.days).toEqual([1, 2, 3, 4, 5]);
  });

  it('escalates to whoever has the role, before whoever is named like it', () => {
    const stakeholders = parsed(`engineering_lead: "@alex-engineering-lead"
people: { "@product-channel": { role: CTO } }
escalation_routes:
  compliance_question:
    { primary: "@compliance-team", fallback: "@cto-channel", sla_minutes: 30, block_cluster: true, on_timeout: escalate_to_cto }
`);
    expect(routeOf(stakeholders, 'compliance_question')?.onTimeout).toMatchObject({ to: '@product-channel' });
  });

  it('escalates to the engineering lead by that role', () => {
    const text = `engineering_lead: "@sarah-pm"
escalation_routes:
  compliance_question:
    { primary: "@compliance-team", sla_minutes: 30, block_cluster: true, on_timeout: escalate_to_engineering_lead }
`;
    expect(parseStakeholders(text).diagnostics).toEqual([]);
    expect(routeOf(parsed(text), 'compliance_question')?.onTimeout).toMatchObject({ to: '@sarah-pm' });
  });

  it('in a rehearsal runs minutes as seconds, and may have an SLA under a minute', () => {
    const { isRehearsal, routes, approvalTiers } = parsed(`rehearsal: true
engineering_lead: "@sarah-pm"
approval_tiers: { external: { window_hours: 2 } }
escalation_routes: { requirement_ambiguity: { primary: "@sarah-pm", sla_minutes: 0.5, clock: always } }
`);
    expect(isRehearsal).toBe(true);
    expect(routes.requirement_ambiguity).toMatchObject({ slaMs: 500, clock: 'always' });
    expect(approvalTiers).toMatchObject({
      external: { windowMs: 120_000 },
      money: { windowMs: 24 * 60_000 },
    });
  });

  it('changes of a built-in tier only what it says, and may have tiers of its own', () => {
    const { approvalTiers } = parsed(`engineering_lead: "@alex-engineering-lead"
approval_tiers:
  infrastructure: { approvers: ["@alex-engineering-lead", cto-channel], channel: "#alerts" }
  press: { approvers: ["@marketing-ops"] }
`);
    expect(approvalTiers.infrastructure).toMatchObject({
      peopleCount: 2,
      windowMs: 48 * 3_600_000,
      channel: '#alerts',
    });
    expect(approvalTiers.infrastructure?.approvers).toEqual(['@alex-engineering-lead', '@cto-channel']);
    expect(approvalTiers.press).toMatchObject({ approvers: ['@marketing-ops'], peopleCount: 1 });
    expect(approvalTiers.money?.approvers).toEqual(['@alex-engineering-lead', '@cto-channel']);
  });

  it('cannot be changed afterwards', () => {
    const { people } = parsed('engineering_lead: "@sarah-pm"');
    expect(() => Object.assign(people, { '@mallory': {} })).toThrow(TypeError);
  });

  it('keeps kinds and people apart from what every object has', () => {
    const stakeholders = parsed('engineering_lead: "@constructor"');
    expect(routeOf(stakeholders, 'constructor')).toBeNull();
    expect(personOf(stakeholders, '@toString').handle).toBe('@toString');
  });
});

describe('without a stakeholders.yaml', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'mesh-stakeholders-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('nobody is named', async () => {
    expect(await loadStakeholders(dir)).toMatchObject({
      value: { people: {}, routes: {}, engineeringLead: null, isWritten: false },
      diagnostics: [],
    });
  });

  it('a folder in its place is told, not taken for none', async () => {
    mkdirSync(path.join(dir, '.mesh/stakeholders.yaml'), { recursive: true });
    await expect(loadStakeholders(dir)).rejects.toThrow('it is a folder');
  });

  it('a file that is no text is refused at its place', async () => {
    mkdirSync(path.join(dir, '.mesh'));
    writeFileSync(path.join(dir, '.mesh/stakeholders.yaml'), 'a\0b');
    const { value, diagnostics } = await loadStakeholders(dir);
    expect(value).toBeUndefined();
    expect(diagnostics.map(formatDiagnostic).join()).toMatch(
      /^\.mesh\/stakeholders\.yaml:1:1 the file cannot be used/,
    );
  });
});

it('a map with thousands of entries is refused, not judged for minutes', () => {
  const people = Array.from({ length: 5_000 }, (_, index) => `  "@p${index}": {}`).join('\n');
  const { value, diagnostics } = parseStakeholders(`people:\n${people}\n`);
  expect(value).toBeUndefined();
  expect(diagnostics.map((each) => each.message)).toContain('`people` has more than 500 entries');
});
