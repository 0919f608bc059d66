/** A team whose first developer asks, then does something that can be made slow; in the test's process and in workers that are killed. */
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import { call, say, smallFiles, smallTeam, write } from '../engine/small-team.ts';
import { ask } from './question-input.ts';

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

/** @param log where the work after the answer writes its line. */
export function askingTeam(log: string): Brain {
  return smallTeam({
    developer: ({ seat }, turn) => {
      if (seat.task !== 'T1') return turn === 0 ? write(`${seat.task}.txt`, 'x\n') : say('done');
      if (turn === 0) return ask();
      if (turn === 1) return call('run', { argv: ['sh', 'work.sh', log] });
      return turn === 2 ? write('T1.txt', 'x\n') : say('done');
    },
  });
}
