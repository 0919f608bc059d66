/** Migration 1: the tables of the journal, and the functions that append, claim and post. */

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

// The rules are those of src/journal/ledger-book.ts, line for line; the contract suite runs against both.
const LEDGER = `
create function meshwright.ledger_refusal(p_reason text, p_account text, p_wanted bigint,
    p_ceiling bigint default null, p_spent bigint default 0, p_reserved bigint default 0)
returns json language sql immutable as $$
  select json_build_object('reason', p_reason, 'account', p_account, 'ceilingMicroUsd', p_ceiling,
    'spentMicroUsd', p_spent, 'reservedMicroUsd', p_reserved, 'wantedMicroUsd', p_wanted)
$$;

create function meshwright.apply_ledger(p_project text, p_stream text, p_fence bigint, p_changes json)
returns json language plpgsql as $$
declare
  c json;
  v_id text;
  v_amount bigint;
  v_accounts text[];
  v_account meshwright.account;
  v_reservation meshwright.reservation;
begin
  for c in select value from json_array_elements(p_changes) loop
    case c->>'op'
    when 'open' then
      insert into meshwright.account as a (id, project, ceiling_micro_usd)
        values (c->>'account', p_project, (c->>'ceilingMicroUsd')::bigint)
        on conflict (id) do update set ceiling_micro_usd = excluded.ceiling_micro_usd
        where a.project = p_project;
      if not found then return meshwright.ledger_refusal('unknown_account', c->>'account', 0); end if;
    when 'reserve' then
      v_id := c->>'reservation';
      v_amount := (c->>'amountMicroUsd')::bigint;
      select * into v_reservation from meshwright.reservation where id = v_id for update;
      if found then
        continue when v_reservation.project = p_project and v_reservation.state = 'held';
        return meshwright.ledger_refusal('unknown_reservation', v_id, v_amount);
      end if;
      select array_agg(value order by first) into v_accounts from
        (select value, min(ordinality) as first
         from json_array_elements_text(c->'accounts') with ordinality group by value) as named;
      perform 1 from meshwright.account where id = any(v_accounts) order by id for update;
      foreach v_id in array v_accounts loop
        select * into v_account from meshwright.account where id = v_id and project = p_project;
        if not found then return meshwright.ledger_refusal('unknown_account', v_id, v_amount); end if;
        if v_account.spent_micro_usd + v_account.reserved_micro_usd + v_amount > v_account.ceiling_micro_usd then
          return meshwright.ledger_refusal('over_ceiling', v_id, v_amount, v_account.ceiling_micro_usd,
            v_account.spent_micro_usd, v_account.reserved_micro_usd);
        end if;
      end loop;
      update meshwright.account set reserved_micro_usd = reserved_micro_usd + v_amount where id = any(v_accounts);
      insert into meshwright.reservation (id, project, accounts, amount_micro_usd, state, stream, fence)
        values (c->>'reservation', p_project, v_accounts, v_amount, 'held', p_stream, p_fence);
    else
      v_id := c->>'reservation';
      v_amount := coalesce((c->>'actualMicroUsd')::bigint, 0);
      select * into v_reservation from meshwright.reservation where id = v_id and project = p_project for update;
      if not found then return meshwright.ledger_refusal('unknown_reservation', v_id, v_amount); end if;
      continue when v_reservation.state = 'settled' or (c->>'op' = 'release' and v_reservation.state <> 'held');
      perform 1 from meshwright.account where id = any(v_reservation.accounts) order by id for update;
      update meshwright.account set
        spent_micro_usd = spent_micro_usd + v_amount,
        reserved_micro_usd = reserved_micro_usd -
          case when v_reservation.state = 'held' then v_reservation.amount_micro_usd else 0 end
        where id = any(v_reservation.accounts);
      update meshwright.reservation set
        state = case c->>'op' when 'settle' then 'settled' else 'released' end,
        settled_micro_usd = case c->>'op' when 'settle' then v_amount end
        where id = v_id;
    end case;
  end loop;
  return null;
end $$;
`;

