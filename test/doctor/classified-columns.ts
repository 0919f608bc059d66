/** Every column of every table of the schema: what one wrong value of it must make the verification say, or that it carries no truth. */
/** What one wrong value of a column must make the verification say; null: the column carries no truth (docs/doctor.md). */
interface Edit {
  /** SET clause and WHERE; `$table` stands before it. */
  sql: string;
  finds: RegExp;
}
type Columns = Readonly<Record<string, Edit | null>>;

export const agentVersion2 = "where stream like 'agent:%' and version = 2";
const edit = (sql: string, finds: RegExp): Edit => ({ sql, finds });
const changed = /agent:.+ version 2: its content does not match its hash/;

/** Table → column. */
export const classified: Readonly<Record<string, Columns>> = {
  migration: {
    number: edit('set number = 77 where number = 1', /migration 1: is not recorded/),
    oldest_program: edit(
      'set oldest_program = 0 where number = 2',
      /migration 2: says that programs from 0 on/,
    ),
    at: null,
  },
  journal_head: {
    id: null,
    position: edit('set position = position + 1', /journal_head: says position \d+; the last event is at/),
    fence: edit('set fence = fence + 1', /journal_head: says fence \d+; the highest of a claim unit/),
  },
  claim_unit: {
    id: edit(
      "set id = 'cluster:orders-api/other' where id like 'cluster:%'",
      /claim unit cluster:orders-api\/main/,
    ),
    project: edit(
      "set project = 'q' where id like 'mesh:%'",
      /claim unit mesh:orders-api: is stored under project q/,
    ),
    fence: edit(
      "set fence = 1 where id like 'mesh:%'",
      /claim unit mesh:orders-api: has fence 1; it had \d+ when/,
    ),
    owner: null,
    host: null,
    lease_until: null,
    wake_at: null,
    request: null,
  },
  stream: {
    id: edit(
      "set id = 'agent:orders-api/9' where id like 'agent:%'",
      /agent:orders-api\/1.*: has events and no head/,
    ),
    project: edit(
      "set project = 'q' where id like 'agent:%'",
      /agent:.+: its head is stored under project q/,
    ),
    claim_unit: edit(
      "set claim_unit = 'mesh:orders-api' where id like 'agent:%'",
      /agent:.+: belongs to claim unit mesh/,
    ),
    version: edit(
      "set version = version - 1 where id like 'agent:%'",
      /agent:.+ version 8: is after the end of its stream/,
    ),
    last_hash: edit(
      "set last_hash = sha256(last_hash) where id like 'agent:%'",
      /agent:.+: its head's hash is not that/,
    ),
    last_at: edit(
      "set last_at = last_at + '1 microsecond' where id like 'agent:%'",
      /agent:.+: its head's time/,
    ),
  },
  event: {
    position: edit('set position = 1000 where position = 18', /item:orders-api\/1 version 5: its content/),
    stream: edit(
      `set stream = 'agent:orders-api/1/x' ${agentVersion2}`,
      /agent:orders-api\/1\/x: has events and no head/,
    ),
    version: edit(
      `set version = 99 ${agentVersion2}`,
      /agent:.+ version 99: versions 2 to 98 are missing before it/,
    ),
    project: edit(`set project = 'q' ${agentVersion2}`, /agent:.+ version 2: is stored under project q/),
    unit: edit(`set unit = gen_random_uuid() ${agentVersion2}`, changed),
    at: edit(`set at = at + '1 microsecond' ${agentVersion2}`, changed),
    kind: edit(`set kind = 'agent.seated' ${agentVersion2}`, changed),
    schema: edit(`set schema = schema + 1 ${agentVersion2}`, changed),
    actor: edit(`set actor = 'person:eve' ${agentVersion2}`, changed),
    // The meaning is the same; the text is not.
    data: edit(`set data = (data::text || ' ')::json ${agentVersion2}`, changed),
    hash: edit(`set hash = sha256(hash) ${agentVersion2}`, changed),
  },
  inbox: {
    seq: null,
    stream: null,
    id: null,
    kind: null,
    actor: null,
    data: null,
    at: null,
    is_consumed: null,
    request: null,
  },
  account: {
    id: edit("set id = 'item:orders-api/2' where id like 'item:%'", /account item:orders-api\/1: is missing/),
    project: edit(
      "set project = 'q' where id like 'item:%'",
      /account item:orders-api\/1: its project is "q"/,
    ),
    ceiling_micro_usd: edit(
      "set ceiling_micro_usd = 99000000 where id like 'item:%'",
      /account item:orders-api\/1: its ceilingMicroUsd is 99000000; the events say 2000000/,
    ),
    spent_micro_usd: edit(
      "set spent_micro_usd = spent_micro_usd - 1 where id like 'item:%'",
      /account item:orders-api\/1: its spentMicroUsd is 52344; the events say 52345/,
    ),
    reserved_micro_usd: edit(
      "set reserved_micro_usd = 0 where id like 'item:%'",
      /account item:orders-api\/1: its reservedMicroUsd is 0; the events say 40000/,
    ),
  },
  reservation: {
    id: edit("set id = 'call-9' where id = 'call-1'", /reservation call-1: is missing/),
    project: edit("set project = 'q' where id = 'call-1'", /reservation call-1: its project is "q"/),
    accounts: edit("set accounts = accounts[2:2] where id = 'call-4'", /reservation call-4: its accounts is/),
    amount_micro_usd: edit(
      "set amount_micro_usd = 1 where id = 'call-4'",
      /reservation call-4: its amountMicroUsd is 1/,
    ),
    state: edit("set state = 'released' where id = 'call-4'", /reservation call-4: its state is "released"/),
    settled_micro_usd: edit(
      "set settled_micro_usd = 0 where id = 'call-1'",
      /reservation call-1: its settledMicroUsd is 0/,
    ),
    stream: edit(
      "set stream = 'agent:orders-api/9' where id = 'call-4'",
      /reservation call-4: its stream is/,
    ),
    fence: edit("set fence = 1000 where id = 'call-4'", /claim unit cluster:.+ was written under 1000/),
  },
  blob: {
    hash: edit("set hash = repeat('0', 64) where bytes like 'Export%'", /blob 0{64}: its bytes are others/),
    bytes: edit(
      "set bytes = bytes || '!' where bytes like 'Export%'",
      /its bytes are others.*; item:orders-api\/1 version 1/,
    ),
    put_at: null,
  },
  snapshot: {
    stream: edit("set stream = 'mesh:q'", /snapshot of mesh:q: is of a stream that does not exist/),
    version: edit(
      'set version = 1',
      /snapshot of mesh:orders-api: is not what its events fold to at version 1/,
    ),
    // Another hash only puts the snapshot out of use.
    reducer_hash: null,
    state: edit(`set state = '{"count":3}'`, /snapshot of mesh:orders-api: is not what its events fold to/),
  },
  // How soon the next call may go; nothing that happened.
  rate_bucket: { project: null, bucket: null, full_at: null },
};
