/** A real project on real PostgreSQL in which agents ask: every role is scripted, people answer by the very functions that the doors call. */
import { afterEach } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ModelRequest } from '../../src/gateway/model.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { itemStream, readItemEvent } from '../../src/items/item-stream.ts';
import type { StreamId } from '../../src/journal/event.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { readQuestion } from '../../src/questions/question-record.ts';
import type { QuestionState } from '../../src/questions/question-state.ts';
import { replyToQuestion } from '../../src/requests/answer-question.ts';
import { type SmallTeam, smallFiles, smallTeam } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { openTestDatabase } from '../postgres.ts';
import { alwaysThere } from './people.ts';

const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

export interface AskingWorld extends TestProject {
  /** As `@sarah-pm` would type it. */
  say(name: string, text: string, by?: string): Promise<string>;
  question(number: number): Promise<QuestionState | null>;
  events(item: number): Promise<ItemEvent[]>;
  kinds(stream: string): Promise<string[]>;
  /** What the last call of a tool came to, in any agent's tape of that step. */
  results(agent: string): Promise<string[]>;
}

export async function openAskingWorld(
  team: SmallTeam,
  more: {
    policy?: string;
    flow?: string;
    /** In place of the check that looks for broken files. */
    checkScript?: string;
    change?: Parameters<typeof createTestProject>[0]['change'];
  } = {},
): Promise<AskingWorld> {
  const database = await openTestDatabase();
  opened.push(() => database.close());
  const journal = await openPostgresJournal({ url: database.url });
  const files = { ...smallFiles };
  if (more.checkScript) files['check.sh'] = more.checkScript;
  if (more.policy) files['.mesh/mesh.yaml'] += more.policy;
  if (more.flow)
    files['.mesh/mesh.yaml'] = `${files['.mesh/mesh.yaml']}`.replace(/flow: \w+/, `flow: ${more.flow}`);
  const project = await createTestProject({
    files,
    model: smallTeam(team),
    journal,
    change: (context) => {
      const given = { ...context, stakeholders: async () => alwaysThere };
      return more.change?.(given) ?? given;
    },
  });
  opened.push(() => project.remove());
  const read = (stream: string) => journal.read(stream as StreamId);
  return {
    ...project,
    async say(name, text, by = '@sarah-pm') {
      const nowMs = project.context.clock.now();
      const word = {
        journal,
        newId,
        project: 'test',
        stakeholders: alwaysThere,
        nowMs,
        name,
        by,
        via: 'cli',
      };
      return (await replyToQuestion({ ...word, text })).line;
    },
    question: (number) => readQuestion(journal, 'test', number),
    events: async (item) => (await read(itemStream('test', item))).map(readItemEvent),
    kinds: async (stream) => (await read(stream)).map(({ kind }) => kind),
    results: async (agent) =>
      (await read(agent)).flatMap(({ kind, data }) =>
        kind === 'tool.call_finished' || kind === 'tool.call_refused' ? [String(data.output)] : [],
      ),
  };
}

/** Text of all tool results that the model was sent. */
export function toldSoFar(request: ModelRequest): string {
  const told: string[] = [];
  for (const { content } of request.messages) {
    for (const part of content) if (part.type === 'tool_result') told.push(part.output);
  }
  return told.join('\n');
}
