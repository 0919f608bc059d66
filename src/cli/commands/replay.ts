/** `replay`: an agent, or every agent of an item, again from its tape; says what is the same, and where the first difference is. */
import { MeshwrightError } from '../../base/errors.ts';
import { openReplayContext, openRequestsContext } from '../../compose/worker.ts';
import { type StreamId, streamId } from '../../journal/event.ts';
import type { AgentReplay } from '../../replay/replay-agent.ts';
import { type ItemReplay, replayItem } from '../../replay/replay-item.ts';
import { agentLabel, short } from '../../views/event-line.ts';
import type { WorkerContext } from '../../worker/worker-context.ts';
import { compileCurrentTeam } from '../current-team.ts';
import { type ExitCode, InterruptedError } from '../door.ts';
import { parseItemNumber } from '../parse-arguments.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { type Terminal, table } from '../terminal.ts';

export interface ReplayCommandOptions {
  withCurrent: boolean;
  tapeOnly: boolean;
}

export async function replayCommand(
  session: Session,
  what: string,
  options: ReplayCommandOptions,
): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: true, for: 'anybody' }, async (project) => {
    const { item, agent } = await findSubject(project, what);
    const runsTools = !options.tapeOnly && !options.withCurrent;
    const opened = await openContext(project, item, runsTools);
    const context = { ...opened, compileTeam: (flow: string) => compileCurrentTeam(project, flow) };
    const end = new AbortController();
    const stop = () => end.abort(new InterruptedError());
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    try {
      const { signal } = end;
      const replay = await replayItem(context, {
        item,
        agent,
        isCurrent: options.withCurrent,
        runsTools,
        signal,
      });
      if (terminal.isJson) terminal.json(replay);
      else printReplay(terminal, replay, options);
      return replay.isIdentical ? 0 : 1;
    } finally {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    }
  });
}

/** `2`, `#2`, `agent:orders-api/2/build/T1/developer/1/1`, or as much of that as only one agent has: `2/build/T1`. */
async function findSubject(
  { store, project }: ProjectSession,
  what: string,
): Promise<{ item: number; agent: StreamId | null }> {
  if (/^(?:#|item:)?\d+$/.test(what)) return { item: parseItemNumber(what), agent: null };
  const all = streamId('agent', project);
  const name = what.replace(/^agent:/, '');
  const prefix = `agent:${name}`.startsWith(`${all}/`) ? `agent:${name}` : `${all}/${name}`;
  const heads = await store.journal.streams(project, { prefix });
  const found = heads.filter(({ stream }) => stream === prefix || stream.startsWith(`${prefix}/`));
  const [only] = found;
  if (only && found.length === 1) {
    return { item: Number(only.stream.slice(all.length + 1).split('/')[0]), agent: only.stream };
  }
  const names = found.slice(0, 10).map(({ stream }) => stream);
  throw new MeshwrightError(
    'no_such_agent',
    found.length > 1 ? `${what} is ${found.length} agents: ${names.join(', ')}` : `there is no agent ${what}`,
    { hint: 'Give an item, or one of the agents that `meshwright show <item> --json` names.', exitCode: 2 },
  );
}

/** Cells as they were: a tape of a real model is never run without isolation. */
async function openContext(
  project: ProjectSession,
  item: number,
  runsTools: boolean,
): Promise<WorkerContext> {
  if (!runsTools) return openRequestsContext(project);
  const { journal } = project.store;
  const prefix = `${streamId('agent', project.project, item)}/`;
  let isModelScripted = true;
  for (const { stream } of await journal.streams(project.project, { prefix })) {
    const [seated] = await journal.read(stream, { limit: 1 });
    if (seated?.data.isRealModel !== false) isModelScripted = false;
  }
  return openReplayContext(project, { isModelScripted });
}

function printReplay(terminal: Terminal, replay: ItemReplay, { withCurrent }: ReplayCommandOptions): void {
  terminal.line(terminal.style('bold', `#${replay.item} ${replay.title}`));
  for (const line of table(replay.agents.map(agentRow))) terminal.line(line);
  for (const agent of replay.agents) printDetails(terminal, agent);
  for (const { of, commit, isIdentical } of replay.trees) {
    if (!isIdentical) terminal.line(`✗ ${of}: another tree than commit ${short(commit)} has`);
  }
  for (const note of replay.notes) terminal.line(`  ${note}`);
  terminal.line(summaryOf(replay, withCurrent));
}

function agentRow(agent: AgentReplay): string[] {
  const { divergence, calls, tools, tree } = agent;
  return [
    `  ${agent.isIdentical ? '✓' : '✗'} ${agentLabel(agent.agent)}`,
    divergence ? `diverges at call ${divergence.call}: ${divergence.part}` : counted(calls, 'call'),
    tools ? counted(tools.calls, 'tool call') : '',
    [
      ...agent.artifacts.map(({ name, isIdentical }) => `${name} ${verdictOf(isIdentical)}`),
      ...(tree ? [`tree ${short(tree.remade)} ${verdictOf(tree.recorded === tree.remade)}`] : []),
    ].join(', '),
  ];
}

function verdictOf(isIdentical: boolean): string {
  return isIdentical ? 'identical' : 'DIFFERS';
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function printDetails(terminal: Terminal, agent: AgentReplay): void {
  const { divergence, tools, tree, notes } = agent;
  const lines: string[] = [];
  if (divergence?.about) lines.push(divergence.about);
  if (divergence?.difference) {
    const { line, was, is } = divergence.difference;
    lines.push(`line ${line}:`, ...was.map((text) => `- ${text}`), ...is.map((text) => `+ ${text}`));
  }
  for (const path of tree?.paths ?? []) lines.push(`differs: ${path}`);
  for (const note of notes) lines.push(note);
  const onlyDurations = tools?.onlyDurations ?? 0;
  if (onlyDurations > 0) lines.push(`${counted(onlyDurations, 'answer')} with other durations`);
  for (const { about, difference } of tools?.differences ?? []) {
    const [was = ''] = difference.was;
    const [is = ''] = difference.is;
    lines.push(`${about} answered otherwise in line ${difference.line}: \`${was}\` then, \`${is}\` now`);
  }
  if (lines.length === 0) return;
  terminal.line(`${agentLabel(agent.agent)}:`);
  for (const line of lines) terminal.line(terminal.style('dim', `    ${line}`));
}

function summaryOf(replay: ItemReplay, withCurrent: boolean): string {
  const { agents, trees } = replay;
  const first = agents.find(({ divergence }) => divergence !== null);
  const { call = 0, part = '' } = first?.divergence ?? {};
  const where = first ? `, first in ${agentLabel(first.agent)}, call ${call}: ${part}` : '';
  if (!replay.isIdentical) {
    return withCurrent
      ? `With the files as they are now it would go another way${where}.`
      : `DIFFERENT${where}.`;
  }
  const calls = agents.reduce((sum, agent) => sum + agent.calls, 0);
  const artifacts = agents.reduce((sum, agent) => sum + agent.artifacts.length, 0);
  const what = [counted(calls, 'call'), counted(artifacts, 'artifact'), counted(trees.length, 'tree')];
  return withCurrent
    ? `With the files as they are now the same ${counted(calls, 'call')} would be made.`
    : `Identical: ${what.join(', ')}. No model was called.`;
}
