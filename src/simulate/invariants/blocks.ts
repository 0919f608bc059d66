/**
 * A question that blocks stops its cluster: by a control that it holds as long as it is open, and no longer; and nothing lands that was
 * checked while it was open and reaches the target before it is answered.
 */
import { type Controls, foldControls, noControls } from '../../controls/control-state.ts';
import { numberOf } from '../../journal/numbered-streams.ts';
import { blocksOf } from '../../questions/blocks-of.ts';
import { isOpen, type QuestionState } from '../../questions/question-state.ts';
import { landingTrailer } from '../../ship/land-commit.ts';
import type { CreateWatcher } from '../watch.ts';

/** Where something takes very long, so may the control. */
const slowing = ['delay', 'slowStorage', 'outage', 'clockJump', 'freeze'];

export const watchBlocks: CreateWatcher = (watched) => {
  let controls: Controls = noControls;
  /** By tree: what blocked when its check was played last. */
  const blockedAtCheck = new Map<string, ReadonlySet<string>>();
  const isPrompt = !watched.plan.faults.some(({ kind }) => slowing.includes(kind));

  const blocking = () => new Set([...watched.questions.values()].filter(isBlocking).map(({ name }) => name));
  const holders = () => [...controls.byScope.values()].flat().flatMap(({ holder }) => holder ?? []);

  return {
    onEvent(event) {
      if (event.stream.startsWith('control:')) controls = foldControls([event], controls);
      // Whatever follows from silence is written by a desk that has looked at the question before.
      if (!isPrompt || event.kind !== 'question.escalated') return;
      const question = watched.questions.get(numberOf(event.stream));
      if (question && isBlocking(question) && !holders().includes(question.name)) {
        watched.violate('blocks hold', `${question.name} is open and stops nothing`);
      }
    },
    onCheck: (tree) => void blockedAtCheck.set(tree, blocking()),
    onMove({ where, to }) {
      const { tree, trailers } = watched.git.commit(to);
      if (where !== 'user' || trailers[landingTrailer] === undefined) return;
      const open = blocking();
      const ignored = [...(blockedAtCheck.get(tree) ?? [])].filter((name) => open.has(name));
      if (ignored.length > 0)
        watched.violate('blocks hold', `${to} lands while ${ignored.join(', ')} is open`);
    },
    async atEnd() {
      for (const holder of holders()) {
        const question = watched.questions.get(Number(holder.slice('Q-'.length)));
        if (!question || !isOpen(question))
          watched.violate('blocks end', `${holder} is settled and still blocks`);
      }
    },
  };
};

function isBlocking(question: QuestionState): boolean {
  return blocksOf([question]).length > 0;
}
