import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPrivateAddress, judgeTarget, parseAuthority } from './allow-hosts.ts';
import { type EgressProxy, startEgressProxy } from './egress-proxy.ts';

describe('allowed hosts', () => {
  const judge = (entries: string[], address: string, port = 443) => {
    const target = parseAuthority(address, port);
    return target !== null && judgeTarget(entries, target).ok;
  };

  it('match exactly: no subdomain, no suffix, only the usual ports unless one is named', () => {
    const entries = ['registry.example.org', 'corp.example:8443', '[::1]:9'];
    expect(judge(entries, 'registry.example.org')).toBe(true);
    expect(judge(entries, 'REGISTRY.example.org.')).toBe(true);
    expect(judge(entries, 'registry.example.org', 80)).toBe(true);
    expect(judge(entries, 'registry.example.org:22')).toBe(false);
    expect(judge(entries, 'evil.registry.example.org')).toBe(false);
    expect(judge(entries, 'registry.example.org.evil.com')).toBe(false);
    expect(judge(entries, 'corp.example:8443')).toBe(true);
    expect(judge(entries, 'corp.example')).toBe(false);
    expect(judge(entries, '[::1]:9')).toBe(true);
    expect(judge(entries, 'a@registry.example.org')).toBe(false);
    expect(judge(entries, 'registry.example.org:99999')).toBe(false);
    expect(judge([], 'registry.example.org')).toBe(false);
  });

  it('know private addresses in every spelling', () => {
    const hidden = [
      '127.0.0.1',
      '10.1.2.3',
      '192.168.1.1',
      '172.31.0.1',
      '169.254.169.254',
      '0.0.0.0',
      '100.64.0.1',
      '::1',
      '::',
      'fe80::1%eth0',
      'fd00::1',
      '::ffff:127.0.0.1',
      '64:ff9b::7f00:1',
      'nonsense',
    ];
    for (const address of hidden) expect([address, isPrivateAddress(address)]).toEqual([address, true]);
    for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8']) {
      expect([address, isPrivateAddress(address)]).toEqual([address, false]);
    }
  });
});

describe('the egress proxy', () => {
  const open: { close(): unknown }[] = [];
  let outside: Server;
  let outsidePort: number;
  beforeEach(async () => {
    outside = createServer((incoming, response) => response.end(JSON.stringify(incoming.headers)));
    outsidePort = await listen(outside);
    open.push(outside);
  });
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  async function listen(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  async function start(allowedHosts: string[], upstreamProxy: string | null = null): Promise<EgressProxy> {
    const proxy = await startEgressProxy({
      allowedHosts,
      upstreamProxy,
      waitForHost: async () => {},
      socketPath: null,
    });
    open.push(proxy);
    return proxy;
  }

  function ask(proxy: EgressProxy, url: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { host: 'x', 'proxy-authorization': 'Basic c2VjcmV0' };
      const sent = request(
        { host: '127.0.0.1', port: proxy.port, path: url, headers, agent: false },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      sent.on('error', reject).end();
    });
  }

  it('passes requests on with the host of the address and without the headers meant for it', async () => {
    const proxy = await start([`127.0.0.1:${outsidePort}`]);
    const { status, text } = await ask(proxy, `http://127.0.0.1:${outsidePort}/`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ host: `127.0.0.1:${outsidePort}`, connection: 'close' });
  });

  it('refuses other hosts, other schemes and plain requests with a sentence', async () => {
    const proxy = await start(['registry.example.org']);
    expect(await ask(proxy, `http://127.0.0.1:${outsidePort}/`)).toEqual({
      status: 403,
      text: `meshwright: 127.0.0.1:${outsidePort} is not among the allowed hosts (registry.example.org)\n`,
    });
    expect(await ask(proxy, '/path')).toMatchObject({ status: 400 });
    expect(await ask(proxy, 'ftp://registry.example.org/')).toMatchObject({ status: 400 });
  });

  it('asks before every connection to an allowed host, and only then, whether it may be made now', async () => {
    const asked: string[] = [];
    const proxy = await startEgressProxy({
      allowedHosts: [`127.0.0.1:${outsidePort}`],
      upstreamProxy: null,
      waitForHost: async (host) => {
        asked.push(host);
        if (asked.length === 2) throw new Error('not today');
      },
      socketPath: null,
    });
    open.push(proxy);
    expect((await ask(proxy, `http://127.0.0.1:${outsidePort}/`)).status).toBe(200);
    expect(await ask(proxy, `http://127.0.0.1:${outsidePort}/`)).toMatchObject({ status: 502 });
    expect((await ask(proxy, 'http://elsewhere.example/')).status).toBe(403);
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('does not let a public name lead to a private address, unless it is listed with its port', async () => {
    const resolve = async () => [{ address: '127.0.0.1' }];
    const options = { upstreamProxy: null, socketPath: null, waitForHost: async () => {}, resolve };
    const strict = await startEgressProxy({ ...options, allowedHosts: ['public.example'] });
    const exact = await startEgressProxy({ ...options, allowedHosts: [`inner.example:${outsidePort}`] });
    open.push(strict, exact);
    expect(await ask(strict, 'http://public.example/')).toMatchObject({
      status: 403,
      text: expect.stringMatching(/private address; list it as public\.example:80/),
    });
    expect(await ask(exact, `http://inner.example:${outsidePort}/`)).toMatchObject({ status: 200 });
  });

  it('says when a listed host cannot be reached', async () => {
    const proxy = await start(['127.0.0.1:1']);
    expect(await ask(proxy, 'http://127.0.0.1:1/')).toMatchObject({ status: 502 });
  });

  it('goes through the proxy of the machine, with its password, for hosts that only that one can resolve', async () => {
    const asked: (string | undefined)[] = [];
    const upstream = createServer();
    upstream.on('connect', (incoming, socket) => {
      asked.push(incoming.url, incoming.headers['proxy-authorization']);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine'));
      socket.on('error', () => {});
    });
    const upstreamPort = await listen(upstream);
    open.push(upstream);
    const proxy = await start(['only.upstream.invalid'], `http://user:p%40ss@127.0.0.1:${upstreamPort}`);
    expect(await ask(proxy, 'http://only.upstream.invalid/')).toEqual({ status: 200, text: 'fine' });
    expect(asked).toEqual([
      'only.upstream.invalid:80',
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    ]);
  });
});
