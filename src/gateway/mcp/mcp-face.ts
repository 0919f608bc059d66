/** The MCP face of one seat: each HTTP exchange stands alone, so a client that reconnects loses nothing. Results are text. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import type { Json, JsonObject } from '../../base/json.ts';
import { errorOfStop } from '../http/face-error.ts';
import type { FaceSeat } from '../http/face-seat.ts';
import { problem } from '../tool-output.ts';
import { callSeatTool, listSeatTools } from './seat-tools.ts';

export interface McpFace {
  /** `body` has been read and bounded; undefined when the request has none. */
  handle(request: IncomingMessage, response: ServerResponse, body?: Json): Promise<void>;
  close(): Promise<void>;
}

export interface McpFaceOptions {
  newId: () => string;
  onFault: (error: unknown) => void;
}

export function createMcpFace(seat: FaceSeat, options: McpFaceOptions): McpFace {
  const handler = createMcpHandler(() => serverOf(seat, options), { responseMode: 'sse' });
  const handle = toNodeHandler(handler, { onerror: options.onFault });
  return {
    // Its type leaves out that an optional field may be there and undefined.
    handle: (request, response, body) => handle(request as NodeIncomingMessageLike, response, body),
    close: () => handler.close(),
  };
}

function serverOf(seat: FaceSeat, { newId, onFault }: McpFaceOptions): Server {
  const server = new Server({ name: 'meshwright', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({
    tools: listSeatTools(seat).map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: { ...inputSchema, type: 'object' as const },
    })),
  }));
  server.setRequestHandler('tools/call', async ({ params }) => {
    const input = (params.arguments ?? {}) as JsonObject;
    const { output, isError } = await callSeatTool(seat, {
      id: `mcp_${newId()}`,
      tool: params.name,
      input,
    }).catch((error: unknown) => {
      const stopped = errorOfStop(error, [seat.signal]);
      if (stopped === null) onFault(error);
      return problem(stopped?.message ?? 'the gateway could not run this; its log says why');
    });
    return { content: [{ type: 'text' as const, text: output }], isError };
  });
  return server;
}