const APPEND = `
create function meshwright.iso(p_at timestamptz) returns text language sql immutable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- What each unit of a batch may do as things stand. Only under the head lock is the answer still true afterwards.
create function meshwright.judge_units(p_unit uuid[], p_stream text[], p_expected bigint[], p_fence bigint[],
    p_claim_unit text[])
returns table (i bigint, verdict text, version bigint, fence bigint, claim_unit text, last_hash bytea, last_at timestamptz)
language sql stable as $$
  select u.i,
    case
      -- Not "exists": the planner may hash that, reading every event there is.
      when (select true from meshwright.event e where e.unit = u.unit limit 1) then 'duplicate'
      when u.fence <> coalesce(c.fence, 0) then 'fenced'
      when u.expected <> coalesce(s.version, 0) then 'conflict'
      else 'appended'
    end,
    coalesce(s.version, 0), coalesce(c.fence, 0), coalesce(s.claim_unit, u.claim_unit),
    coalesce(s.last_hash, decode(repeat('00', 32), 'hex')), s.last_at
  from unnest(p_unit, p_stream, p_expected, p_fence, p_claim_unit)
    with ordinality as u (unit, stream, expected, fence, claim_unit, i)
  left join meshwright.stream s on s.id = u.stream
  left join meshwright.claim_unit c on c.id = coalesce(s.claim_unit, u.claim_unit)
  order by u.i
$$;

-- One batch of units, at most one per stream; each commits whole, conflicts, is fenced or refused by itself.
-- Everything that takes more than one row lock (this, claims) takes the journal_head row first, so the writers of
-- all processes queue there: whatever is read after it stays true, and no two can wait for each other. Streams need
-- no lock of their own, only appends change them; account rows are locked in id order within a change.
-- One statement judges all units and one stores all events; between them only expressions run, which matters:
-- a dozen statements a unit would cost more than the commit.
create function meshwright.append_units(
  p_unit uuid[], p_project text[], p_stream text[], p_expected bigint[], p_fence bigint[], p_claim_unit text[],
  e_unit bigint[], e_index int[], e_actor text[], e_kind text[], e_schema int[],
  e_head text[], e_data text[], e_middle text[], e_tail text[], p_extras json)
returns table (o_i bigint, o_verdict text, o_version bigint, o_fence bigint, o_at text, o_position bigint, o_hashes text,
  o_refusal json)
language plpgsql as $$
declare
  v_position bigint;
  v_first bigint;
  v_now timestamptz;
  v_now_text text;
  v_hash bytea;
  v_at timestamptz;
  k int := 1;
  v_accepted bigint[] := '{}';
  v_new_units bigint[] := '{}';
  -- Parallel to the e_ arrays, null where the unit was not accepted.
  v_positions bigint[] := '{}';
  v_ats timestamptz[] := '{}';
  v_hashes bytea[] := '{}';
  -- Parallel to v_accepted.
  v_claim_units text[] := '{}';
  v_last_hashes bytea[] := '{}';
  v_last_ats timestamptz[] := '{}';
  v_last_versions bigint[] := '{}';
  r record;
begin
  select h.position into v_position from meshwright.journal_head h for update;
  v_first := v_position;
  v_now := date_trunc('milliseconds', clock_timestamp());
  v_now_text := meshwright.iso(v_now);

  for r in select * from meshwright.judge_units(p_unit, p_stream, p_expected, p_fence, p_claim_unit) loop
    o_i := r.i; o_verdict := r.verdict; o_version := r.version; o_fence := r.fence;
    o_at := null; o_position := null; o_hashes := null; o_refusal := null;
    if o_verdict = 'appended' and p_extras is not null then
      begin
        select meshwright.apply_ledger(p_project[o_i], p_stream[o_i], p_fence[o_i], x.changes) into o_refusal
          from json_to_recordset(p_extras->'ledger') as x (u bigint, changes json) where x.u = o_i;
        if o_refusal is not null then raise sqlstate 'MW001'; end if;
      exception when sqlstate 'MW001' then
        o_verdict := 'refused';
      end;
    end if;
    if o_verdict <> 'appended' then
      while e_unit[k] = o_i loop
        v_positions := v_positions || null::bigint;
        v_ats := v_ats || null::timestamptz;
        v_hashes := v_hashes || null::bytea;
        k := k + 1;
      end loop;
      return next;
      continue;
    end if;

    v_at := v_now;
    o_at := v_now_text;
    if r.last_at > v_now then
      v_at := r.last_at;
      o_at := meshwright.iso(v_at);
    end if;
    v_hash := r.last_hash;
    o_position := v_position + 1;
    o_hashes := '';
    while e_unit[k] = o_i loop
      v_position := v_position + 1;
      o_version := o_version + 1;
      v_hash := sha256(v_hash || convert_to(
        e_head[k] || o_at || '","data":' || e_data[k] || e_middle[k] || v_position || e_tail[k], 'UTF8'));
      o_hashes := o_hashes || encode(v_hash, 'hex');
      v_positions := v_positions || v_position;
      v_ats := v_ats || v_at;
      v_hashes := v_hashes || v_hash;
      k := k + 1;
    end loop;
    v_accepted := v_accepted || o_i;
    v_claim_units := v_claim_units || r.claim_unit;
    v_last_versions := v_last_versions || o_version;
    v_last_hashes := v_last_hashes || v_hash;
    v_last_ats := v_last_ats || v_at;
    if r.version = 0 then v_new_units := v_new_units || o_i; end if;
    return next;
  end loop;
  if v_position = v_first then return; end if;

  update meshwright.journal_head set position = v_position;
  insert into meshwright.event (position, stream, version, project, unit, at, kind, schema, actor, data, hash)
    select e.position, p_stream[e.unit], p_expected[e.unit] + e.index, p_project[e.unit], p_unit[e.unit], e.at, e.kind,
      e.schema, e.actor, e.data::json, e.hash
    from unnest(e_unit, e_index, e_actor, e_kind, e_schema, e_data, v_positions, v_ats, v_hashes)
      as e (unit, index, actor, kind, schema, data, position, at, hash)
    where e.position is not null;
  if v_new_units <> '{}' then
    insert into meshwright.stream (id, project, claim_unit, version, last_hash, last_at)
      select p_stream[a.i], p_project[a.i], a.claim_unit, 0, '', v_now
      from unnest(v_accepted, v_claim_units) as a (i, claim_unit) where a.i = any (v_new_units);
    insert into meshwright.claim_unit (id, project)
      select a.claim_unit, min(p_project[a.i])
      from unnest(v_accepted, v_claim_units) as a (i, claim_unit) where a.i = any (v_new_units)
      group by a.claim_unit order by a.claim_unit
      on conflict (id) do nothing;
  end if;
  update meshwright.stream s set version = a.version, last_hash = a.hash, last_at = a.at
    from unnest(v_accepted, v_last_versions, v_last_hashes, v_last_ats) as a (i, version, hash, at)
    where s.id = p_stream[a.i];
  if p_extras is not null then
    perform meshwright.append_extras(v_accepted, p_project, p_stream, p_extras);
  end if;
end $$;

-- Claim units before inbox rows, both in id order: the order in which post() takes them as well.
create function meshwright.append_extras(p_accepted bigint[], p_project text[], p_stream text[], p_extras json)
returns void language plpgsql as $$
begin
  with moved as (
    update meshwright.stream s set claim_unit = x.unit
    from json_to_recordset(p_extras->'transfers') as x (u bigint, unit text)
    where x.u = any(p_accepted) and s.id = p_stream[x.u]
  )
  insert into meshwright.claim_unit (id, project)
  select needed.id, min(needed.project) from (
    select x.unit as id, p_project[x.u] as project
    from json_to_recordset(p_extras->'transfers') as x (u bigint, unit text) where x.u = any(p_accepted)
    union all
    select x.stream, p_project[x.u]
    from json_to_recordset(p_extras->'posts') as x (u bigint, stream text) where x.u = any(p_accepted)
      and not exists (select from meshwright.stream s where s.id = x.stream)
  ) needed group by needed.id order by needed.id
  on conflict (id) do nothing;

  insert into meshwright.inbox (stream, id, kind, actor, data, at)
  select x.stream, x.id, x.kind, x.actor, x.data, clock_timestamp()
  from (select *, row_number() over () as n from
    json_to_recordset(p_extras->'posts') as p (u bigint, stream text, id text, kind text, actor text, data json)) as x
  where x.u = any(p_accepted) order by x.n
  on conflict (stream, id) do nothing;

  update meshwright.inbox b set is_consumed = true, data = null
  from json_to_recordset(p_extras->'consumes') as x (u bigint, id text)
  where x.u = any(p_accepted) and b.stream = p_stream[x.u] and b.id = x.id and not b.is_consumed;
end $$;
`;

