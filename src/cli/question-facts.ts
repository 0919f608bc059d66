/** What the reading commands know of who reads, where and when. */
import { systemClock } from '../base/clock.ts';
import { handleOf } from '../policy/handle.ts';
import { unwrittenStakeholders } from '../policy/no-stakeholders.ts';
import type { QuestionFacts } from '../views/question-view.ts';
import type { ProjectSession } from './session.ts';

/** A map with mistakes says nothing here: it keeps nobody from reading. Whoever says something needs one without. */
export function questionFacts({ configuration, person }: ProjectSession): QuestionFacts {
  return {
    stakeholders: configuration.stakeholders.value ?? unwrittenStakeholders,
    reader: handleOf(person),
    nowMs: systemClock.now(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
