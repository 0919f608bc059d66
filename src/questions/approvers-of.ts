/** Whose yes counts for an approval tier, and whether enough people are named for it at all. Pure; reads only the stakeholder map. */
import { handleOf } from '../policy/handle.ts';
import { personOf, withDeputies } from '../policy/route-of.ts';
import type { ApprovalTier, Handle, Stakeholders } from '../policy/stakeholders.ts';

/** As the map has it now: of the number of people and the window, the stricter of then and now; a tier that is gone stays as it was. */
export function tierNow(asked: ApprovalTier, { approvalTiers }: Stakeholders): ApprovalTier {
  const now = Object.hasOwn(approvalTiers, asked.name) ? approvalTiers[asked.name] : undefined;
  if (now === undefined) return asked;
  return {
    ...now,
    peopleCount: Math.max(now.peopleCount, asked.peopleCount),
    windowMs: Math.min(now.windowMs, asked.windowMs),
  };
}

/** Who is asked: the tier's approvers, else the engineering lead. Empty: nobody is named, so whoever may run commands. */
export function approversOf({ approvers }: ApprovalTier, { engineeringLead }: Stakeholders): Handle[] {
  if (approvers.length > 0) return [...new Set(approvers)];
  return engineeringLead === null ? [] : [engineeringLead];
}

/**
 * An approver or the deputy of one. Letter for letter: a handle that only looks like another one is another one. Where nobody
 * is named, whoever may run commands, and for one person's yes only: names that nobody wrote down prove no two people.
 */
export function mayApprove(
  person: { by: Handle; via: string },
  tier: ApprovalTier,
  stakeholders: Stakeholders,
): boolean {
  const approvers = approversOf(tier, stakeholders);
  if (approvers.length === 0) return person.via === 'cli' && tier.peopleCount === 1;
  return withDeputies(approvers, stakeholders).includes(person.by);
}

/** Two handles of one Slack member are one person. */
export function isSamePerson(one: Handle, other: Handle, stakeholders: Stakeholders): boolean {
  return identityOf(one, stakeholders) === identityOf(other, stakeholders);
}

/** Null: it can. Else one sentence for people: the request waits until the stakeholder map is changed. */
export function whyNobodyCan(tier: ApprovalTier, stakeholders: Stakeholders): string | null {
  const approvers = approversOf(tier, stakeholders);
  const named = withDeputies(approvers, stakeholders);
  const people = new Set(named.map((handle) => identityOf(handle, stakeholders))).size;
  if (people >= tier.peopleCount || (approvers.length === 0 && tier.peopleCount === 1)) return null;
  const who = named.length === 0 ? 'nobody is named' : `only ${named.join(', ')} may give it`;
  return `approval tier ${tier.name} needs the yes of ${tier.peopleCount} people and cannot be met by one: ${who}; name approvers in .mesh/stakeholders.yaml`;
}

function identityOf(handle: Handle, stakeholders: Stakeholders): string {
  return personOf(stakeholders, handle).slackId ?? handleOf(handle);
}