const INBOX_AND_CLAIMS = `
create function meshwright.post(p_project text, p_stream text, p_id text, p_kind text, p_actor text, p_data json)
returns boolean language plpgsql as $$
begin
  insert into meshwright.claim_unit (id, project)
    select p_stream, p_project where not exists (select from meshwright.stream s where s.id = p_stream)
    on conflict (id) do nothing;
  insert into meshwright.inbox (stream, id, kind, actor, data, at)
    values (p_stream, p_id, p_kind, p_actor, p_data, clock_timestamp())
    on conflict (stream, id) do nothing;
  return found;
end $$;

-- A message for a stream that does not exist yet waits for the claim unit of the same name.
create view meshwright.waiting_message as
  select i.*, coalesce(s.claim_unit, i.stream) as claim_unit
  from meshwright.inbox i left join meshwright.stream s on s.id = i.stream
  where not i.is_consumed;

-- An expired lease is due by itself: its owner died, perhaps with its messages consumed and no wake_at.
create view meshwright.due_unit as
  select c.* from meshwright.claim_unit c
  where (c.owner is not null and c.lease_until < clock_timestamp())
    or (c.owner is null and (c.wake_at <= clock_timestamp()
      or c.id in (select w.claim_unit from meshwright.waiting_message w)));

-- The head lock makes a claim wait for appends in flight: none of an older fence commits after it. Fences are
-- counted over the whole journal, so a stream moved between units never meets an old fence of the same number.
create function meshwright.claim(p_unit text, p_project text, p_owner text, p_host text, p_lease_ms bigint)
returns table (unit text, project text, fence bigint) language plpgsql as $$
declare
  v_unit text;
begin
  if p_unit is null and not exists (
    select from meshwright.due_unit d where p_project is null or d.project = p_project) then return; end if;
  perform 1 from meshwright.journal_head for update;
  if p_unit is not null then
    if p_project is not null then
      insert into meshwright.claim_unit (id, project) values (p_unit, p_project) on conflict (id) do nothing;
    end if;
    select c.id into v_unit from meshwright.claim_unit c
      where c.id = p_unit and (p_project is null or c.project = p_project)
        and (c.owner is null or c.lease_until < clock_timestamp())
      for update;
  else
    select c.id into v_unit from meshwright.claim_unit c
      where c.id in (select d.id from meshwright.due_unit d where p_project is null or d.project = p_project)
        and (c.owner is null or c.lease_until < clock_timestamp())
      order by c.wake_at nulls first limit 1 for update skip locked;
  end if;
  if v_unit is null then return; end if;
  update meshwright.journal_head h set fence = h.fence + 1;
  return query
    update meshwright.claim_unit c set owner = p_owner, host = p_host, fence = h.fence,
      lease_until = clock_timestamp() + make_interval(secs => p_lease_ms / 1000.0)
    from meshwright.journal_head h where c.id = v_unit
    returning c.id, c.project, c.fence;
end $$;
`;

export const SCHEMA_1 = TABLES + LEDGER + APPEND + INBOX_AND_CLAIMS;
