-- One scan; every condition is pushed into it.
select region, product, stage, count(*) as deals, coalesce(sum(amount_minor), 0) as amount_minor
from intervals
where outcome = 'open' and from_day <= date '{as_of}' and to_day > date '{as_of}'
  and channel = '{channel}' and amount_minor > {amount_minor}
group by region, product, stage
