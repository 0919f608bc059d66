/** Runs that are worth keeping: together they reach every way an item's life turns. Sample data only. */
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '../../src/base/ids.ts';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { call, lastResults, say, smallFiles, smallTeam, write } from '../engine/small-team.ts';
import { createTestProject, type TestProject, writeIn } from '../harness/project.ts';

export interface Scenario {
  name: string;
  open(): Promise<TestProject>;
  play(project: TestProject): Promise<void>;
}

const oneTask = {
  summary: 'one task',
  tasks: [{ id: 'T1', title: 'one', instructions: 'x', after: [] }],
};

function open(model: Brain): () => Promise<TestProject> {
  return () => createTestProject({ files: smallFiles, model });
}

/** Planned, built side by side, red once and repaired, accepted, landed; a second one is canceled in the queue. */
const rework: Scenario = {
  name: 'rework-and-landing',
  open: open(
    smallTeam({
      developer: (request, turn) => {
        if (turn > 0) return say('all done, everything is green');
        const { task, round } = request.seat;
        return round > 1
          ? write('T1.txt', 'repaired\n')
          : write(`${task}.txt`, task === 'T1' ? 'BROKEN\n' : 'fine\n');
      },
    }),
  ),
  async play(project) {
    const number = await project.add('Make three files');
    await project.run();
    await project.accept(number);
    const second = await project.add('Never mind');
    await ask(project, second, { kind: 'cancel', by: 'test', reason: 'not wanted after all' });
    await project.run();
  },
};

/** Stops at its ceiling, is raised, goes on with the kept work; its first file is large enough to lie in a blob. */
const ceiling: Scenario = {
  name: 'ceiling',
  open: open(
    smallTeam({
      developer: (request, turn) => {
        const first = request.messages[0]?.content[0];
        const goesOn = first?.type === 'text' && first.text.includes('# Earlier work');
        if (turn === 0) return write('T1.txt', `${'a long line of text '.repeat(900)}\n`);
        return turn < 6 && !goesOn ? call('read', { path: 'T1.txt' }) : say('done');
      },
    }),
  ),
  async play(project) {
    const number = await project.add('---\nceiling_usd: 0.2\n---\nSpend a lot', oneTask);
    await project.run();
    await ask(project, number, { kind: 'resume', by: 'test', ceilingMicroUsd: 2_000_000 });
    await project.run();
    await ask(project, number, { kind: 'reject', by: 'test', reason: 'too long' });
    await project.run();
  },
};

/** Developers change the same line: the second one starts again from what is there. Waits for a person at the end. */
const conflict: Scenario = {
  name: 'conflict',
  open: open(
    smallTeam({
      developer: (request, turn) => {
        if (turn === 0) return call('read', { path: 'a.txt' });
        if (turn > 1) return say('done');
        const found = lastResults(request)[0]?.output ?? '';
        return write('a.txt', `${found.trimEnd()} ${request.seat.task}\n`);
      },
    }),
  ),
  async play(project) {
    await project.add('Same lines');
    await project.run();
  },
};

/** The target changes under an accepted item: the landing is refused with a conflict, which is put right, and it lands. */
const refusal: Scenario = {
  name: 'landing-refused',
  open: open(
    smallTeam({
      developer: (request, turn) => {
        if (turn === 0) return call('read', { path: 'a.txt' });
        if (turn > 1) return say('done');
        const found = lastResults(request)[0]?.output ?? '';
        const kept = found.split('\n').filter((line) => !/^[<=>]{7}/.test(line) && line.trim() !== '');
        return write('a.txt', request.seat.round > 1 ? `${kept.join('\n')}\n` : 'ours\n');
      },
    }),
  ),
  async play(project) {
    const number = await project.add('Conflict', oneTask);
    await project.run();
    writeIn(project, 'a.txt', 'theirs\n');
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid'];
    await project.git(...identity, 'commit', '-qam', 'Theirs');
    await project.accept(number);
    await project.accept(number);
  },
};

/** The worker is stopped while a developer works; the next worker takes the item up. A tester breaks its scope on the way. */
function interruption(): Scenario {
  const stop = new AbortController();
  let hasStrayed = false;
  const team = smallTeam({
    developer: ({ seat }, turn) => (turn === 0 ? write(`${seat.task}.txt`, 'x\n') : say('done')),
    tester: (_, turn) => {
      if (turn > 0 || hasStrayed) return say('looked at it');
      hasStrayed = true;
      return call('shell', { command: 'echo stray > a.txt' });
    },
  });
  return {
    name: 'interruption',
    open: open(async (request) => {
      if (request.seat.task === 'T3' && request.messages.length > 1 && !stop.signal.aborted) {
        stop.abort();
        // The worker must be gone before the answer would come.
        await delay(2_000);
      }
      return team(request);
    }),
    async play(project) {
      await project.add('Stopped in the middle');
      await project.run(stop.signal);
      await project.run();
    },
  };
}

/** Never green: sent back as often as the flow allows, then it waits for a person. */
const attempts: Scenario = {
  name: 'attempts',
  open: open(smallTeam({ developer: (_, turn) => (turn > 0 ? say('done') : write('T1.txt', 'BROKEN\n')) })),
  async play(project) {
    await project.add('Never green', oneTask);
    await project.run();
  },
};

export function scenarios(): Scenario[] {
  return [rework, ceiling, conflict, refusal, interruption(), attempts];
}

async function ask(
  project: TestProject,
  number: number,
  request: Parameters<typeof askOfItem>[0]['request'],
): Promise<void> {
  await askOfItem({ journal: project.journal, newId, project: project.context.project, number, request });
}
