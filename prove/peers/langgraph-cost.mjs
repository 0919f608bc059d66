/**
 * LangGraph.js with its PostgreSQL saver on the workload of `cost-per-step`: one node is one step, a state that is written
 * back changed. Run as `node langgraph-cost.mjs '<json>'`; prints its figures as one line of JSON.
 */
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { watchSteps } from '../cost/step-watch.ts';
import { openStoredBytes } from '../cost/stored-bytes.ts';
import { makeText, runsPerVacuum, shapes, shortRunSteps, stateBytes } from '../cost/workload.ts';

const { url, steps, shortRuns } = JSON.parse(process.argv[2] ?? '{}');
const warmUpRuns = 5;

const State = Annotation.Root({
  step: Annotation(),
  steps: Annotation(),
  name: Annotation(),
  shape: Annotation(),
  document: Annotation(),
  parts: Annotation({ reducer: (all, more) => [...all, ...more], default: () => [] }),
});

let onStep = async () => {};

async function work({ step, steps: all, name, shape, document }) {
  await onStep(step);
  if (shape === 'document') {
    return { step: step + 1, document: document.replace(`step ${step};`, `step ${step + 1};`) };
  }
  return { step: step + 1, parts: [makeText(`${name}/${step}`, stateBytes / all)] };
}

const saver = PostgresSaver.fromConnString(url);
await saver.setup();
const graph = new StateGraph(State)
  .addNode('work', work)
  .addEdge(START, 'work')
  .addConditionalEdges('work', ({ step, steps: all }) => (step < all ? 'work' : END))
  .compile({ checkpointer: saver });

async function run(name, shape, count) {
  const document = shape === 'document' ? `step 0;${makeText(name, stateBytes)}` : '';
  await graph.invoke(
    { step: 0, steps: count, name, shape, document },
    { configurable: { thread_id: name }, recursionLimit: count + 5, durability: 'sync' },
  );
}

const stored = await openStoredBytes(url, 'public');
const storedPerState = {};
for (const shape of shapes) {
  let before = 0;
  for (let index = -warmUpRuns; index < shortRuns; index += 1) {
    if (index % runsPerVacuum === 0) await stored.vacuum();
    if (index === 0) before = await stored.read();
    await run(`${shape}-${index + warmUpRuns}`, shape, shortRunSteps);
  }
  const perRun = ((await stored.read()) - before) / shortRuns;
  storedPerState[shape] = Number((perRun / stateBytes).toFixed(2));
}
const watch = watchSteps({ steps, stepsPerMark: 1 }, () => stored.read());
onStep = (done) => watch.onMark(done);
await run('long', 'document', steps);
await watch.onMark(steps);
process.stdout.write(
  `${JSON.stringify({ steps, early: watch.early(), late: watch.late(), storedPerState })}\n`,
);
await stored.close();
await saver.end();
