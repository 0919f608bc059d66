/**
 * One session with an outside agent over the Agent Client Protocol, version 1: we are the client and lend it neither files nor a
 * terminal. Knows the protocol and nothing of cells, tapes or what the answers mean.
 */
import {
  type ClientConnection,
  client,
  methods,
  type NewSessionRequest,
  PROTOCOL_VERSION,
  type PromptRequest,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
} from '@agentclientprotocol/sdk';
import { messageOf } from '../../base/errors.ts';
import { type AgentStreams, type MessageStream, messageStream, type StreamBounds } from './message-stream.ts';
import { readUpdate, type SessionUpdate } from './session-update.ts';

export interface AcpOptions {
  /** Absolute path as the agent sees it. */
  cwd: string;
  /** Our MCP server, for this session. */
  mcp: { url: string; key: string };
  bounds?: StreamBounds;
}

export interface AcpHandlers {
  onUpdate(update: SessionUpdate): void;
  /** May it do this once? */
  onPermission(request: RequestPermissionRequest): Promise<boolean>;
}

export interface AcpSession {
  id: string;
  /** What the agent calls itself. */
  program: string;
  version: string;
  /** One turn. Never rejects: `broken` when the agent ended, or answered with an error. */
  prompt(text: string): Promise<TurnEnd>;
  /** Asks the agent to end its turn. It may not listen. */
  cancel(): void;
  close(): void;
}

export interface TurnEnd {
  stop: 'end_turn' | 'max_tokens' | 'max_turn_requests' | 'refusal' | 'cancelled' | 'broken';
  /** Empty unless broken. */
  message: string;
}

/** @throws Error, in one line, when the agent cannot be spoken with; the signal's reason when it aborts. */
export async function openAcpSession(
  streams: AgentStreams,
  options: AcpOptions,
  handlers: AcpHandlers,
  signal: AbortSignal,
): Promise<AcpSession> {
  const stream = messageStream(streams, (message) => interceptUpdate(message, handlers), options.bounds);
  const connection = client({ name: 'meshwright' })
    .onRequest(methods.client.session.requestPermission, async ({ params }) =>
      answerPermission(params, await handlers.onPermission(params)),
    )
    .connect(stream);
  const close = () => connection.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    return await startSession(connection, stream, options);
  } catch (error) {
    close();
    signal.throwIfAborted();
    throw new Error(stream.problem ?? explain(error));
  }
}

async function startSession(
  connection: ClientConnection,
  stream: MessageStream,
  { cwd, mcp }: AcpOptions,
): Promise<AcpSession> {
  const { agent } = connection;
  const initialized = await agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    clientInfo: { name: 'meshwright', version: '1' },
  });
  if (initialized.protocolVersion !== PROTOCOL_VERSION) {
    throw new Error(
      `it speaks version ${initialized.protocolVersion} of the protocol, not ${PROTOCOL_VERSION}`,
    );
  }
  if (initialized.agentCapabilities?.mcpCapabilities?.http !== true) {
    throw new Error('it takes no MCP server over HTTP, by which it would hand in its artifacts');
  }
  const headers = [{ name: 'Authorization', value: `Bearer ${mcp.key}` }];
  const wanted: NewSessionRequest = {
    cwd,
    mcpServers: [{ type: 'http', name: 'meshwright', url: mcp.url, headers }],
  };
  const { sessionId } = await agent.request(methods.agent.session.new, wanted);
  return {
    id: sessionId,
    program: initialized.agentInfo?.name ?? 'unnamed',
    version: initialized.agentInfo?.version ?? '',
    prompt: async (text) => {
      try {
        const prompt: PromptRequest['prompt'] = [{ type: 'text', text }];
        const { stopReason } = await agent.request(methods.agent.session.prompt, { sessionId, prompt });
        return { stop: stopReason, message: '' };
      } catch (error) {
        return { stop: 'broken', message: stream.problem ?? explain(error) };
      }
    },
    cancel: () => void agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => {}),
    close: () => connection.close(),
  };
}

/** Updates are read by ourselves: what makes no sense in one is left out instead of failing. */
function interceptUpdate(message: object, handlers: AcpHandlers): boolean {
  if (!('method' in message) || message.method !== methods.client.session.update) return false;
  const update = readUpdate('params' in message ? message.params : null);
  if (update !== null) handlers.onUpdate(update);
  return true;
}

/** Only ever for this once: what it may do next time is decided next time. */
function answerPermission(request: RequestPermissionRequest, isAllowed: boolean): RequestPermissionResponse {
  const wanted = isAllowed ? 'allow_once' : 'reject_once';
  const option = request.options.find(({ kind }) => kind === wanted);
  if (option === undefined) return { outcome: { outcome: 'cancelled' } };
  return { outcome: { outcome: 'selected', optionId: option.optionId } };
}

function explain(error: unknown): string {
  return messageOf(error).split('\n')[0]?.slice(0, 500) ?? '';
}
