/** What a face needs of a seated agent: its gateway, what it may ask of a model, and what it is told over MCP. */
import type { Finding } from '../../artifacts/finding.ts';
import type { AnyToolName } from '../../capabilities/tool-input.ts';
import type { Role } from '../../teams/team.ts';
import type { AgentGateway } from '../agent-gateway.ts';

export interface FaceSeat {
  gateway: AgentGateway;
  /** The gateway's own kill switch. */
  signal: AbortSignal;
  /** False: this seat's models are asked elsewhere, and its key is good for MCP alone. */
  mayCallModels: boolean;
  /** Exact id, shown to clients; the model that they ask for is not looked at. */
  model: string;
  effort: 'low' | 'medium' | 'high' | null;
  /** A client's own limit counts when it is lower. */
  maxOutputTokens: number;
  role: Role;
  /** Artifacts that this seat may hand in. */
  deliverables: readonly string[];
  /** Our tools that are offered over MCP, as far as the role permits them; an agent with file tools of its own needs `deliver` only. */
  offeredTools: readonly AnyToolName[];
  brief: { title: string; text: string; criteria: readonly string[] };
  /** Why the step runs again, empty the first time. */
  findings: readonly Finding[];
}
