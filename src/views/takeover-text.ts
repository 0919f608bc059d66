/** What a person must know of an item that they take over, as markdown: the brief, where it stood, what failed, how to give it back. */
import type { Finding } from '../artifacts/finding.ts';
import { visibleText } from '../base/visible-text.ts';
import { shellWord } from '../git/shell-word.ts';
import type { ItemState, Takeover } from '../items/item-state.ts';
import { readTextBlob } from '../journal/blob-text.ts';
import type { Journal } from '../journal/journal.ts';
import { describeDecisions, describeItemAsk } from './describe-asks.ts';
import { describeFinding } from './describe-event.ts';
import { short } from './event-line.ts';
import type { ItemAsks } from './item-asks.ts';

export interface TakeoverTextInputs {
  state: ItemState;
  takeover: Takeover;
  /** The user's repository, where the commands are called. */
  repository: string;
  checks: readonly { name: string; run: string }[];
  unfinished: readonly { step: string; branch: string; commit: string }[];
  /** What its agents asked, and what they went by. */
  asked: ItemAsks;
}

const outputLines = 25;

export async function takeoverText(journal: Journal, inputs: TakeoverTextInputs): Promise<string> {
  const { state, takeover, checks } = inputs;
  const brief = await readTextBlob(journal, state.brief);
  const sections = [
    `# Item ${state.number}: ${state.title}`,
    `You (${takeover.to}) have this item now; no agent works on it. Your clone is ${takeover.folder}, on branch ${takeover.branch}.`,
    section('What is asked for', [brief.trim()]),
    section('It is done when', state.criteria.map(bullet)),
    section('Where it stood', whereItStood(state, takeover)),
    section('What is wrong', whatIsWrong(state).map(bullet)),
    section('What was asked and decided', whatIsDecided(inputs).map(bullet)),
    section('Unfinished work of agents', describeUnfinished(inputs)),
    section(
      'The checks that will judge it',
      checks.map((check) => bullet(`${check.name}: \`${check.run}\``)),
    ),
    section('When you are done', howToGoOn(inputs)),
  ];
  return `${visibleText(sections.filter(Boolean).join('\n\n'))}\n`;
}

function whereItStood(state: ItemState, { before, commit }: Takeover): string[] {
  const { phase, base, target } = state;
  return [
    ...(phase ? [bullet(`phase ${phase.name}, round ${phase.round}`)] : []),
    bullet(before.pause ? `paused: ${before.pause.message}` : `it was ${before.status}`),
    bullet(
      base === commit
        ? `nothing is committed yet on top of ${target} at ${short(commit)}`
        : `branch head ${short(commit)}, from ${target} at ${short(base ?? '')}: \`git diff ${short(base ?? '')}\` is what the agents made`,
    ),
  ];
}

/** Failed gates and steps of the round, what it was sent back with, and why its landing was refused. */
function whatIsWrong(state: ItemState): string[] {
  const { phase, refusal } = state;
  const failedSteps = Object.entries(phase?.steps ?? {}).filter(([, run]) => run.status === 'failed');
  const failedGates = (phase?.gates ?? []).filter((gate) => gate.status === 'failed');
  return [
    ...describeAll(refusal?.findings ?? []),
    ...failedGates.flatMap((gate) =>
      gate.findings.length > 0
        ? describeAll(gate.findings, `${phase?.name} gate: `)
        : [`${phase?.name} gate: ${gate.summary ?? 'failed'}`],
    ),
    ...failedSteps.flatMap(([step, { attempt, failure }]) => [
      `${step}, attempt ${attempt}: ${failure?.message ?? 'failed'}`,
      ...describeAll(failure?.findings ?? []),
    ]),
    ...describeAll(phase?.findings ?? [], 'it was sent back with: '),
  ];
}

/** A title of an agent's is one line, whatever it has in it. */
function whatIsDecided({ asked }: TakeoverTextInputs): string[] {
  return [...asked.asks.map(describeItemAsk), ...describeDecisions(asked.decisions)];
}

function describeAll(findings: readonly Finding[], where = ''): string[] {
  return findings.map((finding) => `${where}${describeFinding(finding, outputLines)}`);
}

function describeUnfinished({ unfinished, takeover }: TakeoverTextInputs): string[] {
  if (unfinished.length === 0) return [];
  return [
    ...unfinished.map(({ step, branch }) => bullet(`${step}: branch \`${branch}\``)),
    `Nothing of it is in ${takeover.branch} yet. To go on from it: \`git cherry-pick --no-commit ${unfinished[0]?.branch}\``,
  ];
}

function howToGoOn({ state, takeover, repository }: TakeoverTextInputs): string[] {
  const handback = `meshwright -C ${shellWord(repository)} handback ${state.number}`;
  return [
    bullet(
      `Commit on ${takeover.branch} (\`git add -A && git commit\`), then \`${handback}\`: the checks and the reviews of the flow judge it, like any other change.`,
    ),
    bullet(`\`${handback} --note "…"\` tells the next agents something, with or without a commit of yours.`),
    bullet(`\`${handback} --abandon\` gives it back as it was.`),
    '',
    'Nothing can be pushed from the clone, and nothing but handback takes anything out of it.',
  ];
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `## ${title}\n\n${lines.join('\n')}`;
}

/** Further lines of an entry stay below it. */
function bullet(text: string): string {
  return `- ${text.replaceAll('\n', '\n  ')}`;
}
