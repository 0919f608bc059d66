/** Guards of the product that are taken out one by one; the simulator must find each. Data only. */
import type { PlantedBug } from './plant-bug.ts';
import { plantedAskBugs } from './planted-ask-bugs.ts';

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'no fence check',
    guard: 'an append under an old fence is refused',
    edits: [
      {
        file: 'src/journal/memory-append.ts',
        find: 'if (unit.fence !== null && unit.fence !== fence)',
        replace: 'if (unit.fence !== null && unit.fence > fence)',
      },
    ],
  },
  {
    name: 'no expected version',
    guard: 'an append at another version than the stream has is refused',
    edits: [
      {
        file: 'src/journal/memory-append.ts',
        find: 'if (actualVersion !== unit.expectedVersion)',
        replace: 'if (actualVersion < unit.expectedVersion)',
      },
    ],
  },
  {
    name: 'begins under a control',
    guard: 'nothing is decided for an item that is paused, stopped or killed',
    edits: [
      {
        file: 'src/worker/drive-item.ts',
        find: 'if (!this.mayBegin()) return this.#syncEffects(this.#team);',
        replace: '',
      },
    ],
  },
  {
    name: 'message ids forgotten',
    guard: 'an inbox takes a message id once',
    edits: [{ file: 'src/journal/memory-inbox.ts', find: 'seen.add(key);', replace: '' }],
  },
  {
    name: 'message stays in the inbox',
    guard: 'a message is consumed with the events that answer it',
    edits: [
      {
        file: 'src/journal/memory-append.ts',
        find: 'for (const id of unit.consumes ?? []) state.inbox.consume(unit.stream, id);',
        replace: '',
      },
    ],
  },
  {
    name: 'ceiling not checked',
    guard: 'a reservation that passes a ceiling is refused',
    edits: [
      {
        file: 'src/journal/ledger-book.ts',
        find: 'row.ceilingMicroUsd !== null && after > row.ceilingMicroUsd',
        replace: 'row.ceilingMicroUsd !== null && row.spentMicroUsd > row.ceilingMicroUsd',
      },
    ],
  },
  {
    name: 'settled money stays reserved',
    guard: 'a settlement frees what was reserved',
    edits: [
      {
        file: 'src/journal/ledger-book.ts',
        find: "const freed = row.state === 'held' ? row.amountMicroUsd : 0;",
        replace: 'const freed = 0;',
      },
    ],
  },
  {
    name: 'failed calls are free',
    guard: 'a failed call that may have been billed is charged',
    edits: [
      {
        file: 'src/gateway/call-model.ts',
        find: 'costMicroUsd === null\n      ?',
        replace: 'costMicroUsd !== -1\n      ?',
      },
    ],
  },
  {
    name: 'no reservation',
    guard: 'money is reserved with the intent of a call',
    edits: [
      {
        file: 'src/gateway/call-model.ts',
        find: "{ op: 'reserve', reservation: call, accounts, amountMicroUsd: reservedMicroUsd, threshold },",
        replace: "{ op: 'reserve', reservation: call, accounts, amountMicroUsd: 0, threshold },",
      },
    ],
  },
  {
    name: 'doubt not settled',
    guard: 'a model call in doubt is charged and closed when its agent is opened again',
    edits: [
      {
        file: 'src/gateway/resolve-doubt.ts',
        find: "if (doubt.kind === 'model') {",
        replace: "if (doubt.kind === 'model') {\n    if (doubt.reservedMicroUsd >= 0) return;",
      },
    ],
  },
  {
    name: 'tools run again',
    guard: 'a tool call in doubt has its intent already',
    edits: [
      {
        file: 'src/gateway/call-tool.ts',
        find: "if (doubt?.kind === 'tool' && doubt.call === id) {",
        replace: "if (doubt?.kind === 'tool' && doubt.call !== id) {",
      },
    ],
  },
  {
    name: 'stale accept',
    guard: 'an accept names the commit that is ready',
    edits: [
      {
        file: 'src/items/judge-request.ts',
        find: 'if (request.commit !== state.readyCommit) {',
        replace: 'if (request.commit === undefined) {',
      },
    ],
  },
  {
    name: 'pause does not hold',
    guard: 'a paused item has no effects',
    edits: [
      {
        file: 'src/items/in-flight.ts',
        find: "if (state.status !== 'running' || state.handedBack ||",
        replace: "if (state.status === 'canceled' || state.handedBack ||",
      },
    ],
  },
  {
    name: 'seats not counted',
    guard: 'a role has no more agents at once than seats',
    edits: [
      {
        file: 'src/items/decide.ts',
        find: 'if (isRunning || taken >= Math.max(1, facts.seats[role] ?? 1)) continue;',
        replace: 'if (isRunning) continue;',
      },
    ],
  },
  {
    name: 'step committed twice',
    guard: "a step's commit is looked for on the branch before it is put there",
    edits: [
      {
        file: 'src/worker/integrate-commit.ts',
        find: 'if (await mirror.findByTrailer(ref, stepTrailer, effect.agent)) return { ok: true, head };',
        replace: '',
      },
      {
        file: 'src/worker/agent-ending.ts',
        find: 'commit: landed ?? ending.commit',
        replace: 'commit: ending.commit',
      },
    ],
  },
  {
    name: 'ended agent runs again',
    guard: 'an agent whose end is on the tape is not run again',
    edits: [
      {
        file: 'src/worker/seat-agent.ts',
        find: 'if (tape?.ending) {',
        replace: 'if (tape?.ending && !tape.isSeated) {',
      },
    ],
  },
  {
    name: 'old cell lives on',
    guard: 'the cell of a dead worker is ended before its workspace is taken over',
    edits: [
      {
        file: 'src/worker/left-workspace.ts',
        find: 'await context.driver.endLeftover(from);\n    taken',
        replace: 'taken',
      },
    ],
  },
  {
    name: 'landed twice',
    guard: 'a landing is looked for on the target before it is made',
    edits: [
      {
        file: 'src/ship/land-commit.ts',
        find: 'if (earlier) return',
        replace: "if (earlier === '') return",
      },
    ],
  },
  {
    name: 'red lands',
    guard: 'what would land is checked, and a red result is refused',
    edits: [
      {
        file: 'src/ship/land-commit.ts',
        find: 'if (!verdict.isPassed) return',
        replace: "if (verdict.summary === '') return",
      },
    ],
  },
  {
    name: 'landing not confirmed',
    guard: 'an item has landed when the target was moved, not before',
    edits: [
      {
        file: 'src/ship/land-commit.ts',
        find: "if (advanced === 'advanced') return",
        replace: "if (advanced !== 'dirty') return",
      },
    ],
  },
  {
    name: 'lease never raised',
    guard: 'every claim has a higher fence',
    edits: [{ file: 'src/journal/memory-claims.ts', find: 'lastFence += 1;', replace: 'lastFence ||= 1;' }],
  },
  {
    name: 'branch taken by force',
    guard: "an item's branch is moved by compare-and-swap from where it was read",
    edits: [
      {
        file: 'src/worker/integrate-commit.ts',
        find: 'if (head !== effect.base) {',
        replace: "if (head === '') {",
      },
    ],
  },
  {
    name: 'called before the intent',
    guard: 'the intent of a model call is on the tape before the call is made',
    edits: [
      {
        file: 'src/gateway/call-model.ts',
        find: 'const intended = await writer.write(',
        replace:
          'await door.provider.generate(request, door.signal);\n  const intended = await writer.write(',
      },
    ],
  },
  {
    name: 'conversation forgotten',
    guard: 'a turn is asked for with everything that the tape has',
    edits: [
      {
        file: 'src/agents/run-agent.ts',
        find: ', gateway.tape.messages, request.deliverables),',
        replace: ', gateway.tape.messages.slice(0, 2), request.deliverables),',
      },
    ],
  },
  {
    name: 'books stay open',
    guard: 'the agents of an item that is canceled are ended',
    edits: [
      {
        file: 'src/worker/retire-item.ts',
        find: "if (step.status !== 'running' ||",
        replace: "if (step.status === 'running' ||",
      },
    ],
  },
  {
    name: 'folders stay',
    guard: 'the workspaces of an item that is over are removed',
    edits: [
      {
        file: 'src/worker/retire-item.ts',
        find: 'await clearStream(context, itemStream(project, state.number));',
        replace: '',
      },
    ],
  },
  {
    name: 'begins only once',
    guard: 'an item that was held before it began begins when it is resumed',
    edits: [
      { file: 'src/worker/drive-item.ts', find: 'this.isBeginning = false;\n      await', replace: 'await' },
    ],
  },
  ...plantedAskBugs,
];
