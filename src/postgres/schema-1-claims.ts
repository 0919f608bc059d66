/** Migration 1: posting to inboxes, what is due, and claiming it. */

export const INBOX_AND_CLAIMS = `
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
