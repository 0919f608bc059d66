/** The command add: a brief becomes an item. */
import path from 'node:path';
import { type Brief, maxBriefBytes, parseBrief } from '../../artifacts/parse-brief.ts';
import { parsePlanFile } from '../../artifacts/parse-plan-file.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { readConfiguration } from '../../compose/project.ts';
import { addItem } from '../../requests/add-item.ts';
import { requireBrief } from '../../requests/require-text.ts';
import { requireValid } from '../../views/configuration.ts';
import { formatDiagnostic, type Loaded } from '../../yaml/diagnostic.ts';
import { readTextFile, readTextStream, type TextFile } from '../../yaml/read-text-file.ts';
import type { ExitCode } from '../door.ts';
import { describeDryRun, planDryRun } from '../dry-run.ts';
import { register, requireGreenBaseline } from '../prepare-project.ts';
import { type Session, withProject } from '../session.ts';

type UnreadText = Extract<TextFile, { ok: false }>;

const maxPlanBytes = 1_000_000;

export interface AddOptions {
  criteria: string[];
  plan?: string;
  flow?: string;
  dryRun: boolean;
}

export async function addCommand(session: Session, given: string, options: AddOptions): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: true, for: 'named' }, async (project) => {
    const brief = await readBrief(session, given, options);
    const plan = options.plan ? await readPlan(session, options.plan) : null;
    const configuration = await readConfiguration(project.repository, session.env, {
      registries: project.registries,
      flow: brief.flow,
    });
    const { team } = requireValid(configuration);
    await requireGreenBaseline(project);
    if (options.dryRun) {
      const dryRun = planDryRun({ policy: project.policy, team, brief, planText: plan });
      if (terminal.isJson) terminal.json(dryRun);
      else for (const line of describeDryRun(dryRun)) terminal.line(line);
      return 0;
    }
    await register(project);
    const number = await addItem({
      journal: project.store.journal,
      newId,
      project: project.project,
      brief,
      plan,
      by: `person:${session.person}`,
    });
    if (terminal.isJson) terminal.json({ number, title: brief.title });
    else {
      terminal.line(`#${number} ${brief.title}`);
      terminal.line(terminal.style('dim', 'Queued. `meshwright run --until-idle` works on it.'));
    }
    return 0;
  });
}

async function readBrief(session: Session, given: string, options: AddOptions): Promise<Brief> {
  const { file, content } = await briefText(session, given);
  const parsed = parseBrief(file, content);
  const brief = requireLoaded('brief_invalid', parsed);
  const whole = {
    ...brief,
    criteria: [...brief.criteria, ...options.criteria],
    flow: options.flow ?? brief.flow,
  };
  requireBrief(whole);
  return whole;
}

/** A file, `-` for standard input, or the brief itself as text. */
async function briefText(session: Session, given: string): Promise<{ file: string; content: string }> {
  if (given === '-') {
    const file = '(standard input)';
    const read = await readTextStream(process.stdin, maxBriefBytes);
    // What is left of an endless input is nobody's; an open pipe would keep the process.
    process.stdin.destroy();
    return { file, content: read.ok ? read.text : refuseBrief(file, read) };
  }
  const read = await readTextFile(path.resolve(session.dir, given), maxBriefBytes);
  if (read.ok) return { file: given, content: read.text };
  const looksLikePath = !/\s/.test(given.trim()) && /[./\\]/.test(given);
  if (!looksLikePath && read.kind === 'missing') return { file: '(command line)', content: given };
  return refuseBrief(given, read);
}

function refuseBrief(file: string, { kind, problem }: UnreadText): never {
  if (kind === 'too_large' || kind === 'not_text')
    throw new MeshwrightError('brief_invalid', `${file}:1:1 the brief ${problem.replace(/^it /, '')}`, {
      hint: 'Give a markdown file, and what is large as a file of the repository.',
      exitCode: 2,
    });
  throw new MeshwrightError('brief_unreadable', `cannot read the brief ${file}: ${problem}`, {
    hint: 'Give a readable markdown file, `-` for standard input, or the brief as quoted text.',
    exitCode: 2,
  });
}

async function readPlan(session: Session, file: string): Promise<string> {
  const read = await readTextFile(path.resolve(session.dir, file), maxPlanBytes);
  if (!read.ok)
    throw new MeshwrightError('plan_unreadable', `cannot read the plan ${file}: ${read.problem}`, {
      hint: 'Give a readable JSON file, or leave --plan out: then a planner makes one.',
      exitCode: 2,
    });
  requireLoaded('plan_invalid', parsePlanFile(file, read.text));
  return read.text;
}

function requireLoaded<T>(code: string, loaded: Loaded<T>): T {
  const errors = loaded.diagnostics.filter((each) => each.severity === 'error');
  if (loaded.value !== undefined && errors.length === 0) return loaded.value;
  throw new MeshwrightError(code, errors.map(formatDiagnostic).join('\n'), {
    hint: 'Correct it and run the command again; nothing was added.',
    exitCode: 2,
  });
}
