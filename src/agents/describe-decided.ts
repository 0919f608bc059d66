/** The part of a prompt that shows what memory holds: each with its id, so that an agent can name what it goes by. */
import type { Recalled } from '../memory/recall.ts';

/** Empty when there is nothing. */
export function describeDecided(decided: readonly Recalled[]): string {
  if (decided.length === 0) return '';
  const lines = decided.flatMap(({ isContested, ...record }) => [
    isContested
      ? `- ${record.id} (${record.topic}) NOT DECIDED, contested: "${record.statement}" Ask if your work depends on it.`
      : `- ${record.id} (${record.topic}) ${record.statement}${record.reasons === '' ? '' : ` Reason: ${record.reasons}`}`,
    ...(record.mustAsk === null ? [] : [`  ${describeMustAsk(record.mustAsk)}`]),
  ]);
  return `# What is decided\n\nThese hold for your work. Follow them; where one does not fit, ask instead of working around it.\n${lines.join('\n')}`;
}

function describeMustAsk({ kind, scope, paths, matches }: NonNullable<Recalled['mustAsk']>): string {
  return `Ask before you add a line that matches \`${matches}\` to ${paths.join(', ')}: kind \`${kind}\`, this topic, scope \`${scope}\`.`;
}
