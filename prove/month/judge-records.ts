/** Goes through what was stored beside the questions: decisions in memory, controls. */
import type { ControlEvent } from '../../src/controls/control-event.ts';
import type { MemoryEvent } from '../../src/memory/memory-event.ts';
import type { StoredUnit } from './month-facts.ts';
import { beginSpan, endSpan, type Observation } from './observation.ts';

export function judgeMemoryUnit(seen: Observation, unit: StoredUnit): void {
  for (const event of unit.events as unknown as MemoryEvent[]) noteMemory(seen, event, unit.atMs);
}

function noteMemory(seen: Observation, { kind, data }: MemoryEvent, atMs: number): void {
  switch (kind) {
    case 'memory.recorded': {
      const { id, answers, topic, scope, statement, source } = data.record;
      const [question, isDefault] =
        source.from === 'question' ? [source.question, source.isDefault] : [null, false];
      const twin = seen
        .recordsOf(question)
        .find((other) => other.isDefault === isDefault && other.topic === topic && other.answers === answers);
      if (twin) seen.find('each decision is recorded once', id, atMs, `${twin.id} is of ${question}, too`);
      seen.remember({ id, answers, topic, scope, statement, question, isDefault, atMs, isActive: true });
      if (answers === 'unrouted_kind') seen.rulings.set(topic, { statement, atMs });
      break;
    }
    case 'memory.superseded':
    case 'memory.retired':
      end(seen, [data.id]);
      break;
    case 'memory.contested':
    case 'memory.expired':
      end(seen, data.ids);
  }
}

function end(seen: Observation, ids: readonly string[]): void {
  for (const id of ids) {
    const record = seen.records.get(id);
    if (record) record.isActive = false;
  }
}

/** Only what questions hold. */
export function judgeControlUnit(seen: Observation, unit: StoredUnit): void {
  for (const event of unit.events as unknown as ControlEvent[]) {
    if (event.kind === 'control.obeyed' || event.data.holder === null) continue;
    const key = `${event.data.holder} ${event.data.scope}`;
    if (event.kind === 'control.set') beginSpan(seen.held, key, unit.atMs);
    else endSpan(seen.held, key, unit.atMs);
  }
}
