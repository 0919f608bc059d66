/** Inside a cell without a network: hands connections to a loopback port over to what the platform put behind a socket. */
import { createConnection, createServer } from 'node:net';

/** Listens on a free loopback port; resolves with it. Lives as long as the cell. */
export function relaySocket(socketPath: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer((inner) => {
      const outer = createConnection(socketPath);
      const end = () => {
        inner.destroy();
        outer.destroy();
      };
      inner.on('error', end).on('close', end);
      outer.on('error', end).on('close', end);
      inner.pipe(outer);
      outer.pipe(inner);
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the relay has no port'));
      else resolve(address.port);
    });
  });
}

/** What programs read to find a proxy. `NO_PROXY` is empty: nothing goes around it. */
export function proxyEnvironment(port: number): Record<string, string> {
  const url = `http://127.0.0.1:${port}`;
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    http_proxy: url,
    https_proxy: url,
    NO_PROXY: '',
    no_proxy: '',
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: '',
  };
}

/** Where the gateway is reached on a loopback port: the one place that is not asked for through the proxy. */
export const directHosts: Readonly<Record<string, string>> = {
  NO_PROXY: '127.0.0.1,localhost',
  no_proxy: '127.0.0.1,localhost',
  npm_config_noproxy: '127.0.0.1,localhost',
};
