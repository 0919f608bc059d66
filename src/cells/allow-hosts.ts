/** Decides which hosts a cell may reach. Pure: names in, verdict out; resolving and connecting happen elsewhere. */
import { BlockList, isIP } from 'node:net';

export interface Target {
  /** Lower case, without brackets or a final dot. */
  host: string;
  port: number;
}

export type HostVerdict =
  /** `isPrivateAllowed`: the address was named so exactly that loopback and private networks are meant. */
  { ok: true; isPrivateAllowed: boolean } | { ok: false; reason: string };

/** `host:port`, `[v6]:port`; null when it is neither. */
export function parseAuthority(text: string, defaultPort: number): Target | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/@]+))(?::(\d{1,5}))?$/.exec(text);
  if (!match) return null;
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  if (port < 1 || port > 65_535) return null;
  const host = (match[1] ?? match[2] ?? '').toLowerCase().replace(/\.$/, '');
  return host === '' ? null : { host, port };
}

/**
 * An entry `host` means its ports 80 and 443, `host:port` that one; names match exactly, never their subdomains.
 * Private and loopback addresses are reached only through an entry that is such an address, `localhost`, or has a port.
 */
export function judgeTarget(allowedHosts: readonly string[], target: Target): HostVerdict {
  for (const entry of allowedHosts) {
    const listed = parseAuthority(entry, 443);
    if (listed === null) continue;
    const hasPort = /:\d+$/.test(entry) && !entry.endsWith(']');
    if (listed.host !== target.host) continue;
    if (hasPort ? listed.port !== target.port : target.port !== 80 && target.port !== 443) continue;
    const isExact = hasPort || isIP(listed.host) !== 0 || listed.host === 'localhost';
    return { ok: true, isPrivateAllowed: isExact };
  }
  const wanted = target.port === 443 ? target.host : `${target.host}:${target.port}`;
  return { ok: false, reason: `${wanted} is not among the allowed hosts (${allowedHosts.join(', ')})` };
}

const unroutable = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  unroutable.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  unroutable.addSubnet(network, prefix, 'ipv6');
}

/** True for loopback, private, link-local, multicast and reserved addresses, IPv4 in IPv6 included. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address.replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0) return true;
  return unroutable.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}
