import type { Region } from './tax.ts';

export interface Customer {
  id: string;
  name: string;
  email: string;
  /** Decides which tax its orders carry. */
  region: Region;
}
