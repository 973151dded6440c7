-- The interval table: one row for each state of a deal, from the day it began to the day the next one did. Both sets of
-- queries read it. Dimensions are enums, DuckDB's own dictionary codes; days are dates; the rows lie deal by deal.
-- An interval that is empty (`from_day = to_day`) was over on the day it began.
create type stage_t as enum ('lead', 'contact', 'needs', 'solution', 'proof', 'decision');
create type outcome_t as enum ('open', 'won', 'lost');
create type region_t as enum (select distinct region from read_parquet('{data}/deals.parquet') order by region);
create type product_t as enum (select distinct product from read_parquet('{data}/deals.parquet') order by product);
create type industry_t as enum (select distinct industry from read_parquet('{data}/deals.parquet') order by industry);
create type channel_t as enum (select distinct channel from read_parquet('{data}/deals.parquet') order by channel);
create type owner_t as enum (
    select distinct owner from read_parquet('{data}/changes.parquet') where owner is not null order by owner
);

create table intervals as
with
    numbered as (
        select *, file_row_number as nth
        from read_parquet('{data}/changes.parquet', file_row_number = true)
    ),
    filled as (
        select
            deal_id,
            changed_at,
            nth,
            last_value(stage ignore nulls) over by_time as stage,
            last_value(outcome ignore nulls) over by_time as outcome,
            last_value(amount ignore nulls) over by_time as amount,
            last_value(owner ignore nulls) over by_time as owner,
            last_value(expected_close_on ignore nulls) over by_time as expected_close,
            lead(cast(changed_at as date)) over (partition by deal_id order by changed_at, nth) as next_day,
            row_number() over by_time as place
        from numbered
        window by_time as (
            partition by deal_id order by changed_at, nth rows between unbounded preceding and current row
        )
    )
select
    cast(substr(f.deal_id, 2) as integer) as deal,
    cast(f.place as usmallint) as place,
    cast(f.changed_at as date) as from_day,
    coalesce(f.next_day, date '9999-12-31') as to_day,
    cast(enum_code(cast(f.stage as stage_t)) as utinyint) as stage,
    cast(f.outcome as outcome_t) as outcome,
    cast(f.amount * 100 as bigint) as amount_minor,
    cast(f.owner as owner_t) as owner,
    f.expected_close,
    cast(d.region as region_t) as region,
    cast(d.product as product_t) as product,
    cast(d.industry as industry_t) as industry,
    cast(d.channel as channel_t) as channel
from filled f
join read_parquet('{data}/deals.parquet') d using (deal_id)
order by deal, place;
