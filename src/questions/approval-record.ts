/**
 * Reading and writing the shared streams of approvals: fold, judge, append at the folded version, again when somebody was
 * faster. Who may say yes and what time does to it is decided elsewhere; that a yes is used once is kept here.
 *
 * What the mesh has to do with belongs to its claim unit, where the desk finds it; what is done with is filed under the agent
 * that asked, so that what became of a call is found again without reading every approval there ever was.
 */
import { appendShared, type SharedWrite } from '../journal/append-shared.ts';
import type { StreamId } from '../journal/event.ts';
import { streamId } from '../journal/event.ts';
import type { Journal, StreamHead } from '../journal/journal.ts';
import { nextNumber, numberOf } from '../journal/numbered-streams.ts';
import type { InboxPost } from '../journal/unit.ts';
import { toStorable, unlessNewer } from '../journal/upcast.ts';
import type { ApprovalTier, Stakeholders } from '../policy/stakeholders.ts';
import { type ApprovalAction, describeAction, hashAction } from './approval-action.ts';
import { type ApprovalEvent, approvalKinds, approvalStream, type UseRefusal } from './approval-event.ts';
import { type ApprovalState, applyApproval, foldApproval } from './approval-state.ts';
import { findLapse } from './decide-approval.ts';
import { judgeUse } from './judge-approval.ts';
import { type Asker, askSettled, type Settlement } from './question.ts';

export interface ApprovalPlace {
  journal: Journal;
  newId: () => string;
  project: string;
}

export interface ApprovalRequest extends ApprovalPlace {
  asker: Asker;
  tier: ApprovalTier;
  action: ApprovalAction;
  rule: string;
  nowMs: number;
}

const maxTries = 50;

/** Undefined: there is no such approval. */
export async function readApproval(
  journal: Pick<Journal, 'read'>,
  project: string,
  number: number,
): Promise<ApprovalState | undefined> {
  return foldApproval(await journal.read(approvalStream(project, number))) ?? undefined;
}

/**
 * Those that the mesh has to do with, oldest first: all that are not settled, and of which it was not yet told that they are.
 * Those that a newer version wrote are left out.
 * @param known of an earlier reading: only what has changed since is read.
 * @param heads of the mesh's claim unit, where they were listed already.
 */
export async function readOpenApprovals(
  journal: Pick<Journal, 'read' | 'streams'>,
  project: string,
  known: readonly ApprovalState[] = [],
  heads?: readonly StreamHead[],
): Promise<ApprovalState[]> {
  const listed = heads ?? (await approvalHeads(journal, project, meshUnit(project)));
  const open = listed.filter(({ stream }) => stream.startsWith(prefixOf(project)));
  const states = await Promise.all(
    open.map(async ({ stream, version }) => {
      const before = known.find(({ number }) => number === numberOf(stream)) ?? null;
      if (before?.version === version) return before;
      return unlessNewer(async () =>
        foldApproval(await journal.read(stream, { after: before?.version ?? 0 }), before),
      );
    }),
  );
  return states.filter((state) => state !== null).sort((a, b) => a.number - b.number);
}

/** The approval of this very call, in whatever state; undefined: none was asked for. @throws MeshwrightError `event_unknown`. */
export async function findApproval(
  journal: Pick<Journal, 'read' | 'streams'>,
  project: string,
  { agent, call }: Pick<Asker, 'agent' | 'call'>,
): Promise<ApprovalState | undefined> {
  for (const unit of [meshUnit(project), agent]) {
    for (const { stream } of await approvalHeads(journal, project, unit)) {
      const [first] = await journal.read(stream, { limit: 1 });
      const asker = first?.data.asker as unknown as Asker | undefined;
      if (asker?.agent === agent && asker.call === call)
        return readApproval(journal, project, numberOf(stream));
    }
  }
  return undefined;
}

/** Asks for exactly this action; the same agent's same call again returns what there is. Never shared between calls. */
export async function openApproval(request: ApprovalRequest): Promise<ApprovalState> {
  const { journal, newId, project, asker } = request;
  const action = await journal.putBlob(Buffer.from(JSON.stringify(request.action)));
  for (let tries = 0; tries < maxTries; tries += 1) {
    // The number first: an approval that is opened after the search for this call's then takes the number.
    const number = await nextNumber(journal, (free) => approvalStream(project, free));
    const known = await findApproval(journal, project, asker);
    if (known) return known;
    const requested = requestedEvent(request, number, action);
    const outcome = await journal.append({
      id: newId(),
      project,
      stream: approvalStream(project, number),
      expectedVersion: 0,
      fence: null,
      claimUnit: meshUnit(project),
      events: [toStorable(approvalKinds, requested, asker.agent)],
      posts: [wakeMesh(project, newId(), requested, asker.agent)],
    });
    // Whoever took the number first may have been this very call, in another process.
    if (outcome.outcome === 'appended') return foldApproval(outcome.events) as ApprovalState;
  }
  throw new Error(`${project}: gave up after ${maxTries} conflicting approvals`);
}

