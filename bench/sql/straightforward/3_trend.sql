-- Open deals by stage at the end of each of 104 weeks.
with weeks as (
    select cast(unnest(generate_series(date '{trend_first}', date '{trend_last}', interval 7 days)) as date) as day
)
select w.day, i.stage, count(*) as deals, coalesce(sum(i.amount_minor), 0) as amount_minor
from weeks w
join intervals i on i.from_day <= w.day and i.to_day > w.day
where i.outcome = 'open'
group by all
