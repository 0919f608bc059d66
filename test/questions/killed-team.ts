/** A team whose first developer asks, then does something that can be made slow; in the test's process and in workers that are killed. */
import type { JsonObject } from '../../src/base/json.ts';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import { call, say, smallFiles, smallTeam, write } from '../engine/small-team.ts';

/** One line for every run. With `<log>.slow` beside it, it does not end by itself soon. */
const workScript = 'echo worked >> "$1"\nif [ -e "$1.slow" ]; then sleep 20; fi\n';

export const killedFiles: Record<string, string> = { ...smallFiles, 'work.sh': workScript };

/** Minutes run as seconds: who does not answer within eight has been overtaken. */
export const hurried = `
rehearsal: true
people: { "@alex-engineering-lead": { role: engineering_lead } }
escalation_routes:
  requirement_ambiguity:
    primary: "@sarah-pm"
    fallback: "@alex-engineering-lead"
    sla_minutes: 8
    on_timeout: default_and_flag
`;

const question: JsonObject = {
  kind: 'requirement_ambiguity',
  topic: 'export.timezone',
  title: 'time zone of the export',
  building: 'The download of the medication history.',
  question: 'Which time zone goes into the export?',
  options: [
    { label: 'Export UTC with a timezone label', trade_off: 'Consistent with the raw data.' },
    { label: "Export the patient's local time", trade_off: 'Easier to read; needs a lookup.' },
  ],
  why_you: 'It is a decision about the product.',
  unblocks: 'Any one of the options.',
  default: 1,
};

/** @param log where the work after the answer writes its line. */
export function askingTeam(log: string): Brain {
  return smallTeam({
    developer: ({ seat }, turn) => {
      if (seat.task !== 'T1') return turn === 0 ? write(`${seat.task}.txt`, 'x\n') : say('done');
      if (turn === 0) return { calls: [{ tool: 'ask', input: question }] };
      if (turn === 1) return call('run', { argv: ['sh', 'work.sh', log] });
      return turn === 2 ? write('T1.txt', 'x\n') : say('done');
    },
  });
}
