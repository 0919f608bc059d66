/**
 * Plays one script: gives the next turn, is shown what the tools returned, gives the next one. All it knows is the
 * script, the values it starts with and what it was shown; so playing the same conversation again leads to the same place.
 */
import type { JsonObject } from '../../base/json.ts';
import { replaceMatches, SlowPatternError } from './match-pattern.ts';
import { observe, readExitCode, type SeenText } from './observe.ts';
import {
  callsOf,
  type Derivation,
  type Observation,
  type Script,
  type ScriptCall,
  type ScriptMove,
} from './scenario.ts';
import { fillJson, fillTemplate, MissingValueError } from './template.ts';

export interface TurnCall {
  tool: string;
  input: JsonObject;
}

/** What the agent says and does at once. Without calls it ends its turn. */
export interface Turn {
  text: string;
  calls: TurnCall[];
}

export interface CallResult {
  output: string;
  isError: boolean;
}

interface PendingCall {
  script: ScriptCall;
  call: TurnCall;
  result: CallResult | undefined;
}

/** Moves of one play; a script that goes round in a circle gives up. */
const maxMoves = 500;
/** How often one call is made again after its outcome got lost. */
const maxRepeats = 3;
const lostOutcome = /interrupted\b.*outcome unknown/is;

export class ScriptPlayer {
  readonly #script: Script;
  readonly #values: Map<string, string>;
  #at = 0;
  #moveCount = 0;
  #repeatCount = 0;
  #pending: PendingCall[] = [];
  /** Set when something did not fit: from here on it only says so. */
  #lastWords: string | undefined;

  constructor(script: Script, values: ReadonlyMap<string, string>) {
    this.#script = script;
    this.#values = new Map([...values, ...Object.entries(script.values ?? {})]);
  }

  nextTurn(): Turn {
    if (this.#pending.length > 0) return this.#repeatLostCalls();
    while (this.#lastWords === undefined) {
      const move = this.#script.moves[this.#at];
      if (move === undefined) return { text: 'I have nothing to add.', calls: [] };
      if (++this.#moveCount > maxMoves) return this.#giveUp('I am going round in circles');
      this.#at += 1;
      try {
        const turn = this.#make(move);
        if (turn !== undefined) return turn;
      } catch (error) {
        if (!isScriptFault(error)) throw error;
        return this.#giveUp(`I am stuck: ${error.message}`);
      }
    }
    return { text: this.#lastWords, calls: [] };
  }

  /** Results in the order of the turn's calls; a call without one counts as lost. Nothing to do after a turn without calls. */
  seeResults(results: readonly (CallResult | undefined)[]): void {
    const waiting = this.#pending.filter((pending) => pending.result === undefined);
    for (const [index, pending] of waiting.entries()) {
      const result = results[index];
      const isLost = result === undefined || (result.isError && lostOutcome.test(result.output));
      if (!isLost || this.#repeatCount >= maxRepeats) {
        pending.result = result ?? { output: 'no result', isError: true };
      }
    }
    if (this.#pending.some((pending) => pending.result === undefined)) {
      this.#repeatCount += 1;
      return;
    }
    const finished = this.#pending;
    this.#pending = [];
    this.#repeatCount = 0;
    for (const { script, result } of finished) {
      if (result === undefined) continue;
      const isCommand = script.tool === 'run' || script.tool === 'shell';
      const seen: SeenText = { text: result.output, isError: result.isError };
      if (isCommand) seen.exitCode = readExitCode(result.output);
      // The first call that leads elsewhere decides.
      if (this.#take(script, seen, `${script.tool} gave me`)) return;
    }
  }

  /** True when it led away from the next move. */
  #take(observation: Observation, seen: SeenText, source: string): boolean {
    const observed = observe(observation, seen, this.#values);
    for (const [name, value] of observed.captured) this.#values.set(name, value);
    const target = observed.met ? observation.goto : observation.else;
    if (target !== undefined) {
      this.#goTo(target);
      return true;
    }
    if (observed.met) return false;
    this.#giveUp(`${source} something I did not expect: ${observed.reason}`);
    return true;
  }

  #make(move: ScriptMove): Turn | undefined {
    if (move.goto !== undefined) this.#goTo(move.goto);
    if (move.done !== undefined) return { text: fillTemplate(move.done, this.#values), calls: [] };
    if (move.give_up !== undefined) return this.#giveUp(fillTemplate(move.give_up, this.#values));
    if (move.look !== undefined) {
      const text = this.#values.get(move.look.in);
      if (text === undefined) throw new MissingValueError(move.look.in);
      this.#take(move.look, { text, isError: false }, `\`${move.look.in}\` shows me`);
    }
    for (const [name, derivation] of Object.entries(move.set ?? {})) {
      this.#values.set(name, this.#derive(derivation));
    }
    const calls = callsOf(move);
    if (calls.length === 0) return undefined;
    this.#pending = calls.map((script) => ({
      script,
      call: { tool: script.tool, input: this.#fillInput(script.input) },
      result: undefined,
    }));
    return {
      text: fillTemplate(move.say ?? '', this.#values),
      calls: this.#pending.map((pending) => pending.call),
    };
  }

  #fillInput(input: ScriptCall['input']): JsonObject {
    return Object.fromEntries(
      Object.entries(input).map(([key, value]) => [key, fillJson(value, this.#values)]),
    );
  }

  #derive(derivation: Derivation): string {
    if (typeof derivation === 'string') return fillTemplate(derivation, this.#values);
    const from = this.#values.get(derivation.from);
    if (from === undefined) throw new MissingValueError(derivation.from);
    return replaceMatches(derivation.replace, from, fillTemplate(derivation.with, this.#values));
  }

  #repeatLostCalls(): Turn {
    const lost = this.#pending.filter((pending) => pending.result === undefined);
    return { text: 'The outcome got lost; I do it again.', calls: lost.map((pending) => pending.call) };
  }

  #goTo(label: string): void {
    const index = this.#script.moves.findIndex((move) => move.label === label);
    if (index < 0) throw new MissingValueError(label);
    this.#at = index;
  }

  #giveUp(reason: string): Turn {
    this.#lastWords = `I give up: ${reason}.`;
    return { text: this.#lastWords, calls: [] };
  }
}

function isScriptFault(error: unknown): error is Error {
  return (
    error instanceof MissingValueError || error instanceof SlowPatternError || error instanceof SyntaxError
  );
}
