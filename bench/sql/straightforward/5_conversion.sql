-- Of the deals that reached a stage in a quarter, by product: how many came into it or jumped over it, went on to a
-- later stage or the win, were lost, or are on the way. A deal created beyond a stage never reached it.
with
    steps as (
        select *, case outcome when 'open' then stage when 'won' then 6 end as slot
        from intervals
        where from_day <= date '{as_of}'
    ),
    deals as (
        select deal, max(slot) as farthest, max_by(outcome, place) as outcome
        from steps
        group by deal
    ),
    reached as (
        select s.deal, s.product, g.stage, min(s.place) as place
        from steps s
        join range(6) g(stage) on s.slot >= g.stage
        group by all
    )
select
    r.product,
    cast(date_trunc('quarter', s.from_day) as date) as quarter,
    cast(r.stage as utinyint) as stage,
    count(*) filter (s.slot = r.stage) as entered,
    count(*) filter (s.slot > r.stage) as skipped,
    count(*) filter (d.farthest > r.stage) as forward,
    count(*) filter (d.farthest = r.stage and d.outcome = 'lost') as lost,
    count(*) filter (d.farthest = r.stage and d.outcome = 'open') as pending
from reached r
join steps s on s.deal = r.deal and s.place = r.place
join deals d on d.deal = r.deal
where s.from_day between date '{cohorts_from}' and date '{cohorts_to}'
  and (s.place > 1 or s.slot = r.stage)
group by all
