/** A driver whose cells reach no host, whatever is asked of it. */
import type { CellDriver } from './cell.ts';

export function withoutNetwork(driver: CellDriver): CellDriver {
  return { ...driver, open: (spec) => driver.open({ ...spec, allowedHosts: [] }) };
}
