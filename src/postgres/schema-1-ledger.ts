/** Migration 1: how ledger changes move account and reservation rows, inside an append. */

// The rules are those of src/journal/ledger-book.ts, line for line; the contract suite runs against both.
export const LEDGER = `
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
