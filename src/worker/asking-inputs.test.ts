import { expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import { anAsker, exportText } from '../../test/questions/asked.ts';
import { alwaysThere } from '../../test/questions/people.ts';
import { systemClock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { createMemoryJournal } from '../journal/in-memory.ts';
import { routeOf } from '../policy/route-of.ts';
import { openQuestion } from '../questions/open-question.ts';
import { writeQuestion } from '../questions/question-record.ts';
import { askingFor } from './asking-inputs.ts';
import type { EffectRequest } from './effect.ts';

const kind = 'requirement_ambiguity';
const project = 'orders';

async function openOffice() {
  const journal = createMemoryJournal({ clock: systemClock });
  const door = { journal, newId, project, actor: 'test' };
  const ask = (number: number) =>
    openQuestion({
      ...door,
      nowMs: Date.now(),
      stakeholders: alwaysThere,
      draft: {
        key: { kind, topic: `export.field${number}`, scope: 'mesh' },
        text: exportText,
        route: routeOf(alwaysThere, kind),
        asker: anAsker(3, `call-${number}`),
        cluster: 'main',
        once: null,
      },
    });
  const request = {
    context: { journal, project, stakeholders: async () => alwaysThere },
    state: { number: 4 },
    team: { flow: { name: 'feature' } },
  } as unknown as EffectRequest;
  return { ask, door, topics: async () => (await askingFor(request, makeRole()))?.open };
}

it('a seat is not told of what is answered, even before it is in memory', async () => {
  const { ask, door, topics } = await openOffice();
  await ask(1);
  await ask(2);
  const answer = { option: 1, text: null };
  await writeQuestion({
    ...door,
    number: 1,
    decide: () => ({
      events: [{ kind: 'question.answered', data: { by: '@sarah-pm', via: 'cli', answer } }],
    }),
  });
  expect(await topics()).toMatchObject([{ ask: 'Q-2', topic: 'export.field2', addressee: '@sarah-pm' }]);
});

it('a seat is told of the latest twenty', async () => {
  const { ask, topics } = await openOffice();
  for (let number = 1; number <= 23; number += 1) await ask(number);
  const told = (await topics())?.map((each) => each.ask);
  expect(told).toHaveLength(20);
  expect([told?.[0], told?.at(-1)]).toEqual(['Q-4', 'Q-23']);
});
