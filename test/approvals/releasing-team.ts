/** A project whose policy asks people before `sh release.sh`, and a team of which one developer wants to run it. */
import type { JsonObject } from '../../src/base/json.ts';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import { builtInTiers } from '../../src/policy/approval-tiers.ts';
import { unwrittenStakeholders } from '../../src/policy/no-stakeholders.ts';
import { unknownPerson } from '../../src/policy/route-of.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import { call, say, smallFiles, smallTeam } from '../engine/small-team.ts';

/** What it does is outside of the workspace: one line for every run. With `<file>.slow` beside it, it does not end by itself soon. */
const releaseScript = 'echo released >> "$1"\nif [ -e "$1.slow" ]; then sleep 20; fi\n';

export const releasingFiles: Record<string, string> = {
  ...smallFiles,
  '.mesh/mesh.yaml': `${smallFiles['.mesh/mesh.yaml']}permissions: { ask: ["Bash(sh release.sh:*)"] }\n`,
  'release.sh': releaseScript,
};

export const engineeringLead: Stakeholders = {
  ...unwrittenStakeholders,
  isWritten: true,
  people: { '@alex-engineering-lead': unknownPerson('@alex-engineering-lead') },
  engineeringLead: '@alex-engineering-lead',
  approvalTiers: builtInTiers(),
};

/** @param log where the release writes its line. */
export function releasingTeam(log: string): Brain {
  const input: JsonObject = { argv: ['sh', 'release.sh', log] };
  return smallTeam({
    developer: (request, turn) => {
      const isReleasing = request.seat.task === 'T1';
      if (turn > 0) return say('done');
      return isReleasing
        ? { calls: [{ tool: 'run', input }] }
        : call('write', { path: `${request.seat.task}.txt`, content: 'x\n' });
    },
  });
}
