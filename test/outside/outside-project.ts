/** A project whose one developer is an outside agent, and what its tape came to hold. */
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ModelProvider } from '../../src/gateway/model.ts';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import { decodeTapeEvent } from '../../src/gateway/tape-codec.ts';
import type { TapeEvent } from '../../src/gateway/tape-event.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import type { StreamId } from '../../src/journal/event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import { createTestProject, type TestProject, type TestProjectOptions } from '../harness/project.ts';

export interface OutsideOptions {
  /** Of the policy; seated in every role. */
  agent: string;
  /** Lines of mesh.yaml beside those that every such project has. */
  mesh?: readonly string[];
  files?: Record<string, string>;
  /** Rules about what people have to approve. */
  ask?: readonly string[];
  model: Brain | ModelProvider;
  /** Who decides what; without it nobody is named. */
  stakeholders?: Stakeholders;
  change?: TestProjectOptions['change'];
}

/** Flow `solo`: one developer who hands in notes.md; the check is green unless a file says BROKEN. */
export function createOutsideProject(options: OutsideOptions): Promise<TestProject> {
  const mesh = [
    'version: 1',
    'project: test',
    'target: main',
    `team: { flow: solo, agent: ${options.agent} }`,
    'checks: [{ name: test, run: sh check.sh }]',
    `permissions: { deny: ["Bash(curl:*)"], ask: ${JSON.stringify(options.ask ?? [])} }`,
    ...(options.mesh ?? []),
  ];
  const role = [
    '---',
    'name: developer',
    'description: Builds.',
    'mesh:',
    '  writes: [notes.md]',
    '---',
    'You build what you are asked for.',
  ];
  return createTestProject({
    files: {
      '.mesh/mesh.yaml': `${mesh.join('\n')}\n`,
      '.mesh/roles/developer.md': `${role.join('\n')}\n`,
      '.mesh/none.yaml': 'name: none\nscripts: []\n',
      'check.sh': 'if grep -rl BROKEN . --include="*.txt"; then exit 1; fi\necho fine\n',
      'a.txt': 'hello\n',
      ...options.files,
    },
    model: options.model,
    ...(options.stakeholders && { stakeholders: options.stakeholders }),
    ...(options.change && { change: options.change }),
  });
}

export const scriptedModel =
  'models: { provider: scripted, scenario: .mesh/none.yaml, default: claude-sonnet-4-5 }';

/** The fake agent's program in a folder of its own, as somebody would have installed it. */
export function installFakeAgent(): { program: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'mw-fake-agent-'));
  const program = path.join(folder, 'fake-agent.mjs');
  copyFileSync(path.join(import.meta.dirname, 'fake-agent.mjs'), program);
  chmodSync(program, 0o755);
  return { program, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Of mesh.yaml: the fake agent under the name `fake`, behaving in one of its ways. */
export function fakeAgent(program: string, way: string, more = 'protocol: anthropic'): string {
  return `agents: { fake: { command: [${JSON.stringify(program)}, ${way}], ${more} } }`;
}

/** Of the item's steps, in order. */
export async function failuresOf(
  project: TestProject,
  number: number,
): Promise<{ reason: string; message: string }[]> {
  const events = (await project.journal.read(itemStream('test', number))) as unknown as ItemEvent[];
  return events.flatMap((event) => (event.kind === 'step.failed' ? [event.data] : []));
}

/** The agents' streams of the project, in order of their first event. */
export async function agentsOf(journal: Journal): Promise<StreamId[]> {
  const all = await journal.readAll({ after: 0, limit: 100_000 });
  const streams = all.flatMap(({ stream }) => (stream.startsWith('agent:') ? [stream] : []));
  return [...new Set(streams)];
}

export async function tapeEvents(journal: Journal): Promise<TapeEvent[]> {
  const events: TapeEvent[] = [];
  for (const agent of await agentsOf(journal)) {
    for (const stored of await journal.read(agent)) events.push(await decodeTapeEvent(stored, journal));
  }
  return events;
}

type DataOf<K extends TapeEvent['kind']> = Extract<TapeEvent, { kind: K }>['data'];

export function ofKind<K extends TapeEvent['kind']>(events: readonly TapeEvent[], kind: K): DataOf<K>[] {
  return events.flatMap((event) => (event.kind === kind ? [event.data as DataOf<K>] : []));
}
