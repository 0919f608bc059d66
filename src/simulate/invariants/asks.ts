/**
 * A call asks once, whoever dies; what is being asked is not asked a second time; an agent is told what was ruled, once; and nobody
 * waits for what is settled.
 */
import { findWaits } from '../../items/find-waits.ts';
import { type StoredEvent, streamId } from '../../journal/event.ts';
import { numberOf } from '../../journal/numbered-streams.ts';
import type { Asker } from '../../questions/question.ts';
import { isOpen, isRecorded, type QuestionState } from '../../questions/question-state.ts';
import { simulatedProject } from '../simulated-team.ts';
import type { CreateWatcher, Watched } from '../watch.ts';

export const watchAsks: CreateWatcher = (watched) => {
  /** `<agent> <call>` → the question's name. */
  const asked = new Map<string, string>();
  const answered = new Set<string>();

  function noteAsker({ agent, call }: Asker, name: string): string | null {
    const key = `${agent} ${call}`;
    const before = asked.get(key);
    asked.set(key, name);
    return before === undefined ? null : `call ${call} of ${agent} asked ${before} already`;
  }

  function follow({ stream, kind, data }: StoredEvent): string | null {
    switch (kind) {
      case 'question.asked':
      case 'question.joined': {
        const state = questionOf(watched, stream);
        const asker = data.asker as unknown as Asker | null;
        const twice = kind === 'question.asked' ? findEqual(watched, state) : null;
        return twice ?? (asker && noteAsker(asker, state.name));
      }
      case 'step.answered': {
        const step = watched.items.get(stream)?.phase?.steps[String(data.step)];
        const key = `${step?.agent} ${String(data.ask)}`;
        const isAgain = answered.has(key);
        answered.add(key);
        return isAgain ? 'it was answered before' : findUnsettled(watched, String(data.ask));
      }
      case 'tool.call_finished': {
        const name = asked.get(`${stream} ${String(data.id)}`);
        const output = String(data.output);
        return name === undefined || output.startsWith('interrupted')
          ? null
          : findUntrue(watched, name, output);
      }
      default:
        return null;
    }
  }

  return {
    onEvent(event) {
      const problem = follow(event);
      if (problem)
        watched.violate('asked once', `${event.stream} ${event.version} ${event.kind}: ${problem}`);
    },
    async afterStep() {
      for (const item of watched.items.values()) {
        for (const { ask, agent } of findWaits(item)) {
          const question = questionNamed(watched, ask);
          if (item.status === 'canceled' || !question || isOpen(question)) continue;
          const messages = await watched.journal.inbox(streamId('cluster', simulatedProject, 'main'));
          const isTold = messages.some(({ data }) => data.ask === ask && data.agent === agent);
          if (!isTold)
            watched.violate('nobody waits in vain', `${agent} waits for ${ask}, which is ${question.status}`);
        }
      }
    },
    async atEnd() {
      for (const question of watched.questions.values()) {
        if (!isRecorded(question))
          watched.violate('nothing waits for ever', `${question.name} is still ${question.status}`);
      }
    },
  };
};

function questionOf({ questions }: Watched, stream: string): QuestionState {
  const state = questions.get(numberOf(stream));
  if (!state) throw new Error(`${stream} was never folded`);
  return state;
}

function questionNamed({ questions }: Watched, name: string): QuestionState | undefined {
  return questions.get(Number(name.slice('Q-'.length)));
}

function findEqual({ questions }: Watched, { number, key }: QuestionState): string | null {
  const equal = [...questions.values()].find(
    (other) => other.number !== number && isOpen(other) && JSON.stringify(other.key) === JSON.stringify(key),
  );
  return equal ? `${equal.name} asks the same` : null;
}

function findUnsettled(watched: Watched, name: string): string | null {
  const question = questionNamed(watched, name);
  return question && isOpen(question) ? `${name} is ${question.status}` : null;
}

/** What an agent is told names its question, and the option that holds. */
function findUntrue(watched: Watched, name: string, output: string): string | null {
  const question = questionNamed(watched, name);
  if (!question || isOpen(question)) return `it goes on while ${name} is ${question?.status}`;
  const { overturned, answer } = question;
  const ruling = overturned ?? answer;
  const option = ruling ? ruling.answer.option : question.default?.option;
  const isTold = output.includes(name) && (option == null || output.includes(`option ${option}`));
  return isTold ? null : `it was told ${JSON.stringify(output.slice(0, 80))}, ${name} says option ${option}`;
}
