/** Everything a worker is given: ports, the project's policy, and where things are. Built once in compose/worker.ts. */
import type { FoundProgram } from '../agents/outside/find-program.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { MicroUsd } from '../base/money.ts';
import type { CellDriver, CellLimits } from '../cells/cell.ts';
import type { ModelProvider } from '../gateway/model.ts';
import type { ModelAccess } from '../gateway/model-access.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Journal } from '../journal/journal.ts';
import type { RateBuckets } from '../ledger/rate-bucket.ts';
import type { MemoryRecord } from '../memory/memory-record.ts';
import type { MemoryReader } from '../memory/memory-store.ts';
import type { HostPolicy, Policy, ProviderName } from '../policy/policy.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import type { Channel } from '../questions/channel.ts';
import type { HeldSecrets } from '../secrets/held-secrets.ts';
import type { Team } from '../teams/team.ts';
import type { BaselineEntry } from '../verdicts/judge-commands.ts';
import type { Workspaces } from '../workspaces/workspace.ts';

export interface WorkerContext {
  journal: Journal;
  clock: Clock;
  newId: () => string;
  log: Log;
  /** Identity of this process, unique per start. */
  owner: string;
  /** Names the git store that this worker has: mirrors and workspaces. */
  host: string;
  /** Surely dead, as far as can be told from here; false when in doubt. */
  isOwnerDead: (owner: string) => boolean;
  project: string;
  policy: Policy;
  /** What this machine may spend, over all projects. */
  hostPolicy: HostPolicy;
  /** Who decides what, as the file is now; cheap enough to be asked before every use. Never rejects: a broken file keeps what held before. */
  stakeholders: () => Promise<Stakeholders>;
  /** What the project remembers now. */
  memory: MemoryReader;
  /** Rules and patterns of the packs that the policy names, as the files are now. Never rejects: broken files keep what held before. */
  packs: () => Promise<readonly MemoryRecord[]>;
  /** The user's repository. */
  repository: string;
  mirror: Mirror;
  workspaces: Workspaces;
  driver: CellDriver;
  cellLimits: CellLimits;
  provider: ModelProvider;
  secrets: HeldSecrets;
  /** Further ones that equals of models are at, where they are configured. */
  otherProviders: Readonly<Partial<Record<ProviderName, ModelProvider>>>;
  modelAccess: ModelAccess;
  rateBuckets: RateBuckets;
  /** A program of the person's, by name or absolute path; null: it is not on this machine. */
  findProgram: (command: readonly string[]) => FoundProgram | null;
  /** Compiles the team of a flow as the files are now; throws a MeshwrightError with the diagnostics when it cannot. */
  compileTeam: (flow: string) => Promise<Team>;
  baseline: () => Promise<BaselineEntry[]>;
  agentCeiling: MicroUsd;
  /** Where people are told what is asked of them, besides where they look by themselves. */
  channels: readonly Channel[];
}
