//! Measures one large import: a million deals and their changes in one transaction, then the bulk read.
//!
//! `cargo run --release -p store --example append_speed -- sqlite:///tmp/speed.db 1000000`

use std::time::Instant as Clock;

use domain::field::{Value, ids};
use domain::journal::{Facts, Op};
use domain::{Currency, Instant, Kind, Outcome, StageId};
use store::{Draft, Store, StoreError};

const DAY_MICROS: i64 = 86_400_000_000;
const BATCH: usize = 100_000;

/// Deals by number: their creation, and 4.3 changes on average, in the order of time.
fn draft(deal: i64, step: i64, base: i64) -> Draft {
    let mut facts = Facts::default().stage(StageId(u32::try_from(step + 1).unwrap_or(1)));
    if step == 0 {
        facts = facts
            .outcome(Outcome::Open)
            .amount_minor(Some(deal * 7 % 9_000_000))
            .currency(Some(Currency::CNY))
            .owner(Some(deal % 200 + 1))
            .with(ids::OPPORTUNITY_NAME, Value::Text(format!("Deal {deal}").into()))
            .with(ids::OPPORTUNITY_PROCESS, Value::Int(1))
            .with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(deal % 5_000 + 1))
            .with(ids::OPPORTUNITY_PRODUCT, Value::Ref(deal % 40 + 1))
            .with(ids::OPPORTUNITY_REGION, Value::Ref(deal % 7 + 1));
    } else if step == 5 {
        facts = facts.outcome(Outcome::Won);
    }
    let at = Instant((deal % 700 + step * 20) * DAY_MICROS);
    Draft {
        kind: Kind::Opportunity,
        record: base + deal,
        effective_at: at,
        known_at: at,
        source_seq: step,
        import: Some(1),
        actor: 0,
        op: Op::Assert(facts),
    }
}

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "sqlite:///tmp/append_speed.db".to_owned());
    let deals: i64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let store = Store::open(&url, 1).await?;
    let start = Clock::now();
    let mut writer = store.begin().await?;
    let base = writer.allocate(usize::try_from(deals).unwrap_or(0));
    let links = (0..deals).map(|deal| (format!("OPP-{:07}", deal * 7919 % deals), base + deal)).collect();
    writer.link_external("speed", Kind::Opportunity, links).await?;
    println!("{deals} external ids: {:.1} s", start.elapsed().as_secs_f64());
    let mut count = 0_usize;
    let mut batch = Vec::with_capacity(BATCH);
    let appending = Clock::now();
    for step in 0..6 {
        for deal in 0..deals {
            if step > 0 && step < 5 && (deal * 31 + step) % 20 < 3 {
                continue;
            }
            batch.push(draft(deal, step, base));
            if batch.len() == BATCH {
                count += batch.len();
                writer.append(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)), Instant(0)).await?;
            }
        }
    }
    count += batch.len();
    writer.append(batch, Instant(0)).await?;
    println!("{count} entries: {:.1} s", appending.elapsed().as_secs_f64());
    let committing = Clock::now();
    let head = writer.commit().await?;
    println!("projection and commit: {:.1} s", committing.elapsed().as_secs_f64());
    let seconds = appending.elapsed().as_secs_f64();
    println!("append to commit: {:.0} entries/s", f64::from(u32::try_from(count).unwrap_or(0)) / seconds);
    let reading = Clock::now();
    let mut bytes = 0_usize;
    let read = store
        .for_each_entry(&[Kind::Opportunity], 0, head, |entries| bytes += std::mem::size_of_val(entries.as_slice()))
        .await?;
    let seconds = reading.elapsed().as_secs_f64();
    println!("read {read} entries, {bytes} bytes: {seconds:.1} s");
    let reading = Clock::now();
    let mut seen = 0;
    store.for_each_record(Kind::Opportunity, |page| seen += page.len()).await?;
    println!("read {seen} records: {:.1} s", reading.elapsed().as_secs_f64());
    let undoing = Clock::now();
    let sound = store.check().await?.is_sound();
    println!("sound: {sound}, checked in {:.1} s", undoing.elapsed().as_secs_f64());
    store.close().await
}
