/** The Slack emulator (`emulate`) as a process of its own, with people, channels and a token for each of them and for the app. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packageDir } from '../harness/project.ts';

export const botToken = 'xoxb-meshwright-test-token';
const appName = 'meshwright';

export interface SlackAnswer {
  ok: boolean;
  ts?: string;
  messages?: SlackRecord[];
  members?: { id: string; name: string }[];
  channels?: { id: string; name: string }[];
}

export interface SlackRecord {
  ts: string;
  thread_ts?: string;
  text: string;
  user: string;
  blocks?: { type: string; elements?: Record<string, unknown>[] }[];
  metadata?: { event_payload: Record<string, unknown> };
}

export interface SlackEmulator {
  /** `http://127.0.0.1:…` */
  url: string;
  /** As the app, or as a person. */
  call(method: string, body: object, person?: string): Promise<SlackAnswer>;
  memberId(person: string): Promise<string>;
  channelId(name: string): Promise<string>;
  /** Every message of a channel, oldest first, those in threads too. */
  messages(channel: string): Promise<SlackRecord[]>;
  stop(): Promise<void>;
}

export async function startSlackEmulator(
  people: readonly string[],
  channels: readonly string[],
): Promise<SlackEmulator> {
  const { url, stop } = await startProcess(seedOf(people, channels));
  const call: SlackEmulator['call'] = async (method, body, person) => {
    const token = person === undefined ? botToken : tokenOf(person);
    const response = await fetch(`${url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as SlackAnswer;
  };
  const channelId = async (name: string) => {
    const { channels: all = [] } = await call('conversations.list', {});
    return all.find((each) => each.name === name)?.id ?? '';
  };
  return {
    url,
    call,
    channelId,
    stop,
    async memberId(person) {
      const { members = [] } = await call('users.list', {});
      return members.find(({ name }) => name === person)?.id ?? '';
    },
    async messages(name) {
      const channel = await channelId(name);
      const { messages: roots = [] } = await call('conversations.history', { channel });
      const threads = await Promise.all(
        roots.map(({ ts }) => call('conversations.replies', { channel, ts })),
      );
      return threads.flatMap(({ messages = [] }) => messages).sort((a, b) => (a.ts > b.ts ? 1 : -1));
    },
  };
}

function tokenOf(person: string): string {
  return `xoxp-${person}-test-token`;
}

function seedOf(people: readonly string[], channels: readonly string[]): object {
  return {
    slack: {
      users: [appName, ...people].map((name) => ({ name })),
      channels: channels.map((name) => ({ name })),
      tokens: [
        { token: botToken, user: appName },
        ...people.map((name) => ({ token: tokenOf(name), user: name })),
      ],
    },
  };
}

async function startProcess(seed: object): Promise<Pick<SlackEmulator, 'url' | 'stop'>> {
  const dir = mkdtempSync(path.join(tmpdir(), 'mesh-slack-'));
  writeFileSync(path.join(dir, 'seed.json'), JSON.stringify(seed));
  const port = await freePort();
  const program = path.join(packageDir, 'node_modules/emulate/dist/index.js');
  const args = [program, 'start', '--service', 'slack', '--port', String(port), '--seed', 'seed.json'];
  const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  const url = `http://127.0.0.1:${port}`;
  await untilUp(url, child);
  return {
    url,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function untilUp(url: string, child: ChildProcess): Promise<void> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      said += String(data);
    });
  }
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) break;
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await delay(50);
  }
  child.kill('SIGKILL');
  throw new Error(`the Slack emulator did not start: ${said}`);
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
