//! Measures one large import: a million deals and their changes in one transaction, then the bulk read.
//!
//! `cargo run --release -p store --example append_speed -- sqlite:///tmp/speed.db 1000000`

#![allow(clippy::disallowed_methods, reason = "a program that measures is its own composition root")]

use std::time::Instant;

use domain::field::{Value, ids};
use domain::journal::{Facts, Op};
use domain::{Currency, Kind, Outcome, StageId};
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
    let at = domain::Instant((deal % 700 + step * 20) * DAY_MICROS);
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

/// Wall time and the process's own CPU time, which other programs on the machine do not distort.
struct Phase {
    start: Instant,
    cpu_seconds: f64,
}

impl Phase {
    fn begin() -> Self {
        Self { start: Instant::now(), cpu_seconds: cpu_seconds() }
    }

    fn end(&self, what: &str, count: usize) {
        let seconds = self.start.elapsed().as_secs_f64();
        let cpu = cpu_seconds() - self.cpu_seconds;
        let rate = count as f64 / seconds;
        println!("{what}: {count} in {seconds:.1} s ({rate:.0}/s), CPU {cpu:.1} s");
    }
}

/// User and system time of this process from `/proc`, at the usual 100 ticks a second; 0 where there is none.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or("").split(' ');
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "sqlite:///tmp/append_speed.db".to_owned());
    let deals: i64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let count = usize::try_from(deals).unwrap_or(0);
    let store = Store::open(&url, 1).await?;
    let mut writer = store.begin().await?;
    let base = writer.allocate(count);
    let phase = Phase::begin();
    let links = (0..deals).map(|deal| (format!("OPP-{:07}", deal * 7919 % deals), base + deal)).collect();
    writer.link_external("speed", Kind::Opportunity, links).await?;
    phase.end("external ids", count);
    let whole = Phase::begin();
    let mut batch = Vec::with_capacity(BATCH);
    let mut entries = 0;
    for step in 0..6 {
        for deal in 0..deals {
            if step > 0 && step < 5 && (deal * 31 + step) % 20 < 3 {
                continue;
            }
            batch.push(draft(deal, step, base));
            entries += 1;
            if batch.len() == BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                writer.append(full, domain::Instant(0)).await?;
            }
        }
    }
    writer.append(batch, domain::Instant(0)).await?;
    whole.end("append", entries);
    let phase = Phase::begin();
    let head = writer.commit().await?;
    phase.end("projection and commit", count);
    whole.end("append to commit", entries);
    let phase = Phase::begin();
    let mut bytes = 0;
    let kinds = [Kind::Opportunity];
    store.for_each_entry(&kinds, 0, head, |entries| bytes += std::mem::size_of_val(entries.as_slice())).await?;
    phase.end("read entries", entries);
    let phase = Phase::begin();
    let ids = store.external_ids_of(Kind::Opportunity).await?.len();
    phase.end("read external ids", ids);
    let phase = Phase::begin();
    let mut seen = 0;
    store.for_each_record(Kind::Opportunity, |page| seen += page.len()).await?;
    phase.end("read records", seen);
    let sound = store.check().await?.is_sound();
    println!("{bytes} bytes of entries; the journal is {}", if sound { "sound" } else { "damaged" });
    store.close().await
}
