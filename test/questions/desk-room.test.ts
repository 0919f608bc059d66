/** Room that somebody has for one more question goes to what waits, also when what it was meant for needed it no more. */
import { expect, it } from 'vitest';
import { openDeskWorld } from './desk-world.ts';
import { sampleMap } from './people.ts';

it('what waits is asked when the one before it is answered while it is being given', async () => {
  const map = sampleMap(`people:
  "@sarah-pm": { attention_limit: 1 }
  "@alex-engineering-lead": { role: engineering_lead, attention_limit: 1 }
  "@cto-channel": { role: cto }
`);
  const world = await openDeskWorld({ map });
  for (const topic of ['export.timezone', 'export.format', 'export.name'])
    await world.ask('requirement_ambiguity', { topic });
  let isFirst = true;
  world.work({
    change: (context) => ({
      ...context,
      journal: {
        ...context.journal,
        async append(unit) {
          if (isFirst && unit.stream.endsWith('/1') && unit.events[0]?.kind === 'question.notified') {
            isFirst = false;
            await world.say('@alex-engineering-lead', 'Q-1', '2');
          }
          return context.journal.append(unit);
        },
      },
    }),
  });
  const third = await world.until('Q-3 is asked', async () => {
    const state = await world.question(3);
    return state.status === 'notified' && state;
  });
  expect((await world.question(1)).status).toBe('answered');
  expect((await world.question(2)).addressee).toBe('@alex-engineering-lead');
  expect(third.addressee).toBe('@sarah-pm');
});
