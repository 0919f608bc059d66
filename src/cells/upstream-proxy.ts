/** Opens a tunnel through the proxy that this machine itself is behind. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Target } from './allow-hosts.ts';

/** @throws Error naming the upstream's status when it refuses. */
export function connectThrough(upstreamProxy: string, target: Target, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const proxy = new URL(upstreamProxy);
    const authority = target.host.includes(':')
      ? `[${target.host}]:${target.port}`
      : `${target.host}:${target.port}`;
    const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    const start = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = start({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port,
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(proxy.username === '' ? {} : { 'proxy-authorization': authorization }),
      },
      timeout: timeoutMs,
    });
    request.once('timeout', () => request.destroy(new Error('the upstream proxy does not answer')));
    request.once('error', reject);
    request.once('response', (response) => {
      response.destroy();
      reject(new Error(`the upstream proxy answered ${response.statusCode}`));
    });
    request.once('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        reject(new Error(`the upstream proxy refused ${authority}: ${response.statusCode}`));
        return;
      }
      socket.setTimeout(0);
      socket.on('error', () => {});
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    request.end();
  });
}
