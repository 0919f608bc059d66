/** The stakeholder map that tests of questions go by: the kinds of the reference map, with working hours, deputies and limits. */
import { parseStakeholders } from '../../src/policy/load-stakeholders.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';

const sampleRoutes = `
escalation_routes:
  requirement_ambiguity:
    primary: "@sarah-pm"
    fallback: "@alex-engineering-lead"
    channel: "#product-questions"
    sla_minutes: 60
    on_timeout: default_and_flag
  compliance_question:
    primary: "@compliance-team"
    channel: "#compliance-review"
    requires_acknowledgment: true
    block_cluster: true
    sla_minutes: 30
    on_timeout: escalate_to_cto
  architectural_decision:
    primary: "@alex-engineering-lead"
    fallback: "@cto-channel"
    channel: "#engineering-decisions"
    sla_minutes: 120
    on_timeout: default_and_flag
    writes_to_shared_memory: true
  gtm_dependency:
    primary: "@marketing-ops"
    secondary: "@product-channel"
    channel: "#gtm-dependencies"
    sla_minutes: 240
    non_blocking: true
  budget_threshold_exceeded:
    primary: "@cto-channel"
    channel: "#alerts"
    requires_acknowledgment: true
    block_cluster: true
    sla_minutes: 15
    on_timeout: pause_all_clusters
`;

const people = `
people:
  "@alex-engineering-lead": { role: engineering_lead }
  "@cto-channel": { role: cto }
`;

/** Everybody is always there, and every SLA runs on. */
export const alwaysThere = mapOf(
  `${people}${sampleRoutes.replaceAll(/sla_minutes/g, 'clock: always\n    sla_minutes')}`,
);

/** In Berlin from nine to five, Monday to Friday, where a test says so. */
export const officeHours = '{ zone: Europe/Berlin, from: "09:00", to: "17:00" }';

/** @throws when the text is no stakeholder map. */
export function mapOf(text: string): Stakeholders {
  const { value, diagnostics } = parseStakeholders(text);
  if (!value) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return value;
}

/** The reference's routes with these people. */
export function sampleMap(peopleText: string = people): Stakeholders {
  return mapOf(`${peopleText}${sampleRoutes}`);
}
