-- Differences at the ends of intervals, summed up over the weeks: an interval is added at the first week's end that
-- it covers and taken away at the first that it does not. No row is made per week.
with
    held as (
        select
            stage,
            amount_minor,
            greatest((from_day - date '{trend_first}' + 6) // 7, 0) as first_week,
            least((to_day - date '{trend_first}' + 6) // 7, {trend_weeks}) as end_week
        from intervals
        where outcome = 'open' and from_day <= date '{trend_last}' and to_day > date '{trend_first}'
    ),
    begun as (
        select stage, first_week as week, count(*) as deals, sum(amount_minor) as amount_minor
        from held where first_week < end_week group by stage, week
    ),
    ended as (
        select stage, end_week as week, -count(*) as deals, -sum(amount_minor) as amount_minor
        from held where first_week < end_week group by stage, week
    ),
    changes as (
        select stage, week, sum(deals) as deals, sum(amount_minor) as amount_minor
        from (from begun union all from ended union all select s, w, 0, 0 from range(6) s(s), range({trend_weeks}) w(w))
        group by stage, week
    ),
    stocks as (
        select
            date '{trend_first}' + cast(week as integer) * 7 as day,
            stage,
            week,
            sum(deals) over so_far as deals,
            coalesce(sum(amount_minor) over so_far, 0) as amount_minor
        from changes
        window so_far as (partition by stage order by week)
    )
select day, stage, deals, amount_minor from stocks where week < {trend_weeks} and deals > 0
