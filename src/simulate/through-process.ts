/** Puts a port behind a simulated process: each of its methods becomes a call that the scheduler lets happen. */
import type { Journal } from '../journal/journal.ts';
import type { SimulatedProcess } from './simulated-process.ts';

type Method = (...args: never[]) => Promise<unknown>;
type MethodsOf<Port> = { [Name in keyof Port as Port[Name] extends Method ? Name : never]: Port[Name] };

/** All but `append`, and what is no call: to hear of wakes, to close. */
export const journalCalls = [
  'read',
  'readAll',
  'head',
  'putBlob',
  'getBlob',
  'post',
  'inbox',
  'streams',
  'streamHead',
  'projects',
  'claim',
  'claimUnit',
  'listBlobs',
  'deleteBlobs',
  'claimHolders',
  'renew',
  'release',
  'saveSnapshot',
  'loadSnapshot',
  'account',
  'accountsNamed',
  'accounts',
  'reservations',
] as const satisfies readonly (keyof Journal)[];

/** The named methods of `port`, each called `<prefix>.<method>` for the faults. */
export function throughProcess<Port extends object, Name extends keyof MethodsOf<Port> & string>(
  process: SimulatedProcess,
  prefix: string,
  port: Port,
  names: readonly Name[],
): Pick<Port, Name> {
  const methods = names.map((name) => {
    const method = (port as Record<string, unknown>)[name] as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => process.call(`${prefix}.${name}`, () => method(...args))] as const;
  });
  return Object.fromEntries(methods) as unknown as Pick<Port, Name>;
}
