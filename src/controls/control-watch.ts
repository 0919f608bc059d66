/** The controls as one process knows them, read again whenever it is told to; whoever runs things under them is told of changes. */
import type { Journal } from '../journal/journal.ts';
import { readControls } from './control-record.ts';
import type { Place } from './control-scope.ts';
import { type Control, type Controls, effectiveControl, noControls } from './control-state.ts';

export class ControlWatch {
  readonly #journal: Pick<Journal, 'read'>;
  readonly #project: string;
  readonly #onChange: () => void;
  #controls: Controls = noControls;

  /** `onChange` is called after every refresh that found a control set or cleared. */
  constructor(journal: Pick<Journal, 'read'>, project: string, onChange: () => void) {
    this.#journal = journal;
    this.#project = project;
    this.#onChange = onChange;
  }

  get epoch(): number {
    return this.#controls.epoch;
  }

  /** As last read. */
  get controls(): Controls {
    return this.#controls;
  }

  /** One small read. Rejects when storage is away; what was known stays. */
  async refresh(): Promise<void> {
    const controls = await readControls(this.#journal, this.#project, this.#controls);
    if (controls.version <= this.#controls.version) return;
    const isChanged = controls.epoch > this.#controls.epoch;
    this.#controls = controls;
    if (isChanged) this.#onChange();
  }

  /** Null: it runs. */
  over(place: Place): Control | null {
    return effectiveControl(this.#controls, place);
  }
}
