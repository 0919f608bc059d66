/** A process that records decisions: `<url> <project> <who> <count>`; one decision on each of so many topics, as fast as it can. */
import { newId } from '../../src/base/ids.ts';
import { recordDecision } from '../../src/memory/memory-store.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';

const [url = '', project = '', who = '', count = '0'] = process.argv.slice(2);
const journal = await openPostgresJournal({ url });
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
for (let topic = 0; topic < Number(count); topic += 1) {
  const wanted = {
    kind: 'decision' as const,
    answers: 'requirement_ambiguity',
    topic: `export.${topic}`,
    scope: 'mesh',
    statement: `${who} says so`,
    reasons: '',
    rejected: [],
    source: { from: 'person' as const, by: who },
    validUntil: null,
    check: null,
    status: 'active' as const,
    supersedes: [],
    why: '',
    by: who,
  };
  await recordDecision({ journal, newId, project, actor: `person:${who}` }, wanted, Date.now());
}
await journal.close();
process.exit(0);
