/**
 * An item's stream makes sense, said once more and without the interpreter: results follow their intents, one each;
 * nothing begins in a pause; what lands was ready, and accepted by a person as it stands.
 */
import type { ItemEvent } from '../../items/item-event.ts';
import type { StoredEvent } from '../../journal/event.ts';
import type { CreateWatcher, Watched } from '../watch.ts';

interface Life {
  status: string;
  ready: string | null;
  /** What it was when a person took it over. */
  before: string;
  /** Open and closed intents: steps by agent, gates by place. */
  open: Set<string>;
  closed: Set<string>;
  /** step → agent of its latest start. */
  agents: Map<string, string>;
  answered: Set<string>;
  /** While it was landing. */
  isOverturned: boolean;
}

const finalStatuses = ['landed', 'rejected', 'canceled'];

export const watchItemLife: CreateWatcher = (watched) => {
  const lives = new Map<string, Life>();
  /** Agents whose tape says that they did what they were asked. */
  const ended = new Set<string>();
  return {
    onEvent(event, unit) {
      if (event.kind === 'agent.finished' && event.data.outcome === 'done') ended.add(event.stream);
      if (!event.stream.startsWith('item:')) return;
      const life = lives.get(event.stream) ?? newLife();
      lives.set(event.stream, life);
      for (const id of unit.events.length > 0 && event.version === unit.expectedVersion + 1
        ? (unit.consumes ?? [])
        : []) {
        if (life.answered.has(id)) watched.violate('answered once', `${event.stream} answered ${id} twice`);
        life.answered.add(id);
      }
      const problem = findLostWork(life, event, ended) ?? follow(life, event, watched);
      if (problem) watched.violate('item life', `${event.stream} ${event.version} ${event.kind}: ${problem}`);
    },
  };
};

function newLife(): Life {
  return {
    status: 'new',
    ready: null,
    before: 'new',
    open: new Set(),
    closed: new Set(),
    agents: new Map(),
    answered: new Set(),
    isOverturned: false,
  };
}

function follow(life: Life, stored: StoredEvent, watched: Watched): string | null {
  const event = { kind: stored.kind, data: stored.data } as unknown as ItemEvent;
  if (finalStatuses.includes(life.status) && event.kind !== 'item.message_ignored')
    return `it is ${life.status}`;
  switch (event.kind) {
    case 'step.started':
      life.agents.set(event.data.step, event.data.agent);
      return begin(life, event.data.agent) ?? findCrowd(life, event.data.role, watched);
    case 'step.finished':
    case 'step.failed':
      return end(life, life.agents.get(event.data.step) ?? event.data.step);
    case 'gate.started':
    case 'gate.judged': {
      const { phase, round, gate } = event.data;
      const key = `gate ${phase} ${round} ${gate}`;
      return event.kind === 'gate.started' ? begin(life, key) : end(life, key);
    }
    default:
      return changeStatus(life, event, watched);
  }
}

/** What was paid for and done is used, whoever dies in between. */
function findLostWork(life: Life, { kind, data }: StoredEvent, ended: ReadonlySet<string>): string | null {
  if (kind !== 'step.failed' || data.reason !== 'interrupted') return null;
  const agent = life.agents.get(String(data.step)) ?? '';
  return ended.has(agent) ? `${agent} had ended well` : null;
}

/** More agents of a role at once than there are seats. */
function findCrowd(life: Life, role: string, { plan }: Watched): string | null {
  const seats = role === 'developer' ? plan.world.developerSeats : 1;
  const agents = [...life.agents].filter(
    ([step, agent]) => step.endsWith(`/${role}`) && life.open.has(agent),
  );
  return agents.length > seats ? `${agents.length} agents sit on ${seats} seats of ${role}` : null;
}

function begin(life: Life, key: string): string | null {
  if (life.status !== 'running') return `${key} begins while it is ${life.status}`;
  if (life.open.has(key) || life.closed.has(key)) return `${key} begins twice`;
  life.open.add(key);
  return null;
}

function end(life: Life, key: string): string | null {
  if (life.closed.has(key)) return `${key} ends twice`;
  if (!life.open.delete(key)) return `${key} ends without a beginning`;
  life.closed.add(key);
  return null;
}

type StatusEvent = Exclude<ItemEvent, { kind: 'step.started' | 'gate.started' | 'gate.judged' }>;

function changeStatus(life: Life, event: StatusEvent, watched: Watched): string | null {
  const was = life.status;
  const must = (...allowed: string[]): string | null => (allowed.includes(was) ? null : `it was ${was}`);
  switch (event.kind) {
    case 'item.added':
      life.status = 'queued';
      return must('new');
    case 'item.started':
      life.status = 'running';
      return must('queued');
    case 'item.paused':
      life.status = life.open.size === 0 && was === 'queued' ? 'held' : 'paused';
      return must('running', 'queued');
    case 'item.resumed':
      life.status = was === 'held' ? 'queued' : 'running';
      return must('paused', 'held');
    case 'item.ready':
      life.status = 'ready';
      life.ready = event.data.commit;
      return life.open.size > 0 ? `${[...life.open].join(', ')} still open` : must('running');
    case 'item.accepted':
      life.status = 'landing';
      if (event.data.commit !== life.ready) return `${life.ready} was ready`;
      return must('ready');
    case 'item.landed':
      life.status = 'landed';
      return watched.git.hasCommit(event.data.commit) ? must('landing') : 'there is no such commit';
    case 'item.landing_refused':
      life.status = event.data.reason === 'target_busy' && !life.isOverturned ? 'ready' : 'running';
      life.isOverturned = false;
      return must('landing');
    case 'item.taken_over':
      life.status = 'taken_over';
      life.before = was;
      if ([...life.open].some((key) => key.startsWith('agent:'))) return 'an agent still sits on it';
      return must('running', 'paused', 'ready');
    case 'item.handed_back':
      life.status = event.data.commit === null && event.data.note === null ? life.before : 'running';
      return must('taken_over');
    case 'phase.reopened':
      for (const key of life.open) if (key.startsWith('gate ')) life.open.delete(key);
      return must('running');
    case 'item.overturned':
      if (was === 'ready') life.status = 'running';
      life.isOverturned = was === 'landing';
      return must('running', 'paused', 'taken_over', 'ready', 'landing');
    case 'item.rejected':
      life.status = 'rejected';
      return must('ready');
    case 'item.canceled':
      life.status = 'canceled';
      life.open.clear();
      return must('queued', 'held', 'running', 'paused', 'ready', 'taken_over');
    default:
      return null;
  }
}