export interface ApprovalWrite extends ApprovalPlace {
  number: number;
  actor: string;
  /** Null, or no event: it is as it should be. */
  decide: (state: ApprovalState) => ApprovalEvent[] | null | Promise<ApprovalEvent[] | null>;
  /** What else goes out in the same unit. */
  posts?: (state: ApprovalState, events: readonly ApprovalEvent[]) => Promise<InboxPost[]>;
}

/**
 * The approval as it is after it. An event that settles it, or completes the yeses, is told to the item that waits, in the same
 * unit. Undefined: there is no such approval.
 */
export async function writeApproval(write: ApprovalWrite): Promise<ApprovalState | undefined> {
  const { journal, newId, project, number, actor } = write;
  const stream = approvalStream(project, number);
  let state: ApprovalState | null = null;
  const decide = async (): Promise<SharedWrite | null> => {
    state = foldApproval(await journal.read(stream));
    const events = state && (await write.decide(state));
    if (state === null || events === null || events.length === 0) return null;
    const after = events.reduce((before, event) => applyApproval(before, event, before.askedAt), state);
    return {
      version: state.version,
      events: events.map((event) => toStorable(approvalKinds, event, actor)),
      ...(after.isFiled && !state.isFiled ? { transferTo: state.asker.agent } : {}),
      posts: [
        ...events.flatMap((event) => settlementPost(project, newId(), { state: after, event, actor })),
        ...events
          .filter(({ kind }) => news.has(kind))
          .map((event) => wakeMesh(project, newId(), event, actor)),
        ...((await write.posts?.(state, events)) ?? []),
      ],
    };
  };
  const stored = await appendShared({ journal, newId, project, stream, decide });
  return foldApproval(stored, state) ?? undefined;
}

export interface ApprovalUse extends ApprovalPlace {
  number: number;
  agent: StreamId;
  call: string;
  /** Of what is about to be done, taken now. */
  actionHash: string;
  nowMs: number;
  stakeholders: Stakeholders;
}

/**
 * Uses it up, before the action begins: of all who try, at most one ever gets null. Else why not, and that is kept on the
 * stream too. Whoever asks again after a crash is told `used`: the action may have been done and is not begun again.
 */
export async function useApproval(use: ApprovalUse): Promise<UseRefusal | null> {
  const { agent, call, actionHash } = use;
  let refused: UseRefusal | null = 'over';
  await writeApproval({
    ...use,
    actor: agent,
    decide: (state) => {
      refused = judgeUse(state, use);
      const data = { agent, call, actionHash };
      if (refused === null) return [{ kind: 'approval.used', data }];
      // A yes that ran out is found out here as well as by the desk: it is asked anew at once.
      return [
        { kind: 'approval.use_refused', data: { ...data, why: refused } },
        ...(refused === 'not_approved' ? findLapse(state, use) : []),
      ];
    },
  });
  return refused;
}

function requestedEvent(
  { asker, tier, action, rule, nowMs }: ApprovalRequest,
  number: number,
  blob: string,
): Extract<ApprovalEvent, { kind: 'approval.requested' }> {
  const actionHash = hashAction(action);
  const expiresAt = new Date(nowMs + tier.windowMs).toISOString();
  const line = describeAction(action);
  return {
    kind: 'approval.requested',
    data: { number, asker, tier, action: blob, actionHash, line, rule, expiresAt },
  };
}

function approvalHeads(
  journal: Pick<Journal, 'streams'>,
  project: string,
  claimUnit: StreamId,
): Promise<StreamHead[]> {
  return journal.streams(project, { prefix: prefixOf(project), claimUnit });
}

function prefixOf(project: string): string {
  return `approval:${project}/`;
}

function settlementPost(
  project: string,
  id: string,
  { state, event, actor }: { state: ApprovalState; event: ApprovalEvent; actor: string },
): InboxPost[] {
  const { name, asker, line } = state;
  const settled = settlementOf(event);
  if (settled === null) return [];
  const settlement: Settlement = {
    ask: name,
    agent: asker.agent,
    call: asker.call,
    step: asker.step,
    how: settled.how,
    by: settled.by,
    summary: `${settled.how}${settled.by ? ` by ${settled.by}` : ''}: ${line}`,
  };
  const data = { ...settlement };
  return [
    { stream: streamId('item', project, asker.item), id: `${name}/${id}`, kind: askSettled, actor, data },
  ];
}

/** Null: nobody waits for this. */
function settlementOf(event: ApprovalEvent): Pick<Settlement, 'how' | 'by'> | null {
  switch (event.kind) {
    case 'approval.approved':
      return event.data.isEnough ? { how: 'approved', by: event.data.by } : null;
    case 'approval.denied':
      return { how: 'denied', by: event.data.by };
    case 'approval.withdrawn':
      return { how: 'withdrawn', by: null };
    default:
      return null;
  }
}

/** What the desk has to do with. */
const news: ReadonlySet<ApprovalEvent['kind']> = new Set([
  'approval.approved',
  'approval.denied',
  'approval.lapsed',
  'approval.used',
]);

function wakeMesh(project: string, id: string, { kind }: ApprovalEvent, actor: string): InboxPost {
  return { stream: meshUnit(project), id: `approval/${id}`, kind, actor, data: {} };
}

function meshUnit(project: string): StreamId {
  return streamId('mesh', project);
}
