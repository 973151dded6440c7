-- Deals won and lost in a year, by the owner at the close.
select
    owner,
    count(*) filter (outcome = 'won') as won,
    coalesce(sum(amount_minor) filter (outcome = 'won'), 0) as won_amount_minor,
    count(*) filter (outcome = 'lost') as lost,
    coalesce(sum(amount_minor) filter (outcome = 'lost'), 0) as lost_amount_minor
from intervals
where outcome in ('won', 'lost') and to_day > date '{as_of}'
  and from_day between date '{year_from}' and date '{year_to}'
group by owner
