/**
 * A breaker: after some consecutive failures of one thing it is not tried again for a while, then once. Pure, with the
 * clock passed in; who calls what is not its matter. A step's breaker has no cool-down, a person closes it (items/decide.ts).
 *
 *   closed    ─the last allowed failure→ open (first cool-down)
 *   open      ─asked after the cool-down→ half open: one trial; asked before: refused
 *   half open ─success→ closed   ─failure→ open (twice the cool-down)   ─no word of the trial in time→ another one
 */
export type Breaker =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly untilMs: number; readonly coolDownMs: number }
  | { readonly kind: 'half_open'; readonly untilMs: number; readonly coolDownMs: number };

export interface BreakerSettings {
  /** Consecutive ones that open it. */
  failures: number;
  firstCoolDownMs: number;
  longestCoolDownMs: number;
}

export const closedBreaker: Breaker = { kind: 'closed', failures: 0 };

export type BreakerVerdict =
  | { isAllowed: true; breaker: Breaker }
  /** When asking again makes sense. */
  | { isAllowed: false; untilMs: number };

/** Whether the next try may be made now; an allowed one is to be followed by `tellBreaker`. */
export function askBreaker(breaker: Breaker, nowMs: number): BreakerVerdict {
  if (breaker.kind === 'closed') return { isAllowed: true, breaker };
  const { untilMs, coolDownMs } = breaker;
  if (nowMs < untilMs) return { isAllowed: false, untilMs };
  return { isAllowed: true, breaker: { kind: 'half_open', untilMs: nowMs + coolDownMs, coolDownMs } };
}

/** What came of a try. A failure of one that began before the breaker opened changes nothing more. */
export function tellBreaker(
  breaker: Breaker,
  told: { isSuccess: boolean; nowMs: number },
  settings: BreakerSettings,
): Breaker {
  if (told.isSuccess) return closedBreaker;
  switch (breaker.kind) {
    case 'closed': {
      const failures = breaker.failures + 1;
      if (failures < settings.failures) return { kind: 'closed', failures };
      return open(told.nowMs, settings.firstCoolDownMs);
    }
    case 'open':
      return breaker;
    case 'half_open':
      return open(told.nowMs, Math.min(breaker.coolDownMs * 2, settings.longestCoolDownMs));
  }
}

function open(nowMs: number, coolDownMs: number): Breaker {
  return { kind: 'open', untilMs: nowMs + coolDownMs, coolDownMs };
}
