/** What holds where nobody wrote a `.mesh/stakeholders.yaml`: nobody is named, so whoever may run commands decides. */
import { freezeDeep } from '../yaml/freeze.ts';
import { builtInTiers } from './approval-tiers.ts';
import type { Stakeholders } from './stakeholders.ts';

export const unwrittenStakeholders: Stakeholders = freezeDeep({
  people: {},
  routes: {},
  approvalTiers: builtInTiers(),
  engineeringLead: null,
  isRehearsal: false,
  isWritten: false,
});
