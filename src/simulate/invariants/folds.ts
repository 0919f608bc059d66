/** Everybody who reads a stream can fold it, at every moment of its life: items, tapes and questions by the product's own folds. */
import { messageOf } from '../../base/errors.ts';
import { applyTapeEvent, emptyTape, type TapeState } from '../../gateway/tape.ts';
import type { TapeEvent } from '../../gateway/tape-event.ts';
import { advance, initialItem } from '../../items/advance.ts';
import type { ItemEvent } from '../../items/item-event.ts';
import type { ItemState } from '../../items/item-state.ts';
import type { StreamId } from '../../journal/event.ts';
import { numberOf } from '../../journal/numbered-streams.ts';
import { foldQuestion } from '../../questions/fold-question.ts';
import type { QuestionState } from '../../questions/question-state.ts';
import type { Watcher } from '../watch.ts';

/** Keeps `items` and `questions` in step; `onItem` is told of every event of an item with the states around it. */
export function watchFolds(options: {
  items: Map<StreamId, ItemState>;
  /** By number. */
  questions: Map<number, QuestionState>;
  onItem: (before: ItemState, after: ItemState, event: ItemEvent) => void;
  /** There is one more. */
  onQuestion: (number: number) => void;
  violate: (invariant: string, message: string) => void;
}): Watcher {
  const { items, questions, onItem, onQuestion, violate } = options;
  const tapes = new Map<StreamId, TapeState>();
  return {
    onEvent(stored) {
      const { stream, version, kind, data } = stored;
      try {
        if (stream.startsWith('item:')) {
          const event = { kind, data } as unknown as ItemEvent;
          const before = items.get(stream) ?? initialItem;
          const after = advance(before, event);
          items.set(stream, after);
          onItem(before, after, event);
        } else if (stream.startsWith('agent:')) {
          const event = { kind, data } as unknown as TapeEvent;
          const tape = applyTapeEvent(tapes.get(stream) ?? emptyTape, event) as TapeState | undefined;
          if (!tape) throw new Error('its kind is unknown');
          tapes.set(stream, tape);
        } else if (stream.startsWith('question:')) {
          const number = numberOf(stream);
          const state = foldQuestion([stored], questions.get(number) ?? null);
          if (state) questions.set(number, state);
          if (version === 1) onQuestion(number);
        }
      } catch (error) {
        violate('folds never throw', `${stream} ${version} ${kind}: ${messageOf(error)}`);
      }
    },
  };
}
