/** What an agent passes to `ask`. Without the test runner: workers in processes of their own load it. */
import type { JsonObject } from '../../src/base/json.ts';
import type { Move } from '../../src/gateway/scripted/scripted-provider.ts';

/** Well-formed; `more` puts other words in. */
export function questionOf(more: JsonObject = {}): JsonObject {
  return {
    kind: 'requirement_ambiguity',
    topic: 'export.timezone',
    title: 'time zone of the export',
    building: 'The download of the medication history.',
    question: 'Which time zone goes into the export?',
    options: [
      { label: 'Export UTC with a timezone label', trade_off: 'Consistent with the raw data.' },
      { label: "Export the patient's local time", trade_off: 'Easier to read; needs a lookup.' },
    ],
    why_you: 'It is a decision about the product.',
    unblocks: 'Any one of the options.',
    default: 1,
    ...more,
  };
}

export function ask(more: JsonObject = {}): Move {
  return { calls: [{ tool: 'ask', input: questionOf(more) }] };
}
