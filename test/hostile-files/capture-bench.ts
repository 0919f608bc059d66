/** A workspace whose files are captured again and again, and what is said against them. */
import { join } from 'node:path';
import { CaptureRefused } from '../../src/workspaces/capture-refused.ts';
import { captureTree } from '../../src/workspaces/capture-tree.ts';
import { checkoutAt } from '../../src/workspaces/check-out-commit.ts';
import { type CaptureLimits, captureLimits } from '../../src/workspaces/survey-tree.ts';
import { at, prepare } from '../../src/workspaces/workspace-bench-contract.ts';

export async function workspace() {
  const made = await prepare('w1');
  const take = (limits: Partial<CaptureLimits> = {}) =>
    captureTree(checkoutAt(join(made.dir, '..'), { commit: at.commit, mirrorDir: at.mirror.dir }), [], {
      limits: { ...captureLimits, ...limits },
    });
  /** `path: message` of each finding; empty when it was taken. */
  const refusals = async (limits: Partial<CaptureLimits> = {}): Promise<string[]> => {
    try {
      await take(limits);
      return [];
    } catch (error) {
      if (!(error instanceof CaptureRefused)) throw error;
      return error.findings.map(({ file, message }) => `${file}: ${message}`);
    }
  };
  return { dir: made.dir, take, refusals };
}
