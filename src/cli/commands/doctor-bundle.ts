/**
 * `doctor --bundle`: one file that helps somebody else find a fault. Says what runs where and what happened, never what
 * was worked on: no briefs, no replies, no code, no values of the environment; what is left passes the redaction.
 */
import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MeshwrightError, messageOf } from '../../base/errors.ts';
import { createRedactor, type Redact, secretsOfEnvironment } from '../../base/redact.ts';
import { type OpenJournal, openRepository, readConfiguration } from '../../compose/project.ts';
import type { Journal } from '../../journal/journal.ts';
import { packageVersion } from '../package-version.ts';
import { learnSecrets, noRegistries, type Session } from '../session.ts';
import { withoutContent } from './bundle-content.ts';
import type { DoctorReport } from './doctor-report.ts';

const logLines = 300;
const logTailBytes = 400_000;
const recentEvents = 500;

/** Returns the file's path. @throws MeshwrightError `report_not_written`. */
export async function writeBundle(
  session: Session,
  parts: { report: DoctorReport; store: OpenJournal | null; file: true | string },
): Promise<string> {
  const { report, store } = parts;
  const at = new Date().toISOString();
  const name = parts.file === true ? `meshwright-report-${at.replaceAll(/[:.]/g, '-')}.json` : parts.file;
  const file = path.resolve(session.dir, name);
  const lookalikes = createRedactor(secretsOfEnvironment({ ...process.env, ...session.env }));
  const redact: Redact = (text) => lookalikes(session.keeper.redactor.redact(text));
  const bundle = {
    format: 'meshwright-report',
    version: 1,
    at,
    machine: await describeMachineFacts(session),
    configuration: await attempt(() => describeConfiguration(session)),
    examinations: report.examinations,
    damage: report.damage,
    orphans: report.orphans,
    ended: report.ended.map(({ orphan, isEnded, outcome }) => ({ name: orphan.name, isEnded, outcome })),
    database: await attempt(async () => (store ? store.readFacts() : null)),
    events: await attempt(async () => (store ? describeEvents(store.journal) : null)),
    log: await attempt(() => tailOf(session.log.file)),
    postgresLog: await attempt(() => tailOf(path.join(path.dirname(session.log.file), 'postgres.log'))),
  };
  const text = `${JSON.stringify(redactAll(bundle, withoutHome(redact)), null, 1)}\n`;
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new MeshwrightError('report_not_written', `cannot write ${file}: ${messageOf(error)}`, {
      hint: 'give another file: `meshwright doctor --bundle <file>`',
    });
  }
  return file;
}

async function attempt<T>(read: () => Promise<T>): Promise<T | { error: string }> {
  try {
    return await read();
  } catch (error) {
    return { error: messageOf(error) };
  }
}

async function describeMachineFacts(session: Session) {
  return {
    meshwright: packageVersion(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch} ${os.release()}`,
    cpus: os.cpus().length,
    memoryGb: Math.round(os.totalmem() / 1e9),
    freeMemoryGb: Math.round(os.freemem() / 1e8) / 10,
    uptimeSeconds: Math.round(os.uptime()),
    isRoot: process.getuid?.() === 0,
    // Names only, and only of what changes our behaviour.
    set: Object.keys(session.env)
      .filter((name) =>
        /^(MESHWRIGHT_|DATABASE_URL|ANTHROPIC_|OPENAI_|XDG_DATA_HOME|HTTPS?_PROXY|NO_COLOR|CI$)/i.test(name),
      )
      .sort(),
  };
}

/** The policy and all problems of `.mesh/`; null outside of a repository. */
async function describeConfiguration(session: Session) {
  const repository = await openRepository(session.dir).catch(() => null);
  if (!repository) return null;
  const configuration = await readConfiguration(repository, session.env, { registries: noRegistries });
  if (configuration.policy) await learnSecrets(session, repository, configuration.policy);
  return { policy: configuration.policy ?? null, diagnostics: configuration.diagnostics };
}

async function describeEvents(journal: Journal) {
  const head = await journal.head();
  const events = await journal.readAll({ after: Math.max(0, head - recentEvents), limit: recentEvents });
  return events.map((event) => ({
    position: event.position,
    stream: event.stream,
    version: event.version,
    at: event.at,
    kind: event.kind,
    schema: event.schema,
    actor: event.actor.startsWith('person:') ? 'person' : event.actor,
    data: withoutContent(event.data),
  }));
}

/** The last lines of a file; none when there is no file. */
async function tailOf(file: string): Promise<string[]> {
  const facts = await stat(file).catch(() => null);
  if (facts === null) return [];
  const { size } = facts;
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file, { start: Math.max(0, size - logTailBytes) }))
    chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString('utf8').split('\n').filter(Boolean);
  // The first one may have lost its beginning.
  return (size > logTailBytes ? lines.slice(1) : lines).slice(-logLines);
}

/** The person's name is in most paths. */
function withoutHome(redact: Redact): Redact {
  const home = os.homedir();
  return (text) => redact(home.length > 1 ? text.replaceAll(home, '~') : text);
}

function redactAll(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((each) => redactAll(each, redact));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [redact(key), redactAll(each, redact)]),
  );
}
