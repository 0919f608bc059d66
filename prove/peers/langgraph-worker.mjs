/**
 * LangGraph.js with its PostgreSQL saver as a process that is killed: three threads of one graph, shaped like the items of
 * the kill suites, whose effects are requests to a server outside. At a listed boundary it ends itself with SIGKILL;
 * started again it goes on from its checkpoints. Settings as JSON in PROVE_PEER.
 */
import { readFileSync, writeSync } from 'node:fs';
import { Annotation, END, START, StateGraph, task } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';

const { url, recorder, variant, threads, killListFile } = JSON.parse(process.env.PROVE_PEER ?? '{}');
const killList = new Set(readFileSync(killListFile, 'utf8').split('\n').filter(Boolean));
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

const seen = new Map();
function at(name) {
  const count = (seen.get(name) ?? 0) + 1;
  seen.set(name, count);
  const label = count === 1 ? name : `${name} #${count}`;
  say({ what: 'boundary', label });
  if (!killList.has(label)) return;
  say({ what: 'killed', label });
  process.kill(process.pid, 'SIGKILL');
}

/** What the world outside sees: a paid call, a file written, a branch moved. */
async function effect(key) {
  at(`before effect ${key}`);
  const response = await fetch(`${recorder}/${key}`, { method: 'POST' });
  const text = await response.text();
  at(`after effect ${key}`);
  return text;
}

/** `tasks`: every effect is a task of its own, so that its result is stored before the next one. */
const effectTask = task('effect', effect);
const act = variant === 'tasks' ? effectTask : effect;

/** Says when it is about to store and when it has stored. */
class WatchedSaver extends PostgresSaver {
  async put(config, ...rest) {
    const name = `put ${config.configurable?.thread_id}`;
    at(`before ${name}`);
    const result = await super.put(config, ...rest);
    at(`after ${name}`);
    return result;
  }
  async putWrites(config, ...rest) {
    const name = `putWrites ${config.configurable?.thread_id}`;
    at(`before ${name}`);
    await super.putWrites(config, ...rest);
    at(`after ${name}`);
  }
}

const State = Annotation.Root({
  thread: Annotation(),
  done: Annotation({ reducer: (all, more) => [...all, ...more], default: () => [] }),
});

/** A node whose effects come one after another. */
function agent(name, effects) {
  return async ({ thread }) => {
    for (const each of effects) await act(`${thread}.${name}.${each}`);
    return { done: [name] };
  };
}

const saver = WatchedSaver.fromConnString(url);
Object.setPrototypeOf(saver, WatchedSaver.prototype);
await saver.setup();
const graph = new StateGraph(State)
  .addNode('plan', agent('plan', ['paid-1', 'paid-2']))
  .addNode('T1', agent('T1', ['paid-1', 'write', 'paid-2', 'paid-3', 'commit']))
  .addNode('T2', agent('T2', ['paid-1', 'write', 'paid-2', 'paid-3', 'commit']))
  .addNode('test', agent('test', ['paid-1', 'write', 'paid-2', 'commit']))
  .addNode('review', agent('review', ['paid-1', 'paid-2']))
  .addNode('land', agent('land', ['land']))
  .addEdge(START, 'plan')
  .addEdge('plan', 'T1')
  .addEdge('plan', 'T2')
  .addEdge(['T1', 'T2'], 'test')
  .addEdge(['T1', 'T2'], 'review')
  .addEdge(['test', 'review'], 'land')
  .addEdge('land', END)
  .compile({ checkpointer: saver });
say({ what: 'ready' });

await Promise.all(
  threads.map(async (thread) => {
    const config = { configurable: { thread_id: thread }, durability: 'sync' };
    const { next, values } = await graph.getState(config);
    const isBegun = values?.thread !== undefined || next.length > 0;
    // Also when nothing seems to be next: results that were stored without their checkpoint are taken up then.
    await graph.invoke(isBegun ? null : { thread }, config);
  }),
);
say({ what: 'done' });
await saver.end();
