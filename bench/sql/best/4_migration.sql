-- Each interval that covers a week's end follows another one: that is a move in the week of its first end. A deal
-- that stays in an open interval over further ends moves from its stage to itself: those are differences over weeks,
-- summed up. Only the moves need the neighbour, and only intervals that reach into the 26 weeks are looked at.
with
    held as (
        select
            deal,
            place,
            outcome,
            stage,
            amount_minor,
            from_day,
            greatest((from_day - date '{moves_first}' + 6) // 7, 0) as first_week,
            least((to_day - date '{moves_first}' + 6) // 7, {moves_weeks} + 1) as end_week
        from intervals
        where from_day <= date '{moves_last}' and to_day > date '{moves_first}'
    ),
    -- What a deal that began before the weeks and stays as it is does not need a neighbour for.
    kept as (select * from held where first_week < end_week),
    followed as (
        select
            *,
            lag(outcome) over by_place as old_outcome,
            lag(stage) over by_place as old_stage,
            lag(amount_minor) over by_place as old_minor
        from (
            select * from kept
            where first_week > 0 or (first_week = 0 and end_week <= {moves_weeks})
        )
        window by_place as (partition by deal order by place)
    ),
    moves as (
        select
            first_week as week,
            case when old_outcome is null then 'new' when old_outcome = 'open' then cast(old_stage as varchar)
                 else 'reopened' end as "from",
            case when outcome = 'open' then cast(stage as varchar) else cast(outcome as varchar) end as "to",
            count(*) as deals,
            coalesce(sum(old_minor) filter (old_outcome = 'open'), 0) as amount_from_minor,
            coalesce(sum(amount_minor), 0) as amount_to_minor
        from followed
        where first_week > 0
        group by first_week, old_outcome, old_stage, outcome, stage
    ),
    stays as (
        select stage, first_week as week, count(*) as deals, sum(amount_minor) as amount_minor
        from kept where outcome = 'open' and end_week - first_week > 1 group by stage, first_week
        union all
        select stage, end_week - 1, -count(*), -sum(amount_minor)
        from kept where outcome = 'open' and end_week - first_week > 1 group by stage, end_week
        union all
        select s, w, 0, 0 from range(6) s(s), range({moves_weeks}) w(w)
    ),
    steady as (
        select
            week + 1 as week,
            stage,
            sum(sum(deals)) over so_far as deals,
            coalesce(sum(sum(amount_minor)) over so_far, 0) as amount_minor
        from stays
        group by stage, week
        window so_far as (partition by stage order by week)
    ),
    together as (
        from moves
        union all
        select week, cast(stage as varchar), cast(stage as varchar), deals, amount_minor, amount_minor from steady
        where deals > 0 and week <= {moves_weeks}
    )
select
    date '{moves_first}' + cast(week as integer) * 7 as day,
    "from",
    "to",
    sum(deals) as deals,
    sum(amount_from_minor) as amount_from_minor,
    sum(amount_to_minor) as amount_to_minor
from together
group by all
