/** A wire between a client and the database that a test cuts, at a statement that it names. */
import net from 'node:net';
import { join } from 'node:path';

/** Between a client and the server: passes everything on until it is told to cut. */
export interface CuttableWire {
  url: string;
  /** What carries `marker` to the server still arrives, its answer does not; the connection then ends. */
  cutAnswerTo(marker: string): void;
  /** What carries `marker` never arrives; the connection ends. */
  cutRequest(marker: string): void;
  /** Every connection ends at once; what the server is at, it does not notice yet. */
  cutAll(): void;
  close(): Promise<void>;
}

export async function openWire(serverUrl: string): Promise<CuttableWire> {
  const server = new URL(serverUrl);
  const host = server.searchParams.get('host') ?? server.hostname;
  const port = Number(server.port || 5432);
  let cut: { marker: string; isRequest: boolean } | undefined;
  const sockets = new Set<net.Socket>();
  const door = net.createServer((client) => {
    const upstream = host.startsWith('/')
      ? net.connect(join(host, '.s.PGSQL.5432'))
      : net.connect(port, host);
    let isCutting = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes) => {
      if (cut && bytes.includes(cut.marker)) {
        const { isRequest } = cut;
        cut = undefined;
        if (isRequest) {
          client.destroy();
          upstream.destroy();
          return;
        }
        isCutting = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (isCutting) {
        client.destroy();
        upstream.destroy();
      } else {
        client.write(bytes);
      }
    });
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.end());
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port: ownPort } = door.address() as net.AddressInfo;
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const url = new URL(serverUrl);
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${ownPort}`;
  return {
    url: url.href,
    cutAnswerTo: (marker) => {
      cut = { marker, isRequest: false };
    },
    cutRequest: (marker) => {
      cut = { marker, isRequest: true };
    },
    cutAll,
    close: async () => {
      cutAll();
      await new Promise<void>((resolve) => door.close(() => resolve()));
    },
  };
}
