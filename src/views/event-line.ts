/** How one event reads on a line: its shape, and the names and shortenings that all such lines share. */

export type Mark = 'good' | 'bad' | 'work' | 'wait' | 'note' | 'ask';

export interface EventLine {
  /** Item number, or null for events of no item. */
  item: number | null;
  mark: Mark;
  text: string;
  /** Indented lines below, e.g. findings. */
  details: string[];
}

/** Before it is known which item it is about. */
export type Line = Pick<EventLine, 'mark' | 'text'> & Partial<Pick<EventLine, 'details'>>;

/** `build/T1/developer` → `build T1 developer`. */
export function stepLabel(step: string): string {
  return step.replaceAll('/', ' ');
}

/** From `agent:project/3/build/T1/developer/1/1`: phase, task and role without round and attempt. */
export function agentLabel(stream: string): string {
  return stepLabel(stream.split('/').slice(2, -2).join('/'));
}

export function short(commit: string): string {
  return commit.slice(0, 7);
}

export function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
