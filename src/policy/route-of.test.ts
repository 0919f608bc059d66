import { describe, expect, it } from 'vitest';
import { handleOf } from './handle.ts';
import { parseStakeholders } from './load-stakeholders.ts';
import { mayStartWork } from './may-start-work.ts';
import { unwrittenStakeholders } from './no-stakeholders.ts';
import { chainOf, mayAnswer, routeOf } from './route-of.ts';
import type { Route, Stakeholders } from './stakeholders.ts';

const stakeholders = parse(`engineering_lead: "@alex-engineering-lead"
people:
  "@sarah-pm": { deputy: "@product-channel" }
  "@product-channel": {}
  "@cto-channel": { role: cto }
escalation_routes:
  requirement_ambiguity: { primary: "@sarah-pm", fallback: "@marketing-ops", sla_minutes: 60 }
  compliance_question:
    { primary: "@compliance-team", secondary: "@alex-engineering-lead", sla_minutes: 30, block_cluster: true, on_timeout: escalate_to_cto }
`);

function parse(text: string): Stakeholders {
  const { value, diagnostics } = parseStakeholders(text);
  if (!value) throw new Error(JSON.stringify(diagnostics));
  return value;
}

function route(kind: string): Route {
  const found = routeOf(stakeholders, kind);
  if (!found) throw new Error(`no route for ${kind}`);
  return found;
}

describe('the chain of a route', () => {
  it('goes from the primary to the engineering lead, who is always last', () => {
    expect(chainOf(route('requirement_ambiguity'), stakeholders)).toEqual([
      '@sarah-pm',
      '@marketing-ops',
      '@alex-engineering-lead',
    ]);
  });

  it('has nobody twice and asks the escalation target after who is named before', () => {
    expect(chainOf(route('compliance_question'), stakeholders)).toEqual([
      '@compliance-team',
      '@alex-engineering-lead',
      '@cto-channel',
    ]);
  });
});

describe('who may answer', () => {
  it.each(['@sarah-pm', 'sarah-pm', '@marketing-ops', '@alex-engineering-lead', '@product-channel'])(
    '%s is on the chain, or the deputy of somebody there',
    (person) => {
      expect(mayAnswer(person, route('requirement_ambiguity'), stakeholders)).toBe(true);
    },
  );

  it.each(['@cto-channel', '@compliance-team', '@mallory', '@Sarah-pm'])('%s is not', (person) => {
    expect(mayAnswer(person, route('requirement_ambiguity'), stakeholders)).toBe(false);
  });

  it('without a route only the engineering lead', () => {
    expect(mayAnswer('@alex-engineering-lead', null, stakeholders)).toBe(true);
    expect(mayAnswer('@sarah-pm', null, stakeholders)).toBe(false);
  });

  it('where there is no engineering lead either, anybody whom the map names', () => {
    const leaderless = parse('people: { "@sarah-pm": {} }');
    expect(mayAnswer('@sarah-pm', null, leaderless)).toBe(true);
    expect(mayAnswer('@mallory', null, leaderless)).toBe(false);
  });

  it('without a map anybody', () => {
    expect(mayAnswer('@mallory', null, unwrittenStakeholders)).toBe(true);
  });
});

describe('who may start work', () => {
  it('is whom a written map names, in whatever place', () => {
    for (const person of ['sarah-pm', '@marketing-ops', '@cto-channel', '@product-channel'])
      expect(mayStartWork(stakeholders, person)).toBe(true);
    for (const person of ['mallory', 'constructor', ''])
      expect(mayStartWork(stakeholders, person)).toBe(false);
  });

  it('is everybody without a map', () => {
    expect(mayStartWork(unwrittenStakeholders, 'mallory')).toBe(true);
  });
});

it('a handle is the same with and without its @, and however its letters were composed', () => {
  expect(handleOf(' sarah-pm ')).toBe('@sarah-pm');
  expect(handleOf('@sarah-pm')).toBe('@sarah-pm');
  expect(handleOf('Ade\u0301la')).toBe('@Ad\u00e9la');
  expect(handleOf('Sarah PM')).toBe('@Sarah-PM');
});
