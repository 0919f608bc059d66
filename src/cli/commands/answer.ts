/** The command with which a person answers a question. Whose word counts is judged in requests/. */
import { systemClock } from '../../base/clock.ts';
import { newId } from '../../base/ids.ts';
import { replyToQuestion } from '../../requests/answer-question.ts';
import { requireStakeholders } from '../../views/configuration.ts';
import { viewQuestion } from '../../views/question-view.ts';
import type { ExitCode } from '../door.ts';
import { type Session, withProject } from '../session.ts';

/** Exit code 1: it has no effect, and the line says why. */
export async function answerCommand(session: Session, number: number, text: string): Promise<ExitCode> {
  const { terminal, person } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { journal } = project.store;
    const facts = { stakeholders: requireStakeholders(project.configuration), nowMs: systemClock.now() };
    const name = `Q-${number}`;
    const place = { journal, newId, project: project.project };
    const outcome = await replyToQuestion({ ...place, ...facts, name, by: person, via: 'cli', text });
    const { report } = await viewQuestion(journal, project.project, number, facts);
    const { items, status } = report;
    if (terminal.isJson) terminal.json({ question: name, ...outcome, status, items });
    else {
      const goesOn = outcome.isAccepted && !report.isOpen && items.length > 0;
      const what = goesOn ? ` ${items.map((item) => `#${item}`).join(' ')} can go on.` : '';
      terminal.line(`${outcome.line}.${what}`);
    }
    return outcome.isAccepted ? 0 : 1;
  });
}
