/** A person takes an item over and hands it back, with the engine as it is: real git, real folders, a worker in this process. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { collectHandback } from '../../src/requests/collect-handback.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { ask, carryOut, commitFile, eventsOf, gitIn, handBack, takeOver } from './person-at-work.ts';
import { call, say, smallFiles, smallTeam, write } from './small-team.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

const oneTask = {
  summary: 'one task',
  tasks: [{ id: 'T1', title: 'one', instructions: 'x', after: [] }],
};

async function start(model: Brain): Promise<TestProject> {
  const project = await createTestProject({
    files: smallFiles,
    model,
    change: (context) => ({
      ...context,
      policy: { ...context.policy, limits: { ...context.policy.limits, turns: 4 } },
    }),
  });
  open.push(project);
  return project;
}

/** Writes one file and never ends its turn, until a person's note or commit is there. */
const neverDone = smallTeam({
  developer: (request, turn) => {
    const first = request.messages[0]?.content[0];
    if (first?.type === 'text' && first.text.includes('stop reading')) return say('done, as told');
    return turn === 0 ? write('T1.txt', 'half of it\n') : call('read', { path: 'a.txt' });
  },
});

describe('a stuck item', () => {
  test('comes with the unfinished work; the person’s commit is checked and reviewed, gets ready, and lands', async () => {
    const project = await start(neverDone);
    const number = await project.add('Never done', oneTask);
    await project.run();
    expect(await project.item(number)).toMatchObject({ status: 'paused', pause: { reason: 'breaker' } });

    const folder = await takeOver(project, number);
    expect(await gitIn(folder, 'symbolic-ref', '--short', 'HEAD')).toBe('mesh/1');
    expect(await gitIn(folder, 'show', 'unfinished/build/T1/developer:T1.txt')).toBe('half of it');
    expect(await gitIn(folder, 'status', '--porcelain')).toBe('');
    expect(await gitIn(folder, 'diff', '--stat', 'meshwright/main')).toBe('');
    expect(existsSync(path.join(folder, '.git/TAKEOVER.md'))).toBe(true);
    await project.run();
    expect((await project.item(number)).status).toBe('taken_over');

    await commitFile(folder, 'T1.txt', 'all of it\n');
    await handBack(project, number);
    await project.run();
    const ready = await project.item(number);
    expect(ready.status).toBe('ready');
    expect(await project.context.mirror.show(ready.readyCommit ?? '', 'T1.txt')).toBe('all of it\n');
    const kinds = (await eventsOf(project, number)).map((event) => event.kind);
    const since = kinds.slice(kinds.lastIndexOf('phase.reopened'));
    // Tester and reviewer, then all gates: nobody but the stuck developer is spared.
    expect(since.filter((kind) => kind === 'step.started')).toHaveLength(2);
    expect(since.filter((kind) => kind === 'gate.judged')).toHaveLength(3);

    await project.accept(number);
    expect((await project.item(number)).status).toBe('landed');
    expect(await project.git('show', 'main:T1.txt')).toBe('all of it');
  });

  test('goes to another agent with a note, which starts from the unfinished work', async () => {
    const project = await start(neverDone);
    const number = await project.add('Never done', oneTask);
    await project.run();
    const folder = await takeOver(project, number);
    await handBack(project, number, 'it is there, stop reading');
    await project.run();
    const ready = await project.item(number);
    expect(ready.status).toBe('ready');
    expect(await project.context.mirror.show(ready.head ?? '', 'T1.txt')).toBe('half of it\n');
    expect(await gitIn(folder, 'rev-parse', 'HEAD')).toBe(ready.base);
  });

  test('does not get ready with a commit that the checks find red: it is sent back with what they say', async () => {
    const project = await start(neverDone);
    const number = await project.add('Never done', oneTask);
    await project.run();
    const folder = await takeOver(project, number);
    await commitFile(folder, 'T1.txt', 'BROKEN\n');
    await handBack(project, number);
    await project.run();
    const state = await project.item(number);
    expect(state.status).toBe('paused');
    const events = await eventsOf(project, number);
    expect(events.filter((event) => event.kind === 'item.ready')).toEqual([]);
    const back = events.findLast((event) => event.kind === 'item.sent_back');
    expect(JSON.stringify(back?.data)).toContain('a file is broken');
  });
});

