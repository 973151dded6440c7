//! How fast the tallies read: one core, a million deals of 4.3 changes in partitions of 8,192, as the warehouse
//! keeps them. Throughput is in changes (entries) a second.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::journal::HotSet;
use domain::{Day, Outcome, StageId};
use journey::{
    Bridge, Conversion, DealRow, Dwell, EntryRow, Events, Journeys, JourneysBuilder, Migration, MigrationSeries, Scan,
    Stock, Trend, WinRate, run,
};
use testkit::{By, Laid, Terms};

const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(3);
const DEALS: usize = 1_000_000;
const PARTITION: usize = 8_192;
const STAGES: u32 = 7;
const FIRST: Day = Day(19_723);

/// A generator of Marsaglia's (xorshift64): the same deals in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn small(value: u64) -> i32 {
    i32::try_from(value).expect("small")
}

/// A deal that climbs stage by stage over two years, and is won or lost, or not yet.
fn deal(dice: &mut Dice, builder: &mut JourneysBuilder, id: usize) {
    let region = small(dice.below(40)).unsigned_abs();
    let mut row = EntryRow {
        day: FIRST.plus(small(dice.below(700))),
        at: 0,
        known_day: FIRST,
        stage: StageId(1),
        outcome: Some(Outcome::Open),
        amount_minor: Some(i64::from(small(dice.below(10_000_000)))),
        currency: Some(domain::Currency::CNY.code()),
        owner: 1 + small(dice.below(7)).unsigned_abs(),
        team: 1,
        expected_close: Some(FIRST.plus(small(dice.below(900)))),
        probability_ppm: None,
        set: HotSet(1),
    };
    builder.entry(&row);
    for _ in 0..dice.below(7).min(5) + u64::from(dice.below(10) < 8) {
        row.day = row.day.plus(1 + small(dice.below(45)));
        match dice.below(10) {
            0 => row.outcome = Some(Outcome::Won),
            1 | 2 => row.outcome = Some(Outcome::Lost),
            3 => row.amount_minor = Some(i64::from(small(dice.below(10_000_000)))),
            _ => row.stage = StageId((row.stage.0 + 1).min(STAGES)),
        }
        builder.entry(&row);
        if row.outcome != Some(Outcome::Open) {
            break;
        }
    }
    let deal = i64::try_from(id).expect("small");
    builder.deal(&DealRow { deal, process: 1, region, ..DealRow::default() });
}

fn world() -> (Vec<Journeys>, u64) {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut entries = 0;
    let parts = (0..DEALS)
        .step_by(PARTITION)
        .map(|first| {
            let mut builder = JourneysBuilder::default();
            (first..(first + PARTITION).min(DEALS)).for_each(|id| deal(&mut dice, &mut builder, id));
            let part = builder.finish();
            entries += part.entries.day.len() as u64;
            part
        })
        .collect();
    (parts, entries)
}

fn lay(parts: &[Journeys], by: By) -> Vec<Laid> {
    let stages = (1..=STAGES).map(StageId).collect();
    let terms = Terms { by, ..Terms::all(stages, FIRST.plus(800)) };
    parts.iter().map(|part| terms.lay(part.clone())).collect()
}

fn kernels(criterion: &mut Criterion) {
    let (parts, entries) = world();
    let weeks = |count: i32| (0..count).map(|week| FIRST.plus(week * 7)).collect::<Vec<_>>();
    let (from, to) = (FIRST.plus(500), FIRST.plus(590));
    let mut group = criterion.benchmark_group("one core");
    group.throughput(Throughput::Elements(entries)).sample_size(10).warm_up_time(WARM_UP).measurement_time(MEASURED);
    for (by, word) in [(By::All, ""), (By::Region, " by region"), (By::RegionAndOwner, " by region and owner")] {
        let laid = lay(&parts, by);
        let mut bench = |name: &str, scan: &dyn Fn(&[Laid])| {
            group.bench_function(format!("{name}{word}"), |b| b.iter(|| scan(&laid)));
        };
        fn all<S: Scan>(scan: &S, laid: &[Laid]) {
            let mut cells = S::Cells::default();
            for laid in laid {
                scan.scan(&laid.view(), &mut cells);
            }
            std::hint::black_box(cells);
        }
        bench("stock", &|laid| all(&Stock::on(to), laid));
        bench("trend of 104 weeks", &|laid| all(&Trend::new(weeks(104)), laid));
        bench("migration", &|laid| all(&Migration { from, to }, laid));
        bench("migration of 26 weeks", &|laid| all(&MigrationSeries::new(weeks(105)[78..].to_vec()), laid));
        bench("bridge", &|laid| all(&Bridge { from, to, due: None, events: Events::Endpoints }, laid));
        bench("conversion", &|laid| all(&Conversion::between(from, to), laid));
        bench("dwell", &|laid| all(&Dwell { from, to }, laid));
        bench("win rate", &|laid| all(&WinRate::between(from, to), laid));
        bench("stock, trend and migration fused", &|laid| {
            all(&(Stock::on(to), Trend::new(weeks(104)), Migration { from, to }), laid);
        });
    }
    group.finish();

    let laid = lay(&parts, By::All);
    let views: Vec<_> = laid.iter().map(Laid::view).collect();
    let pool = rayon::ThreadPoolBuilder::new().build().expect("threads");
    let mut group = criterion.benchmark_group("every core");
    group.throughput(Throughput::Elements(entries)).sample_size(10).warm_up_time(WARM_UP).measurement_time(MEASURED);
    group.bench_function("stock, trend and migration fused", |b| {
        let scan = (Stock::on(to), Trend::new(weeks(104)), Migration { from, to });
        let runs: Vec<Vec<_>> = views.chunks(8).map(<[_]>::to_vec).collect();
        b.iter(|| {
            pool.install(|| run::merge_all(&scan, run::count_each(&scan, &runs, false, usize::MAX)?, usize::MAX))
        });
    });
    group.finish();
}

criterion_group!(benches, kernels);
criterion_main!(benches);
