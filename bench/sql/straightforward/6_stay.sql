-- Median days of the visits to a stage that are over, by region and product. A visit goes on while the stage does,
-- whatever else changes; a deal that comes back begins another.
with
    marked as (
        select *, coalesce(stage <> lag(stage) over by_place or outcome <> lag(outcome) over by_place, true) as begins
        from intervals
        window by_place as (partition by deal order by place)
    ),
    numbered as (
        select *, sum(cast(begins as integer)) over (partition by deal order by place) as visit
        from marked
    ),
    visits as (
        select region, product, stage, min(from_day) as from_day, max(to_day) as to_day
        from numbered
        where outcome = 'open'
        group by deal, visit, region, product, stage
    )
select region, product, stage, count(*) as visits, quantile_disc(to_day - from_day, 0.5) as median_days
from visits
where to_day <= date '{as_of}'
group by all