describe('an item at work', () => {
  /** The developer waits in its second turn until it is told; `sits` resolves when it does. */
  function slowTeam(): { brain: Brain; sits: Promise<void> } {
    let sit = () => {};
    const sits = new Promise<void>((resolve) => {
      sit = resolve;
    });
    const brain = smallTeam({
      developer: (_, turn) => {
        if (turn === 0) return write('T1.txt', 'half of it\n');
        if (turn > 1) return say('done');
        sit();
        return call('shell', { command: 'sleep 30' });
      },
    });
    return { brain, sits };
  }

  test('stops at once with a worker running: files kept, books closed, nothing runs until it is back', async () => {
    const { brain, sits } = slowTeam();
    const project = await start(brain);
    const number = await project.add('Slow', oneTask);
    const stop = new AbortController();
    const working = runWorker(project.context, { untilIdle: false, signal: stop.signal });
    try {
      await sits;
      const folder = await takeOver(project, number, async () => {
        for (let waits = 0; waits < 400; waits += 1) {
          if ((await project.item(number)).status === 'taken_over') return;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      });
      expect(await gitIn(folder, 'show', 'unfinished/build/T1/developer:T1.txt')).toBe('half of it');
      const account = await project.journal.account(itemAccount('test', number));
      expect(account?.reservedMicroUsd).toBe(0);
      expect((await project.item(number)).costMicroUsd).toBe(account?.spentMicroUsd);
      expect(await project.context.workspaces.list()).toEqual([]);
    } finally {
      stop.abort();
      await working;
    }
    const failed = (await eventsOf(project, number)).filter((event) => event.kind === 'step.failed');
    expect(failed).toMatchObject([{ data: { reason: 'interrupted', message: 'tess took the item over' } }]);
  });

  test('is taken over with no worker there: what the last one left is kept all the same', async () => {
    const { brain, sits } = slowTeam();
    const project = await start(brain);
    const number = await project.add('Slow', oneTask);
    const stop = new AbortController();
    const working = project.run(stop.signal);
    await sits;
    stop.abort();
    await working;
    expect((await project.item(number)).status).toBe('running');
    const folder = await takeOver(project, number);
    expect(await gitIn(folder, 'show', 'unfinished/build/T1/developer:T1.txt')).toBe('half of it');
    expect(await project.context.workspaces.list()).toEqual([]);
    const account = await project.journal.account(itemAccount('test', number));
    expect(account?.reservedMicroUsd).toBe(0);

    await ask(project, number, { kind: 'handback', by: 'tess', commit: null, note: null });
    await carryOut(project, number);
    expect((await project.item(number)).status).toBe('running');
    expect(existsSync(folder)).toBe(true);
  });
});

describe('what is handed back', () => {
  test('is refused by the item’s owner when it is not on top of what was handed out, or no commit at all', async () => {
    const project = await start(neverDone);
    const number = await project.add('Never done', oneTask);
    await project.run();
    await takeOver(project, number);
    const { takeover } = await project.item(number);
    const { mirror } = project.context;
    const unrelated = await mirror.commitTree({
      tree: await mirror.treeOf(takeover?.commit ?? ''),
      parents: [],
      message: 'from nowhere',
      trailers: {},
      authorName: 'x',
      authorEmail: 'x@example.invalid',
      at: 1_700_000_000_000,
    });
    for (const commit of [unrelated, 'f'.repeat(40), '--help', await mirror.treeOf(unrelated)]) {
      await ask(project, number, { kind: 'handback', by: 'tess', commit, note: null });
      await carryOut(project, number);
      expect(await project.item(number)).toMatchObject({ status: 'taken_over', head: takeover?.commit });
      expect(await mirror.resolve('refs/heads/mesh/1')).toBe(takeover?.commit);
    }
    const ignored = (await eventsOf(project, number)).filter(
      (event) => event.kind === 'item.message_ignored',
    );
    expect(ignored).toHaveLength(4);
  });

  test('is not collected when the commit that was handed out is not in its history any more', async () => {
    const project = await start(neverDone);
    const number = await project.add('Never done', oneTask);
    await project.run();
    const folder = await takeOver(project, number);
    await gitIn(folder, 'commit', '-q', '--amend', '--no-edit', '-m', 'Another start');
    await expect(handBack(project, number)).rejects.toMatchObject({
      code: 'handback_not_on_top',
      exitCode: 2,
    });
    expect((await project.item(number)).status).toBe('taken_over');
  });

  test('started from where the branch is, also when its worker died before it recorded that', async () => {
    const project = await start(neverDone);
    const number = await project.add('Never done', oneTask);
    await project.run();
    const { mirror } = project.context;
    const { head } = await project.item(number);
    const ahead = await mirror.commitTree({
      tree: await mirror.treeOf(head ?? ''),
      parents: [head ?? ''],
      message: 'moved, not recorded',
      trailers: {},
      authorName: 'x',
      authorEmail: 'x@example.invalid',
      at: 1_700_000_000_000,
    });
    await mirror.moveRef('refs/heads/mesh/1', head, ahead);
    const folder = await takeOver(project, number);
    expect(await gitIn(folder, 'rev-parse', 'HEAD')).toBe(ahead);
    const commit = await commitFile(folder, 'T1.txt', 'all of it\n');
    await handBack(project, number);
    await carryOut(project, number);
    expect(await project.item(number)).toMatchObject({ status: 'running', head: commit });
  });

  test('moves the branch once, also when its worker died between the move and its record', async () => {
    const project = await start(neverDone);
    const number = await project.add('Never done', oneTask);
    await project.run();
    const folder = await takeOver(project, number);
    const commit = await commitFile(folder, 'T1.txt', 'all of it\n');
    const { takeover } = await project.item(number);
    if (!takeover) throw new Error('nobody has it');
    const { mirror } = project.context;
    expect(await collectHandback({ mirror, number, takeover, folder })).toBe(commit);
    await mirror.moveRef('refs/heads/mesh/1', takeover.commit, commit);
    await ask(project, number, { kind: 'handback', by: 'tess', commit, note: null });
    await carryOut(project, number);
    expect(await project.item(number)).toMatchObject({ status: 'running', head: commit });
  });
});
