/** Which path is spoken in which protocol, and what it asks for. Pure. */
import { anthropicMessages } from './anthropic-reply.ts';
import { type FaceError, faceError } from './face-error.ts';
import type { FaceProtocol } from './face-protocol.ts';
import { openAiChat } from './openai-chat-reply.ts';
import { openAiResponses } from './openai-responses-reply.ts';

export type Route =
  | { kind: 'model_call'; protocol: FaceProtocol }
  | { kind: 'count_tokens'; protocol: FaceProtocol }
  | { kind: 'models'; protocol: FaceProtocol }
  | { kind: 'mcp'; protocol: FaceProtocol };

const routes = new Map<string, Route & { methods: readonly string[] }>(
  Object.entries({
    '/v1/messages': { methods: ['POST'], kind: 'model_call', protocol: anthropicMessages },
    '/v1/messages/count_tokens': { methods: ['POST'], kind: 'count_tokens', protocol: anthropicMessages },
    '/v1/chat/completions': { methods: ['POST'], kind: 'model_call', protocol: openAiChat },
    '/v1/responses': { methods: ['POST'], kind: 'model_call', protocol: openAiResponses },
    '/v1/models': { methods: ['GET'], kind: 'models', protocol: anthropicMessages },
    '/mcp': { methods: ['GET', 'POST', 'DELETE'], kind: 'mcp', protocol: anthropicMessages },
  }),
);

export function findRoute(
  method: string,
  path: string,
): { ok: true; route: Route } | { ok: false; error: FaceError } {
  const route = routes.get(path);
  if (route === undefined) {
    const message = `nothing is served at ${path.slice(0, 200)}; there is: ${[...routes.keys()].join(', ')}`;
    return { ok: false, error: faceError('not_found', message) };
  }
  return route.methods.includes(method)
    ? { ok: true, route }
    : { ok: false, error: faceError('wrong_method', `${path} takes ${route.methods.join(', ')}`) };
}

/** In which shape an error is told, also where nothing is served. */
export function protocolOf(path: string): FaceProtocol {
  return routes.get(path)?.protocol ?? anthropicMessages;
}
