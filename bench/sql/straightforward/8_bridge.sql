-- What made the pipeline due in a quarter at its beginning into that at its end. Members are open deals expected to
-- close in the quarter; a deal that nobody says when it closes is due later.
with
    before as (
        select *,
            case when expected_close < date '{due_from}' then -1
                 when expected_close between date '{due_from}' and date '{due_to}' then 0 else 1 end as due
        from intervals
        where from_day <= date '{bridge_from}' and to_day > date '{bridge_from}'
    ),
    after as (
        select *,
            case when expected_close < date '{due_from}' then -1
                 when expected_close between date '{due_from}' and date '{due_to}' then 0 else 1 end as due
        from intervals
        where from_day <= date '{bridge_to}' and to_day > date '{bridge_to}'
    ),
    both_ends as (
        select
            b.deal is not null as existed,
            b.outcome as old_outcome,
            b.due as old_due,
            coalesce(b.outcome = 'open' and b.due = 0, false) as was,
            coalesce(b.amount_minor, 0) as old_minor,
            a.outcome,
            a.due,
            a.outcome = 'open' and a.due = 0 as is_now,
            coalesce(a.amount_minor, 0) as new_minor
        from after a
        left join before b using (deal)
    ),
    lines as (
        select 'begin' as line, old_minor as amount_minor from both_ends where was
        union all
        select 'end', new_minor from both_ends where is_now
        union all
        select case when new_minor > old_minor then 'grown' else 'shrunk' end, abs(new_minor - old_minor)
        from both_ends where was and is_now and new_minor <> old_minor
        union all
        select
            case when outcome = 'won' then 'won' when outcome = 'lost' then 'lost'
                 when due > 0 then 'pushed_out' else 'pulled_out' end,
            old_minor
        from both_ends where was and not is_now
        union all
        select 'won_revaluation', new_minor - old_minor
        from both_ends where was and outcome = 'won' and new_minor <> old_minor
        union all
        select
            case when not existed then 'new' when old_outcome <> 'open' then 'reopened'
                 when old_due < 0 then 'pushed_in' else 'pulled_in' end,
            new_minor
        from both_ends where not was and is_now
        union all
        select case when outcome = 'won' then 'created_won' else 'created_lost' end, new_minor
        from both_ends where not existed and outcome <> 'open'
    )
select line, count(*) as deals, sum(amount_minor) as amount_minor
from lines
group by line
