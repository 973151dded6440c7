-- One hash aggregate over the deals and no window: place, day and slot of an entry are packed into one integer, so that
-- its minimum over the entries that reached a stage names the first of them. Then one row a stage that was reached.
with
    entries as (
        select
            deal,
            product,
            outcome,
            to_day,
            case outcome when 'open' then stage when 'won' then 6 end as slot,
            (cast(place as bigint) << 32) + (cast(from_day - date '2000-01-01' as bigint) << 3)
                + case outcome when 'open' then stage else 6 end as packed
        from intervals
        where from_day <= date '{as_of}' and (outcome <> 'lost' or to_day > date '{as_of}')
    ),
    deals as (
        select
            any_value(product) as product,
            max(slot) as farthest,
            max(outcome) filter (to_day > date '{as_of}') as standing,
            [
                min(packed) filter (slot >= 0),
                min(packed) filter (slot >= 1),
                min(packed) filter (slot >= 2),
                min(packed) filter (slot >= 3),
                min(packed) filter (slot >= 4),
                min(packed) filter (slot >= 5)
            ] as firsts
        from entries
        group by deal
    ),
    reached as (
        select product, farthest, standing, unnest([0, 1, 2, 3, 4, 5]) as stage, unnest(firsts) as packed
        from deals
    ),
    dated as (
        select
            *,
            packed & 7 as slot,
            packed >> 32 as place,
            date '2000-01-01' + cast((packed >> 3) & 536870911 as integer) as from_day
        from reached
        where packed is not null
    )
select
    product,
    cast(date_trunc('quarter', from_day) as date) as quarter,
    cast(stage as utinyint) as stage,
    count(*) filter (slot = stage) as entered,
    count(*) filter (slot > stage) as skipped,
    count(*) filter (farthest > stage) as forward,
    count(*) filter (farthest = stage and standing = 'lost') as lost,
    count(*) filter (farthest = stage and standing = 'open') as pending
from dated
where from_day between date '{cohorts_from}' and date '{cohorts_to}' and (place > 1 or slot = stage)
group by all
