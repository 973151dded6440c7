-- One scan. The keys are enums and a small integer, so that DuckDB groups by position, not by hash; the open
-- interval's end is tested against the one value that current rows have where the day is the last one.
select region, product, stage, count(*) as deals, coalesce(sum(amount_minor), 0) as amount_minor
from intervals
where outcome = 'open' and from_day <= date '{as_of}' and to_day > date '{as_of}'
group by region, product, stage
