/** What an outside agent is told beside the prompt that every agent of the role gets: how it hands things in. Pure. */
import type { OutsideTape } from '../../gateway/outside-event.ts';
import type { Prompt } from '../assemble-prompt.ts';

/** The protocol has no place for a system text of ours: it stands first. */
export function outsidePrompt({ system, firstMessage }: Prompt): string {
  return `${system}\n\n${handingIn}\n\n${firstMessage}`;
}

const handingIn = `# How you hand things in
- The MCP server \`meshwright\` offers \`deliver\` and other tools of the house; your own names for them may have a prefix. An artifact counts only once \`deliver\` has accepted it: a file in the checkout is no artifact.
- Use your own tools to read, search, change and run. Each is permitted for one time, by the rules of your role. After a refusal, go on in another way or say why you cannot.
- Nobody answers questions during your turn.`;

/** For a session that takes the place of one that was cut off: files are there, the conversation is not. */
export function resumedPrompt(tape: OutsideTape): string {
  const words =
    tape.lastWords === '' ? '' : ` The last words of that session were:\n\n> ${quote(tape.lastWords)}`;
  return `${tape.firstPrompt ?? ''}\n\n# An earlier session\n\nThe work on this was begun in an earlier session that was cut off. What it changed is in your checkout (\`git status\`, \`git diff\`), and artifacts that it delivered are handed in. Look at what is there and go on from it.${words}`;
}

/** A turn ended right after something was refused: some agents stop there by themselves. */
export function goOnAfterRefusal(what: string, reason: string): string {
  return `Your turn ended after ${what} was refused: ${reason} Go on with the work in another way. If it is finished, or cannot be, say so and end your turn.`;
}

const longestQuote = 2_000;

function quote(text: string): string {
  return text.slice(-longestQuote).toWellFormed().replaceAll('\n', '\n> ');
}
