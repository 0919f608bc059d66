/** When nothing happens any more, nothing is left over: no item under way, no message, no money held, no cell, no folder. */
import { isFinal } from '../../items/is-final.ts';
import { simulatedProject } from '../simulated-team.ts';
import type { CreateWatcher } from '../watch.ts';

export const watchEnd: CreateWatcher = (watched) => {
  const tools = new Map<string, { agent: string; tool: string }>();
  return {
    onEvent({ stream, kind, data }) {
      const key = `${stream} ${String(data.id)}`;
      if (kind === 'tool.call_intended') tools.set(key, { agent: stream, tool: String(data.tool) });
      if (kind === 'tool.call_finished' || kind === 'tool.call_refused') tools.delete(key);
      // An agent that has ended will not ask for the outcome any more.
      if (kind === 'agent.finished') {
        for (const [open, { agent }] of tools) if (agent === stream) tools.delete(open);
      }
    },
    async atEnd() {
      const { journal, machine, items, violate } = watched;
      for (const { agent, tool } of tools.values()) {
        violate('nothing in doubt', `the ${tool} call of ${agent} has no result`);
      }
      for (const { number, status } of items.values()) {
        const isSettled = isFinal({ status }) || ['ready', 'paused', 'taken_over'].includes(status);
        if (!isSettled) violate('nothing waits for ever', `item ${number} is still ${status}`);
      }
      for (const { reservation, amountMicroUsd } of await journal.reservations(simulatedProject, {
        state: 'held',
      })) {
        violate('no money held', `reservation ${reservation} still holds ${amountMicroUsd}`);
      }
      for (const { stream } of await journal.streams(simulatedProject)) {
        const [message] = await journal.inbox(stream);
        if (message)
          violate('nothing waits for ever', `${message.kind} ${message.id} waits in ${message.stream}`);
      }
      for (const cell of machine.cells) {
        if (cell.isLeft && isOfFinished(cell.id))
          violate('no cell left', `${cell.id} of ${cell.opener.name}`);
      }
      for (const id of machine.folders.keys()) {
        if (isOfFinished(id)) violate('no workspace left', id);
      }

      /** Every id of a cell or folder names its agent, or is a gate's. */
      function isOfFinished(id: string): boolean {
        const number = /agent-world-(\d+)-/.exec(id)?.[1];
        const state = [...items.values()].find((item) => item.number === Number(number));
        return number === undefined || state === undefined || isFinal(state);
      }
    },
  };
};
