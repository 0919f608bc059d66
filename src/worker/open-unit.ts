/** Which driver drives which kind of claim unit. */
import { isUnknownEvent } from '../journal/upcast.ts';
import { openClusterDriver } from './drive-cluster.ts';
import { openMeshDriver } from './drive-mesh.ts';
import { openOutboxDriver } from './drive-outbox.ts';
import { openTargetDriver } from './drive-target.ts';
import type { UnitDriver, UnitOptions } from './unit-driver.ts';

/** What this version can drive, whatever is configured. An outbox is for those who have its channel: HeldUnits asks for it by name. */
export const drivableKinds = ['mesh', 'cluster', 'target'] as const;
/** Branches and workspaces of these are in the git store of the home that began them. */
export const hostBoundKinds = ['cluster', 'target'] as const;

/** Null for a kind that this version cannot drive. */
export async function openUnitDriver(options: UnitOptions): Promise<UnitDriver | null> {
  const { unit } = options.claim;
  switch (unit.slice(0, unit.indexOf(':'))) {
    case 'mesh':
      return openMeshDriver(options);
    case 'cluster':
      return openClusterDriver(options);
    case 'target':
      return openTargetDriver(options);
    case 'outbox':
      return openOutboxDriver(options).catch((error: unknown) => {
        if (!isUnknownEvent(error)) throw error;
        options.onNotice(`${error.message}; this worker leaves it alone.`);
        return null;
      });
    default:
      options.context.log.warn('cannot drive this kind of stream', { unit });
      return null;
  }
}
