/** The command with which a person answers a question. Whose word counts is judged in requests/. */
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { handleOf } from '../../policy/handle.ts';
import { parseAnswer } from '../../questions/parse-answer.ts';
import { replyToQuestion } from '../../requests/answer-question.ts';
import { requireStakeholders } from '../../views/configuration.ts';
import { type QuestionReport, viewQuestion } from '../../views/question-view.ts';
import type { ExitCode } from '../door.ts';
import { questionFacts } from '../question-facts.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';

/** Exit code 1: it has no effect, and the lines say why. @throws MeshwrightError `usage` for what could mean more than one thing. */
export async function answerCommand(session: Session, number: number, text: string): Promise<ExitCode> {
  const { terminal, person } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { journal } = project.store;
    const facts = { ...questionFacts(project), stakeholders: requireStakeholders(project.configuration) };
    const read = async () => (await viewQuestion(journal, project.project, number, facts)).report;
    const before = await read();
    requireClear(before, text);
    const name = before.question;
    const place = { journal, newId, project: project.project };
    const outcome = await replyToQuestion({ ...place, ...facts, name, by: person, via: 'cli', text });
    const after = await read();
    const { items, status } = after;
    if (terminal.isJson) terminal.json({ question: name, ...outcome, status, items });
    else {
      const goesOn = outcome.isAccepted && before.isOpen && !after.isOpen && items.length > 0;
      const what = goesOn ? ` ${items.map((item) => `#${item}`).join(' ')} can go on.` : '';
      terminal.line(`${outcome.line.replace(/\.$/, '')}.${what}`);
      if (!outcome.isAccepted)
        terminal.line(terminal.style('dim', `  ${whatBecameOfIt(project, before, after)}`));
    }
    return outcome.isAccepted ? 0 : 1;
  });
}

/** Nothing is written for what cannot be understood. */
function requireClear({ question, text }: QuestionReport, said: string): void {
  if (text === null) return;
  const reply = parseAnswer(said, text);
  if (reply.act !== 'unclear') return;
  const what = said.trim() === '' ? 'an empty answer' : `“${said.trim().slice(0, 80)}”`;
  throw new MeshwrightError('usage', `${question} cannot take ${what}`, { hint: reply.hint, exitCode: 2 });
}

/** Whoever was refused is told that nothing of it is lost, and for whom they were taken. */
function whatBecameOfIt({ person }: ProjectSession, before: QuestionReport, after: QuestionReport): string {
  const { question } = after;
  if (after.refused.length === before.refused.length)
    return `\`meshwright show ${question}\` tells all of it.`;
  const isStranger = after.refused.at(-1)?.why === 'not_theirs';
  const who = isStranger ? ` You are ${handleOf(person)} here; MESHWRIGHT_PERSON says who you are.` : '';
  return `What you said is kept: \`meshwright show ${question}\`.${who}`;
}
