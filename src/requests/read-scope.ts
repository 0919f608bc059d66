/** What a person means by `mesh`, `cluster:main`, `3`, `item:3` or `agent:3/build/T1/developer`: one scope that is there. */
import { MeshwrightError } from '../base/errors.ts';
import {
  agentScope,
  type ControlScope,
  clusterNameOf,
  clusterScope,
  itemScope,
  meshScope,
} from '../controls/control-scope.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { viewItem } from '../views/item-view.ts';

/** A scope, and the item that it is or belongs to; null: all of them. */
export interface NamedScope {
  scope: ControlScope;
  item: ItemState | null;
}

/** The cluster that every project gets with its first item. */
const firstCluster = 'main';

/** @throws MeshwrightError `usage`, `no_such_item`, `no_such_cluster`, `no_such_agent` (all exit 2). */
export async function readScope(journal: Journal, project: string, given: string): Promise<NamedScope> {
  if (given === 'mesh') return { scope: meshScope, item: null };
  const item = /^(?:#|item:)?(\d{1,9})$/.exec(given);
  if (item) return itemOf(journal, project, Number(item[1]));
  const [kind, name] = split(given);
  if (kind === 'cluster') return clusterOf(journal, project, name);
  if (kind === 'agent') return agentOf(journal, project, name);
  throw new MeshwrightError('usage', `neither the mesh nor a cluster, an item or an agent: ${given}`, {
    hint: 'Give `mesh`, `cluster:main`, the number of an item, or `agent:` and what `status` shows of it.',
    exitCode: 2,
  });
}

function split(given: string): [string, string] {
  const colon = given.indexOf(':');
  return [given.slice(0, Math.max(0, colon)), given.slice(colon + 1)];
}

async function itemOf(journal: Journal, project: string, number: number): Promise<NamedScope> {
  const { state } = await viewItem(journal, project, number);
  return { scope: itemScope(number), item: state };
}

async function clusterOf(journal: Journal, project: string, name: string): Promise<NamedScope> {
  const heads = await journal.streams(project, { prefix: 'cluster:' });
  const known = new Set([firstCluster, ...heads.map(({ stream }) => clusterNameOf(stream))]);
  if (known.has(name)) return { scope: clusterScope(name), item: null };
  throw new MeshwrightError('no_such_cluster', `there is no cluster ${name} in ${project}`, {
    hint: `There is: ${[...known].join(', ')}.`,
    exitCode: 2,
  });
}

/** The whole stream id, the same without its project, or item and step alone: the step's agent of now. */
async function agentOf(journal: Journal, project: string, name: string): Promise<NamedScope> {
  const short = name.startsWith(`${project}/`) ? name.slice(project.length + 1) : name;
  const [number = '', ...rest] = short.split('/');
  if (/^\d{1,9}$/.test(number)) {
    const { state, events } = await viewItem(journal, project, Number(number));
    const agents = events.flatMap(({ kind, data }) => (kind === 'step.started' ? [String(data.agent)] : []));
    const isMeant = (agent: string) => {
      const own = agent
        .slice(agent.indexOf('/') + 1)
        .split('/')
        .slice(1);
      return [own, own.slice(0, -2)].some((parts) => parts.join('/') === rest.join('/'));
    };
    const agent = agents.findLast(isMeant);
    if (agent !== undefined) return { scope: agentScope(agent as StreamId), item: state };
  }
  throw new MeshwrightError('no_such_agent', `there is no agent ${name} in ${project}`, {
    hint: '`meshwright status` shows who is at work; give `agent:` and that, e.g. agent:3/build/T1/developer.',
    exitCode: 2,
  });
}
