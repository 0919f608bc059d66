/** Writes the `.mesh/stakeholders.yaml` that `init` proposes: working as it is, every guess marked, every consequence explained. */
import type { Proposal } from './propose-stakeholders.ts';
import type { Handle } from './stakeholders.ts';

/** The text loads back without a diagnostic. */
export function renderStakeholdersYaml(proposal: Proposal): string {
  const { people, lead, product, compliance } = proposal;
  return [
    '# Who decides what, by when, and what happens if nobody does. `meshwright check --explain` shows it as a table.',
    '# Only people named in this file may start work or answer. It is read again whenever it changes, without a restart.',
    '# Lines marked GUESS come from CODEOWNERS and git history: put them right and take the mark away.',
    '',
    '# Fills gaps (a kind of question without a route), and is asked when nobody else answers.',
    `engineering_lead: ${quoted(lead)}${guessMark(lead, proposal)}`,
    '',
    'people:',
    ...people.map(
      ({ handle, why, isGuess }) => `  ${quoted(handle)}: {} # ${isGuess ? 'GUESS: ' : ''}${why}`,
    ),
    '  # More of a person:',
    '  #   role: cto                 # whom escalate_to_cto means',
    '  #   hours: { zone: Europe/Berlin, from: "09:00", to: "17:30" } # Monday to Friday; days: [mon, wed] says otherwise',
    '  #   deputy: "@somebody"       # is asked, and may answer, in their place',
    '  #   attention_limit: 5        # questions open with them at once; the rest waits in order',
    '  #   slack: U0123ABCD          # their member id there',
    '',
    '# Agents choose only the kind of a question; where it goes is said here.',
    'escalation_routes:',
    ...renderProductRoute(product, lead, proposal),
    ...renderComplianceRoute(compliance, lead, proposal),
    ...renderArchitectureRoute(product, lead, proposal),
    ...renderDependencyRoute(product, proposal),
    ...renderBudgetRoute(product, lead, proposal),
    '',
    '# What is done only after people said yes to exactly that. Built in: external and money (one person, a yes holds',
    '# 24 h), infrastructure (two people, 48 h); the engineering lead and whoever has the role cto may say it. Without an',
    '# answer nothing is done and nothing is dropped.',
    '# approval_tiers:',
    '#   infrastructure: { approvers: ["@somebody", "@somebody-else"], people: 2, window_hours: 48 }',
    '',
    '# rehearsal: true # minutes run as seconds, to try this out; every message says so',
    '',
  ].join('\n');
}

function renderProductRoute(product: Handle, lead: Handle, proposal: Proposal): string[] {
  return [
    '  # The brief leaves something open. The item waits; after an hour the documented default is taken and flagged,',
    '  # and overturning it later opens rework for what used it.',
    '  requirement_ambiguity:',
    `    primary: ${quoted(product)}${guessMark(product, proposal)}`,
    ...fallback(lead, product, proposal),
    '    # channel: "#product-questions" # where it is posted; without one it is in `meshwright questions`',
    '    sla_minutes: 60',
    '    on_timeout: default_and_flag',
  ];
}

function renderComplianceRoute(compliance: Handle, lead: Handle, proposal: Proposal): string[] {
  return [
    '  # May we do this at all? The whole cluster stops until a person says yes or no; nothing is ever taken by default.',
    '  # Whoever is asked has 30 minutes to say that they have seen it, and 30 more to answer; then the next one is asked.',
    '  compliance_question:',
    `    primary: ${quoted(compliance)}${guessMark(compliance, proposal)}`,
    ...fallback(lead, compliance, proposal),
    '    requires_acknowledgment: true',
    '    block_cluster: true',
    '    sla_minutes: 30',
  ];
}

function renderArchitectureRoute(product: Handle, lead: Handle, proposal: Proposal): string[] {
  return [
    '  # Concerns more than one item: the answer is written to shared memory and binds every cluster.',
    '  architectural_decision:',
    `    primary: ${quoted(lead)}${guessMark(lead, proposal)}`,
    ...fallback(product, lead, proposal),
    '    sla_minutes: 120',
    '    on_timeout: default_and_flag',
    '    writes_to_shared_memory: true',
  ];
}

function renderDependencyRoute(product: Handle, proposal: Proposal): string[] {
  return [
    '  # Something that others deliver (a text, a date, a price). The item is parked, the cluster takes the next one, and',
    '  # the item comes back by itself when it is answered. Without on_timeout people are reminded and nothing is decided.',
    '  gtm_dependency:',
    `    primary: ${quoted(product)}${guessMark(product, proposal)}`,
    '    sla_minutes: 240',
    '    non_blocking: true',
  ];
}

function renderBudgetRoute(product: Handle, lead: Handle, proposal: Proposal): string[] {
  return [
    '  # So much of a ceiling is spent: the cluster stops and asks. Nobody acknowledges it within 15 minutes: all clusters',
    '  # are paused until somebody does. Take block_cluster out to be told and go on up to the ceiling itself.',
    '  budget_threshold_exceeded:',
    `    primary: ${quoted(lead)}${guessMark(lead, proposal)}`,
    ...fallback(product, lead, proposal),
    '    requires_acknowledgment: true',
    '    block_cluster: true',
    '    sla_minutes: 15',
    '    on_timeout: pause_all_clusters',
  ];
}

/** Nobody twice on one route. */
function fallback(handle: Handle, primary: Handle, proposal: Proposal): string[] {
  return handle === primary ? [] : [`    fallback: ${quoted(handle)}${guessMark(handle, proposal)}`];
}

function guessMark(handle: Handle, { people }: Proposal): string {
  return people.find((person) => person.handle === handle)?.isGuess ? ' # GUESS' : '';
}

/** A bare @ is no YAML. */
function quoted(handle: Handle): string {
  return JSON.stringify(handle);
}
