/** Migration 2: claims and posts that know a repeat of their own request, and claims that take from dead owners. */

// New overloads beside those of migration 1, which earlier workers on the same database go on calling. A claim by
// one of them leaves the last request's id in place; it can only be mistaken by a repeat with the same owner.
export const REQUESTS_OF_CLAIMS = `
alter table meshwright.claim_unit add column request uuid;
alter table meshwright.inbox add column request uuid;

create function meshwright.post(p_project text, p_stream text, p_id text, p_kind text, p_actor text, p_data json,
    p_request uuid)
returns boolean language plpgsql as $$
begin
  insert into meshwright.claim_unit (id, project)
    select p_stream, p_project where not exists (select from meshwright.stream s where s.id = p_stream)
    on conflict (id) do nothing;
  insert into meshwright.inbox (stream, id, kind, actor, data, at, request)
    values (p_stream, p_id, p_kind, p_actor, p_data, clock_timestamp(), p_request)
    on conflict (stream, id) do nothing;
  return found or exists (
    select from meshwright.inbox i where i.stream = p_stream and i.id = p_id and i.request = p_request);
end $$;

-- Whether a worker may have a unit at all: it drives the kind, and what is on a host's disk stays with that host.
create function meshwright.is_for(p_unit text, p_unit_host text, p_host text, p_kinds text[], p_bound_kinds text[])
returns boolean language sql immutable as $$
  select (p_kinds is null or split_part(p_unit, ':', 1) = any(p_kinds))
    and (p_unit_host is null or p_unit_host = p_host or not split_part(p_unit, ':', 1) = any(p_bound_kinds))
$$;

-- As the first claim(), and: what a void owner holds is free and due; a repeat gets what its request took already,
-- with a fresh lease, unless somebody took that from it.
create function meshwright.claim(p_unit text, p_project text, p_owner text, p_host text, p_lease_ms bigint,
    p_void_owners text[], p_kinds text[], p_bound_kinds text[], p_request uuid, p_is_repeat boolean)
returns table (unit text, project text, fence bigint) language plpgsql as $$
declare
  v_lease interval := make_interval(secs => p_lease_ms / 1000.0);
  v_unit text;
begin
  if p_is_repeat then
    return query update meshwright.claim_unit c set lease_until = clock_timestamp() + v_lease
      where c.request = p_request and c.owner = p_owner returning c.id, c.project, c.fence;
    if found then return; end if;
  end if;
  if p_unit is null
    and not exists (select from meshwright.due_unit d where (p_project is null or d.project = p_project)
      and meshwright.is_for(d.id, d.host, p_host, p_kinds, p_bound_kinds))
    and not exists (select from meshwright.claim_unit c
      where c.owner = any(p_void_owners) and (p_project is null or c.project = p_project)) then return; end if;
  perform 1 from meshwright.journal_head for update;
  if p_unit is not null then
    if p_project is not null then
      insert into meshwright.claim_unit (id, project) values (p_unit, p_project) on conflict (id) do nothing;
    end if;
    select c.id into v_unit from meshwright.claim_unit c
      where c.id = p_unit and (p_project is null or c.project = p_project)
        and meshwright.is_for(c.id, c.host, p_host, p_kinds, p_bound_kinds)
        and (c.owner is null or c.lease_until < clock_timestamp() or c.owner = any(p_void_owners))
      for update;
  else
    select c.id into v_unit from meshwright.claim_unit c
      where meshwright.is_for(c.id, c.host, p_host, p_kinds, p_bound_kinds)
        and ((c.owner = any(p_void_owners) and (p_project is null or c.project = p_project))
        or (c.id in (select d.id from meshwright.due_unit d where p_project is null or d.project = p_project)
          and (c.owner is null or c.lease_until < clock_timestamp())))
      order by c.wake_at nulls first limit 1 for update skip locked;
  end if;
  if v_unit is null then return; end if;
  update meshwright.journal_head h set fence = h.fence + 1;
  return query
    update meshwright.claim_unit c set owner = p_owner, host = p_host, fence = h.fence, request = p_request,
      lease_until = clock_timestamp() + v_lease
    from meshwright.journal_head h where c.id = v_unit
    returning c.id, c.project, c.fence;
end $$;
`;
