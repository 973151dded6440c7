-- Islands: the place of an interval less its number among those of the same stage is the same all through a visit, so
-- one window and one hash aggregate find the visits. The statics of a deal are looked at once a visit.
with
    islands as (
        select deal, region, product, stage, outcome, from_day, to_day,
            place - row_number() over (partition by deal, stage, outcome order by place) as island
        from intervals where outcome = 'open'
    ),
    visits as (
        select any_value(region) as region, any_value(product) as product, stage, max(to_day) as to_day, max(to_day) - min(from_day) as days
        from islands
        group by deal, stage, island
    )
select region, product, stage, count(*) as visits, quantile_disc(days, 0.5) as median_days
from visits where to_day <= date '{as_of}'
group by region, product, stage
