/** Migration 1: the append of a batch of units, in one call and one transaction. */

export const APPEND = `
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
