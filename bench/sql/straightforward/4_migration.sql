-- From which stage to which, week by week over 26 weeks. Deals closed at both ends of a week count only where they
-- were opened (created or opened again) and closed within it.
with
    ends as (
        select cast(unnest(generate_series(date '{moves_first}', date '{moves_last}', interval 7 days)) as date) as day
    ),
    stood as (
        select e.day, i.*
        from ends e
        join intervals i on i.from_day <= e.day and i.to_day > e.day
    )
select
    a.day,
    case when b.deal is null then 'new' when b.outcome = 'open' then cast(b.stage as varchar) else 'reopened' end
        as "from",
    case when a.outcome = 'open' then cast(a.stage as varchar) else cast(a.outcome as varchar) end as "to",
    count(*) as deals,
    coalesce(sum(b.amount_minor) filter (b.outcome = 'open'), 0) as amount_from_minor,
    coalesce(sum(a.amount_minor), 0) as amount_to_minor
from stood a
left join stood b on b.deal = a.deal and b.day = a.day - 7
where a.day > date '{moves_first}'
  and (a.outcome = 'open' or b.outcome = 'open' or a.from_day > a.day - 7)
group by all
