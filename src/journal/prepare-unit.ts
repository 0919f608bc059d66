/**
 * The door of both adapters: checks a unit's shape and text before anything is batched or stored, and spells its
 * envelopes. Refusals here are programming errors or hostile text, so they throw, naming the place.
 */
import { MeshwrightError } from '../base/errors.ts';
import { findUnstorableText } from '../base/json.ts';
import { type EnvelopePieces, envelopePieces } from './hash-chain.ts';
import type { InboxPost, LedgerChange, Unit } from './unit.ts';

export interface PreparedUnit {
  unit: Unit;
  /** One per event, versions from expectedVersion + 1. */
  envelopes: EnvelopePieces[];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws MeshwrightError `journal_bad_unit` or `journal_unstorable_text`. */
export function prepareUnit(unit: Unit): PreparedUnit {
  if (!UUID.test(unit.id)) throw badUnit(unit, `its id ${JSON.stringify(unit.id)} is not a lower-case UUID`);
  if (!Number.isSafeInteger(unit.expectedVersion) || unit.expectedVersion < 0) {
    throw badUnit(unit, `its expected version ${unit.expectedVersion} is not a whole number`);
  }
  if (unit.events.length === 0) throw badUnit(unit, 'it has no events');
  refuseUnstorable({ ...unit, id: '' }, `unit for ${unit.stream}`);
  for (const [index, event] of unit.events.entries()) {
    if (!Number.isSafeInteger(event.schema) || event.schema < 1 || event.schema > 32_767) {
      throw badUnit(unit, `events[${index}].schema is not a number from 1 to 32767`);
    }
  }
  for (const change of unit.ledger ?? []) refuseBadAmounts(unit, change);
  const envelopes = unit.events.map((event, index) =>
    envelopePieces(event, unit.stream, unit.id, unit.expectedVersion + index + 1),
  );
  return { unit, envelopes };
}

/** @throws MeshwrightError `journal_unstorable_text`. */
export function refuseUnstorablePost(post: InboxPost): void {
  refuseUnstorable(post, `message ${JSON.stringify(post.id)} to ${post.stream}`);
}

/** @throws MeshwrightError `journal_unstorable_text`. */
export function refuseUnstorable(value: unknown, what: string): void {
  const place = findUnstorableText(value);
  if (place === undefined) return;
  throw new MeshwrightError(
    'journal_unstorable_text',
    `The ${what} has a NUL character or half a surrogate pair at ${place}; the journal cannot hold it.`,
    { hint: 'Replace such characters (storableText) where the text comes in.' },
  );
}

function refuseBadAmounts(unit: Unit, change: LedgerChange): void {
  const amount = amountOf(change);
  if (amount !== null && (!Number.isSafeInteger(amount) || amount < 0)) {
    throw badUnit(unit, `its ledger change ${change.op} has the amount ${amount}, not a whole number from 0`);
  }
  if (change.op === 'reserve' && change.accounts.length === 0) {
    throw badUnit(unit, `its reservation ${change.reservation} names no account`);
  }
}

function amountOf(change: LedgerChange): number | null {
  switch (change.op) {
    case 'open':
    case 'ensure':
      return change.ceilingMicroUsd;
    case 'reserve':
      return change.amountMicroUsd;
    case 'settle':
      return change.actualMicroUsd;
    case 'release':
      return null;
  }
}

function badUnit(unit: Unit, why: string): MeshwrightError {
  return new MeshwrightError('journal_bad_unit', `Refused to append to ${unit.stream}: ${why}.`, {
    hint: 'This is a mistake in Meshwright itself; please report it.',
  });
}
