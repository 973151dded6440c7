-- Open deals at the end of a day, by region, product and stage.
select region, product, stage, count(*) as deals, coalesce(sum(amount_minor), 0) as amount_minor
from intervals
where outcome = 'open' and from_day <= date '{as_of}' and to_day > date '{as_of}'
group by all
