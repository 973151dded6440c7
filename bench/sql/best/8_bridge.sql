-- A deal whose interval covers both ends is told by one scan: it did not change. Only deals with an interval that ends
-- or begins between the two days are joined.
with
    dued as (
        select
            deal,
            outcome,
            case when expected_close < date '{due_from}' then -1
                 when expected_close <= date '{due_to}' then 0 else 1 end as due,
            coalesce(amount_minor, 0) as amount_minor,
            from_day <= date '{bridge_from}' as at_begin,
            to_day > date '{bridge_to}' as at_end
        from intervals
        where from_day <= date '{bridge_to}' and to_day > date '{bridge_from}'
          and ((from_day <= date '{bridge_from}') or (to_day > date '{bridge_to}'))
    ),
    stayed as (
        select count(*) as deals, sum(amount_minor) as amount_minor
        from dued
        where at_begin and at_end and outcome = 'open' and due = 0
    ),
    changed as (
        select
            b.outcome as old_outcome,
            b.due as old_due,
            coalesce(b.outcome = 'open' and b.due = 0, false) as was,
            b.amount_minor as old_minor,
            a.outcome,
            a.due,
            a.outcome = 'open' and a.due = 0 as is_now,
            a.amount_minor as new_minor
        from (from dued where at_end and not at_begin) a
        left join (from dued where at_begin and not at_end) b using (deal)
    ),
    named as (
        select
            was,
            is_now,
            outcome = 'won' and was and new_minor <> old_minor as revalued,
            case
                when was and is_now then
                    case when new_minor > old_minor then 'grown' when new_minor < old_minor then 'shrunk' end
                when was then
                    case when outcome <> 'open' then cast(outcome as varchar)
                         when due > 0 then 'pushed_out' else 'pulled_out' end
                when is_now then
                    case when old_outcome is null then 'new' when old_outcome <> 'open' then 'reopened'
                         when old_due < 0 then 'pushed_in' else 'pulled_in' end
                when old_outcome is null and outcome = 'won' then 'created_won'
                when old_outcome is null and outcome = 'lost' then 'created_lost'
            end as line,
            old_minor,
            new_minor
        from changed
    ),
    summed as (
        select was, is_now, revalued, line, count(*) as deals, sum(old_minor) as old_minor, sum(new_minor) as new_minor
        from named
        group by all
    ),
    lines as (
        select 'begin' as line, deals, amount_minor from stayed
        union all
        select 'end', deals, amount_minor from stayed
        union all
        select 'begin', deals, old_minor from summed where was
        union all
        select 'end', deals, new_minor from summed where is_now
        union all
        select
            line,
            deals,
            case when was and is_now then abs(new_minor - old_minor) when was then old_minor else new_minor end
        from summed where line is not null
        union all
        select 'won_revaluation', deals, new_minor - old_minor from summed where revalued
    )
select line, sum(deals) as deals, sum(amount_minor) as amount_minor
from lines
group by line
