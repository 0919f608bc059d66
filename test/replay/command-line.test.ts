/** `replay` and `fork` as a person calls them, on what a model behind a real client did, in isolated cells. */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bubblewrapDriver } from '../../src/cells/bubblewrap-cell.ts';
import { type CliWorld, openCliWorld, transcript, writeFiles } from '../cli/run-cli.ts';
import { wireFiles, wireKey, wireProtocols, wireTeam } from '../clients/wire-team.ts';
import { type ModelServer, startModelServer } from '../doubles/model-server.ts';

let world: CliWorld;
let server: ModelServer;
let repository: string;
/** Stands where the provider and every proxy would be, and notes what is said to it. */
let outside: Server;
const callers: string[] = [];
/** An address of its own on this machine: a client of another test that comes late to a port that was used before is not met. */
const outsideHost = '127.73.19.5';

const isIsolated = (await bubblewrapDriver().preflight()).ok || process.env.CI === 'true';

beforeAll(async () => {
  world = await openCliWorld();
  server = await startModelServer({ brain: wireTeam(), apiKey: wireKey });
  outside = createServer((socket) => {
    callers.push('somebody');
    socket.on('error', () => {});
    socket.once('data', (data) => {
      callers.push(data.toString('latin1'));
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => outside.listen(0, outsideHost, resolve));
  repository = world.makeRepository('wire', wireFiles(wireProtocols[0]));
});
afterAll(async () => {
  await new Promise((resolve) => outside.close(resolve));
  await server.close();
  await world.remove();
});

function withModel(...args: string[]) {
  const env = { ANTHROPIC_BASE_URL: server.baseUrl.replace(/\/v1$/, ''), ANTHROPIC_API_KEY: wireKey };
  return world.run(args, { cwd: repository, env });
}

/** Without a key, and whoever goes out is seen. */
function alone(...args: string[]) {
  const { port } = outside.address() as { port: number };
  const trap = `http://${outsideHost}:${port}`;
  const env = { ANTHROPIC_BASE_URL: trap, HTTP_PROXY: trap, HTTPS_PROXY: trap, ALL_PROXY: trap };
  return world.run(args, { cwd: repository, env });
}

it.skipIf(!isIsolated)(
  'what a model did is replayed without it, without a key and without a network; a changed role is named; a fork goes on',
  async () => {
    await withModel('init', '--no-baseline');
    await withModel('add', 'Make three files');
    const ran = await withModel('run', '--until-idle');
    expect(ran.code, transcript(ran)).toBe(3);
    const served = server.servedCount;
    expect(served).toBeGreaterThan(10);

    const replay = await alone('replay', '1');
    expect(replay.code, transcript(replay)).toBe(0);
    expect(replay.out).toMatch(/✓ build T1 developer +2 calls +1 tool call +tree [0-9a-f]{7} identical/);
    expect(replay.out).toMatch(/Identical: \d+ calls, 2 artifacts, 3 trees\. No model was called\./);
    const asJson = JSON.parse((await alone('--json', 'replay', '1/build/T1', '--tape-only')).out);
    expect(asJson).toMatchObject({
      isIdentical: true,
      agents: [{ calls: 2, tools: null, divergence: null }],
    });

    writeFiles(repository, {
      '.mesh/roles/developer.md':
        '---\nname: developer\ndescription: Writes code.\ntools: Read, Write\nmodel: sonnet\neffort: medium\n---\nYou write little.\n',
    });
    const current = await alone('replay', '1', '--with-current');
    expect(current.code, transcript(current)).toBe(1);
    expect(current.out).toMatch(/✗ build T1 developer +diverges at call 1: /);
    expect(current.out).toMatch(/✓ plan planner/);
    expect(current.out).toContain('+ You write little.');

    const unclear = await alone('replay', '1/build');
    expect(unclear).toMatchObject({ code: 2, err: expect.stringContaining('1/build is 3 agents') });
    expect(callers).toEqual([]);
    expect(server.servedCount).toBe(served);

    const log = await alone('log', '1');
    expect(log.out).toMatch(/^#1 +· \d\d:\d\d:\d\d +\d+ build T3 developer starts$/m);
    const earlier = await alone('show', '1', '--at', '4');
    expect(earlier.out).toMatch(/^#1 Make three files · running\nas it was after event 4, \$0\.00 spent$/m);
    const forked = await alone('fork', '1', '--at', 'build/T3');
    expect(forked.out).toMatch(/^#2 Make three files \(fork of #1 at \d+\)$/m);
    const again = await withModel('run', '--until-idle');
    expect(again.code, transcript(again)).toBe(3);
    expect((await alone('show', '2')).out).toMatch(/^fork of #1 at \d+$/m);
    const examined = await alone('--json', 'doctor', '--verify');
    expect(examined.code, transcript(examined)).toBe(0);
  },
  110_000,
);
