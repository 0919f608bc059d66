/** The texts of what the product itself asks about memory and money. Pure; about kinds without a route see find-route.ts. */
import { formatUsd } from '../base/money.ts';
import type { QuestionText } from './question.ts';

/** @param statements of records that contradict each other, with their ids; the answer takes the place of them all. */
export function contradictionText(
  statements: readonly { id: string; statement: string }[],
  why: string,
): QuestionText {
  const ids = statements.map(({ id }) => id);
  return {
    title: `${ids.join(' or ')}: which one holds?`,
    building: 'What the project remembers, which binds every agent that it concerns.',
    question: `${why}. Until somebody says which one holds, none of them binds anybody.`,
    options: statements.slice(0, 9).map(({ id, statement }) => ({
      label: statement,
      tradeOff: `as ${id} says; the others are superseded`,
    })),
    whyYou: 'Two rulings cannot both hold, and no agent may choose between what people decided.',
    unblocks: 'One of them, or what is to hold instead of all of them, in words.',
    defaultOption: null,
    compliance: null,
  };
}

export interface SpentBudget {
  /** In words: `cluster main today`. */
  account: string;
  ceilingMicroUsd: number;
  /** Spent and reserved. */
  usedMicroUsd: number;
  permille: number;
  /** What a person types to raise it. */
  raiseCommand: string;
}

/** Number of the option that pauses everything. */
export const pauseOption = 3;

export function budgetText({
  account,
  ceilingMicroUsd,
  usedMicroUsd,
  permille,
  raiseCommand,
}: SpentBudget): QuestionText {
  const [used, ceiling] = [formatUsd(usedMicroUsd), formatUsd(ceilingMicroUsd)];
  return {
    title: `${used} of ${ceiling} used by ${account}`,
    building: `Whatever ${account} may spend: ${ceiling}.`,
    question: `${permille / 10} % of the ceiling of ${account} is reached: ${used} spent or reserved, ${formatUsd(Math.max(0, ceilingMicroUsd - usedMicroUsd))} left. How does it go on?`,
    options: [
      { label: 'Go on', tradeOff: `work goes on until ${ceiling} is reached, then it pauses by itself` },
      { label: 'Raise the ceiling', tradeOff: `go on, and raise it yourself: ${raiseCommand}` },
      { label: 'Pause everything', tradeOff: 'every cluster pauses until `meshwright resume mesh`' },
    ],
    whyYou: 'You are named for budgets in .mesh/stakeholders.yaml.',
    unblocks: 'Any of these; the ceiling itself holds whatever is answered.',
    defaultOption: null,
    compliance: null,
  };
}
