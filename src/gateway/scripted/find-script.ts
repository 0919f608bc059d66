/** Which script of a scenario is for a seat: the first whose every condition fits. Pure. */
import type { Seat } from '../model.ts';
import { seatPattern } from './check-script.ts';
import { hasMatch } from './match-pattern.ts';
import type { Scenario, Script } from './scenario.ts';

export function findScript(scenario: Scenario, seat: Seat, prompt: string): Script | undefined {
  return scenario.scripts.find((script) => fits(script.for, seat, prompt));
}

function fits(wanted: Script['for'], seat: Seat, prompt: string): boolean {
  return (
    wanted.role === seat.role &&
    fitsText(wanted.item, seat.itemTitle) &&
    fitsText(wanted.step, seat.step) &&
    fitsText(wanted.task, seat.task ?? '') &&
    fitsText(wanted.prompt, prompt) &&
    fitsRound(wanted.round, seat.round)
  );
}

function fitsText(wanted: string | undefined, actual: string): boolean {
  if (wanted === undefined) return true;
  const pattern = seatPattern(wanted);
  if (pattern !== undefined) return hasMatch(pattern, actual);
  return actual.toLowerCase().includes(wanted.toLowerCase());
}

function fitsRound(wanted: number | string | undefined, round: number): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted === 'number') return wanted === round;
  return wanted.endsWith('+') ? round >= Number(wanted.slice(0, -1)) : round === Number(wanted);
}
