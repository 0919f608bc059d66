/** What an outside agent is told beside the prompt that every agent of the role gets: how it hands things in and asks. Pure. */
import type { OutsideTape } from '../../gateway/outside-event.ts';
import type { TapeState } from '../../gateway/tape.ts';
import type { CellTool } from '../../permissions/tool-name.ts';
import type { Prompt } from '../assemble-prompt.ts';

export interface OutsideMeans {
  /** It is offered the tools to ask people with. */
  mayAsk: boolean;
  /** What needs the yes of people, as the rules are written. */
  askRules: readonly string[];
  /** Our tools by which it is asked for. */
  approvable: readonly CellTool[];
}

/** The protocol has no place for a system text of ours: it stands first. */
export function outsidePrompt({ system, firstMessage }: Prompt, means: OutsideMeans): string {
  const { mayAsk, askRules, approvable } = means;
  const lines = [mayAsk ? askingPeople : 'Nobody answers questions during your turn.'];
  if (approvable.length > 0) lines.push(needingYes(askRules, approvable));
  return `${system}\n\n${[handingIn, ...lines].join('\n- ')}\n\n${firstMessage}`;
}

const handingIn = `# How you hand things in
- The MCP server \`meshwright\` offers \`deliver\` and other tools of the house; your own names for them may have a prefix. An artifact counts only once \`deliver\` has accepted it: a file in the checkout is no artifact.
- Use your own tools to read, search, change and run. Each is permitted for one time, by the rules of your role. After a refusal, go on in another way or say why you cannot.`;

const askingPeople =
  'Nobody answers during your turn. `ask` and `decline` of that server tell a person and come back at once; you are taken up again with the answer when you have ended your turn.';

function needingYes(rules: readonly string[], tools: readonly CellTool[]): string {
  const names = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join(', ');
  return `These need the yes of people: ${names(rules)}. Your own tools are refused them. Ask for exactly what is to be done with ${names(tools)} of that server: it comes back at once, and after your turn, once they have said yes, it is done for you and you are told what came of it.`;
}

/** For a session that takes the place of an earlier one: files and answers are there, the conversation is not. */
export function resumedPrompt({ firstPrompt, lastWords }: OutsideTape, asks: TapeState['asks']): string {
  const answers = asks.flatMap(({ answer }) => answer ?? []);
  return [
    firstPrompt ?? '',
    '# An earlier session',
    `The work on this was begun in an earlier session that has ended. What it changed is in your checkout (\`git status\`, \`git diff\`), and artifacts that it delivered are handed in. Look at what is there and go on from it.${lastWords === '' ? '' : ` The last words of that session were:\n\n> ${quote(lastWords)}`}`,
    ...(answers.length === 0 ? [] : ['# What it asked, and was answered', ...answers]),
  ].join('\n\n');
}

/** Somebody answered in the middle of its turn. */
export function answeredPrompt(answers: readonly string[]): string {
  return `What you asked is answered.\n\n${answers.join('\n\n')}\n\nGo on with it; when the work is done, end your turn.`;
}

/** A turn ended right after something was refused: some agents stop there by themselves. */
export function goOnAfterRefusal(what: string, reason: string): string {
  return `Your turn ended after ${what} was refused: ${reason}. Go on with the work in another way. If it is finished, or cannot be, say so and end your turn.`;
}

const longestQuote = 2_000;

function quote(text: string): string {
  return text.slice(-longestQuote).toWellFormed().replaceAll('\n', '\n> ');
}
