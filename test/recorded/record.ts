/**
 * Records real runs of this version into test/recorded/<version>/: the journal as it was exported, and what was known
 * then. Done once for each version before its release; what is recorded is never recorded again.
 * `npx node test/recorded/record.ts <version>`
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readTape } from '../../src/gateway/tape-writer.ts';
import { foldItemEvents } from '../../src/items/item-stream.ts';
import type { StoredEvent } from '../../src/journal/event.ts';
import type { BlobHash, Journal } from '../../src/journal/journal.ts';
import { type Facts, factsOfTape } from './facts.ts';
import { type Scenario, scenarios } from './scenarios.ts';

const version = process.argv[2];
if (!version) throw new Error('say which version is recorded, e.g. 0.1.0');
const folder = path.join(import.meta.dirname, version);
if (existsSync(folder)) throw new Error(`${folder} exists; what is recorded is kept as it is`);
mkdirSync(folder);
for (const scenario of scenarios()) await record(scenario);

async function record(scenario: Scenario): Promise<void> {
  const project = await scenario.open();
  try {
    await scenario.play(project);
    const { journal } = project;
    const events = await journal.readAll({ after: 0, limit: 1_000_000 });
    const lines: object[] = [...events];
    for (const hash of packedBlobs(events)) {
      const bytes = await journal.getBlob(hash as BlobHash);
      lines.push({ blob: hash, text: Buffer.from(bytes ?? []).toString('utf8') });
    }
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    writeFileSync(path.join(folder, `${scenario.name}.jsonl`), text);
    const facts = JSON.stringify(await factsOf(journal, project.context.project), null, 1);
    writeFileSync(path.join(folder, `${scenario.name}.expected.json`), `${facts}\n`);
    process.stdout.write(`${scenario.name}: ${events.length} events\n`);
  } finally {
    await project.remove();
  }
}

/** What folding a tape needs: values that stand in their blobs. */
function packedBlobs(events: readonly StoredEvent[]): string[] {
  const text = JSON.stringify(events.map((event) => event.data));
  return [...new Set([...text.matchAll(/"\$blob":"([0-9a-f]{64})"/g)].map(([, hash]) => hash ?? ''))];
}

async function factsOf(journal: Journal, project: string): Promise<Facts> {
  const facts: Facts = { items: {}, tapes: {}, spentMicroUsd: {} };
  for (const { stream } of await journal.streams(project, { prefix: 'item:' }))
    facts.items[stream] = foldItemEvents(await journal.read(stream));
  for (const { stream } of await journal.streams(project, { prefix: 'agent:' }))
    facts.tapes[stream] = factsOfTape(await readTape(journal, stream));
  for (const { account, spentMicroUsd } of await journal.accounts(project))
    facts.spentMicroUsd[account] = spentMicroUsd;
  return facts;
}
