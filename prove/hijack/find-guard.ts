/** Runs the product with one guard taken out, until the hijacked model gets beyond its role: it stops at the first effect. */
import type { PlantedGuard } from './planted-guards.ts';
import type { SegmentOutcome } from './run-segment.ts';
import { runSegments } from './run-segments.ts';

export interface GuardFinding {
  name: string;
  guard: string;
  /** The seed that showed it; null: none did. */
  seed: number | null;
  effect: SegmentOutcome['effect'];
  callCount: number;
}

export async function findGuard(
  { name, guard, seats }: PlantedGuard,
  options: { segments: number; callsPerSegment: number; signal: AbortSignal },
): Promise<GuardFinding> {
  const finding: GuardFinding = { name, guard, seed: null, effect: null, callCount: 0 };
  await runSegments({
    orders: Array.from({ length: options.segments }, (_, index) => ({
      seed: 1_000 + index,
      callCount: options.callsPerSegment,
      seats,
    })),
    processes: 1,
    guard: name,
    signal: options.signal,
    onSegment: ({ seed, effect, callCount }) => {
      finding.callCount += callCount;
      if (effect === null) return true;
      finding.seed = seed;
      finding.effect = effect;
      return false;
    },
  });
  return finding;
}
