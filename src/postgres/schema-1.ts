/** Migration 1: the tables of the journal; its functions are in the files beside it. */
import { APPEND } from './schema-1-append.ts';
import { INBOX_AND_CLAIMS } from './schema-1-claims.ts';
import { LEDGER } from './schema-1-ledger.ts';

const TABLES = `
create table meshwright.journal_head (
  id boolean primary key default true check (id),
  position bigint not null,
  fence bigint not null
) with (fillfactor = 10);
insert into meshwright.journal_head (position, fence) values (0, 0);

create table meshwright.claim_unit (
  id text collate "C" primary key,
  project text collate "C" not null,
  fence bigint not null default 0,
  owner text,
  host text,
  lease_until timestamptz,
  wake_at timestamptz
) with (fillfactor = 50);

create table meshwright.stream (
  id text collate "C" primary key,
  project text collate "C" not null,
  claim_unit text collate "C" not null,
  version bigint not null,
  last_hash bytea not null,
  last_at timestamptz not null
) with (fillfactor = 50);
create index stream_of_claim_unit on meshwright.stream (claim_unit);
create index stream_of_project on meshwright.stream (project, id);

-- data is json, not jsonb: the canonical text is kept byte for byte, so the hash can be checked in SQL as well.
create table meshwright.event (
  position bigint primary key,
  stream text collate "C" not null,
  version bigint not null,
  project text collate "C" not null,
  unit uuid not null,
  at timestamptz not null,
  kind text collate "C" not null,
  schema smallint not null,
  actor text collate "C" not null,
  data json not null,
  hash bytea not null
);
create unique index event_of_stream on meshwright.event (stream, version);
create index event_of_unit on meshwright.event (unit);

-- Consumed rows stay without their data: an id is never delivered twice.
create table meshwright.inbox (
  seq bigint generated always as identity,
  stream text collate "C" not null,
  id text collate "C" not null,
  kind text not null,
  actor text not null,
  data json,
  at timestamptz not null,
  is_consumed boolean not null default false,
  primary key (stream, id)
);
create index inbox_waiting on meshwright.inbox (seq) where not is_consumed;

create table meshwright.account (
  id text collate "C" primary key,
  project text collate "C" not null,
  ceiling_micro_usd bigint,
  spent_micro_usd bigint not null default 0,
  reserved_micro_usd bigint not null default 0
) with (fillfactor = 50);
create index account_of_project on meshwright.account (project, id);

create table meshwright.reservation (
  id text collate "C" primary key,
  project text collate "C" not null,
  accounts text[] not null,
  amount_micro_usd bigint not null,
  state text not null check (state in ('held', 'settled', 'released')),
  settled_micro_usd bigint,
  stream text collate "C" not null,
  fence bigint
) with (fillfactor = 70);
create index reservation_of_project on meshwright.reservation (project, id);

create table meshwright.blob (hash text collate "C" primary key, bytes bytea not null);

create table meshwright.snapshot (
  stream text collate "C" primary key,
  version bigint not null,
  reducer_hash text not null,
  state json not null
);
`;

export const SCHEMA_1 = TABLES + LEDGER + APPEND + INBOX_AND_CLAIMS;
