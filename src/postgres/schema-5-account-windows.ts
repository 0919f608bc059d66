/** Migration 5: accounts that are opened by their first reservation, accounts that all projects share, thresholds that are told. */

// In place of the function of migration 1, which earlier workers go on calling through append_units: what they send means
// what it meant. The rules are those of src/journal/ledger-book.ts, line for line; the contract suite runs against both.
export const ACCOUNT_WINDOWS = `
create or replace function meshwright.apply_ledger(p_project text, p_stream text, p_fence bigint, p_changes json)
returns json language plpgsql as $$
declare
  c json;
  v_id text;
  v_amount bigint;
  v_accounts text[];
  v_full record;
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
    when 'ensure' then
      v_id := case when (c->>'isShared')::boolean then '@host' else p_project end;
      insert into meshwright.account (id, project, ceiling_micro_usd)
        values (c->>'account', v_id, (c->>'ceilingMicroUsd')::bigint) on conflict (id) do nothing;
      if not found and not exists (
        select from meshwright.account a where a.id = c->>'account' and a.project = v_id) then
        return meshwright.ledger_refusal('unknown_account', c->>'account', 0);
      end if;
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
      -- The first in the order named that is not there or has no room. A null ceiling compares as null: there is room.
      select n.id as wanted, a.* into v_full
        from unnest(v_accounts) with ordinality as n (id, i)
        left join meshwright.account a on a.id = n.id and a.project in (p_project, '@host')
        where a.id is null or a.spent_micro_usd + a.reserved_micro_usd + v_amount > a.ceiling_micro_usd
        order by n.i limit 1;
      if found then
        if v_full.id is null then return meshwright.ledger_refusal('unknown_account', v_full.wanted, v_amount); end if;
        return meshwright.ledger_refusal('over_ceiling', v_full.id, v_amount, v_full.ceiling_micro_usd,
          v_full.spent_micro_usd, v_full.reserved_micro_usd);
      end if;
      update meshwright.account set reserved_micro_usd = reserved_micro_usd + v_amount where id = any(v_accounts);
      insert into meshwright.reservation (id, project, accounts, amount_micro_usd, state, stream, fence)
        values (v_id, p_project, v_accounts, v_amount, 'held', p_stream, p_fence);
      perform meshwright.tell_thresholds(v_accounts, p_project, p_stream, c->'threshold');
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
      perform meshwright.tell_thresholds(v_reservation.accounts, p_project, p_stream, c->'threshold');
    end case;
  end loop;
  return null;
end $$;

-- A message per account that has reached the share; the inbox's key lets it through once per account and ceiling.
create function meshwright.tell_thresholds(p_accounts text[], p_project text, p_actor text, p_threshold json)
returns void language plpgsql as $$
begin
  if p_threshold is null then return; end if;
  insert into meshwright.inbox (stream, id, kind, actor, data, at)
    select p_threshold->>'stream', 'budget_threshold_exceeded/' || a.id || '/' || a.ceiling_micro_usd,
      'budget_threshold_exceeded', p_actor,
      json_build_object('account', a.id, 'ceilingMicroUsd', a.ceiling_micro_usd, 'spentMicroUsd', a.spent_micro_usd,
        'reservedMicroUsd', a.reserved_micro_usd, 'permille', (p_threshold->>'permille')::int),
      clock_timestamp()
    from meshwright.account a
    where a.id = any(p_accounts)
      and (a.spent_micro_usd + a.reserved_micro_usd) * 1000 >= a.ceiling_micro_usd * (p_threshold->>'permille')::int
    order by a.id
    on conflict (stream, id) do nothing;
  if found then
    insert into meshwright.claim_unit (id, project)
      select p_threshold->>'stream', p_project
      where not exists (select from meshwright.stream s where s.id = p_threshold->>'stream')
      on conflict (id) do nothing;
  end if;
end $$;
`;
