/** Every shape of message as docs/questions.md shows it. Run by itself, it writes them between the page's two markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageText } from '../../src/channels/message-text.ts';
import { shapes } from './notices.ts';
import { replies } from './replies.ts';

const begin = '<!-- messages: written by test/channels/shown-messages.ts -->';
const end = '<!-- end of messages -->';

export function shownMessages(): string {
  const shown = Object.entries(shapes).map(
    ([name, notice]) => `### ${name}\n\n\`\`\`text\n${messageText(notice)}\n\`\`\`\n`,
  );
  const told = Object.entries(replies).map(([said, line]) => `| ${said} | ${line} |`);
  const table = [
    '### What is said back at once',
    '',
    '| who says what | is told |',
    '|---|---|',
    ...told,
    '',
  ];
  return [begin, '', ...shown, ...table, end].join('\n');
}

if (import.meta.main) {
  const file = path.join(import.meta.dirname, '../../docs/questions.md');
  const page = readFileSync(file, 'utf8');
  const [before = '', rest = end] = page.split(begin);
  const [, after = ''] = rest.split(end);
  writeFileSync(file, `${before}${shownMessages()}${after}`);
}
