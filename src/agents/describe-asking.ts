/** The parts of a prompt that say when to ask people, of what kinds, and what is open already. Only for seats that can ask. */
import type { Handle, WaitMode } from '../policy/stakeholders.ts';
import type { QuestionKey, QuestionName } from '../questions/question.ts';

export interface Asking {
  /** Those that the stakeholder map has a route for. `sla`: `60 min SLA`. */
  kinds: readonly { kind: string; primary: Handle; sla: string; mode: WaitMode }[];
  /** What agents have asked and nobody has answered yet; of many the latest. */
  open: readonly OpenTopic[];
}

export interface OpenTopic extends QuestionKey {
  ask: QuestionName;
  /** Null: nobody decides its kind yet. */
  addressee: Handle | null;
  /** ISO; null: nothing follows by time alone. */
  dueAt: string | null;
}

const whenToAsk = `# When to ask people
- Ask only what the brief, the repository, what is decided and the policy leave open, and what would be costly to undo. Decide the rest yourself, and say in your summary what you decided.
- Give two to four options, each with what it costs or brings; \`default\` is the one that you recommend.
- Call the topic by the thing it is about (\`export.timezone\`), so that whoever asks the same comes to the same words. What was asked already has the same kind, topic and scope.`;

/** The same for every step of a role, as long as the map stays as it is. */
export function describeAsking({ kinds }: Asking): string {
  const lines = kinds.map(
    ({ kind, primary, sla, mode }) => `  - \`${kind}\`: ${primary}, ${sla}${modes[mode]}`,
  );
  if (lines.length === 0) {
    return `${whenToAsk}\n- Name the kind in a word or two (\`requirement_ambiguity\`); whoever runs the project answers.`;
  }
  return `${whenToAsk}\n- Kinds, and who decides them; another kind waits until somebody has said who does:\n${lines.join('\n')}`;
}

const modes: Readonly<Record<WaitMode, string>> = {
  block: ', stops all work of the cluster until it is answered',
  wait: '',
  park: ', the item is put aside until it is answered',
};

/** One line each. */
export function describeOpenTopics({ open }: Asking): string[] {
  return open.map(
    ({ ask, kind, topic, scope, addressee, dueAt }) =>
      `- ${ask}: \`${topic}\`, kind \`${kind}\`, scope \`${scope}\`, ${addressee ?? 'nobody decides this kind yet'}${dueAt === null ? '' : `, due ${dueAt}`}`,
  );
}
