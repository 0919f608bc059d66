export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface ApiRequest {
  /** Values of the `:name` parts of the route. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** Parsed JSON; undefined when the request has no body. */
  body: unknown;
}

/** A string body is sent as it is, under the content type in `headers`; anything else as JSON. */
export interface ApiReply {
  status: number;
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

export type Handler = (request: ApiRequest) => ApiReply | Promise<ApiReply>;

export type Match =
  | { kind: 'found'; handler: Handler; params: Record<string, string> }
  | { kind: 'other_method'; allowed: Method[] }
  | { kind: 'unknown' };

interface Route {
  method: Method;
  parts: readonly string[];
  handler: Handler;
}

/** Finds the handler of a path. A fixed part wins over a `:name` part; otherwise the first route added wins. */
export class Router {
  readonly #routes: Route[] = [];

  add(method: Method, path: string, handler: Handler): void {
    this.#routes.push({ method, parts: splitPath(path), handler });
  }

  match(method: string, path: string): Match {
    const parts = splitPath(path);
    const fitting = this.#routes
      .map((route) => ({ route, params: bindParams(route.parts, parts) }))
      .filter((candidate) => candidate.params !== undefined)
      .sort((a, b) => countParams(a.route) - countParams(b.route));
    const found = fitting.find((candidate) => candidate.route.method === method);
    if (found?.params) return { kind: 'found', handler: found.route.handler, params: found.params };
    if (fitting.length === 0) return { kind: 'unknown' };
    return { kind: 'other_method', allowed: fitting.map((candidate) => candidate.route.method) };
  }
}

function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function countParams(route: Route): number {
  return route.parts.filter((part) => part.startsWith(':')).length;
}

function bindParams(
  pattern: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (expected.startsWith(':')) params[expected.slice(1)] = part;
    else if (expected !== part) return undefined;
  }
  return params;
}
