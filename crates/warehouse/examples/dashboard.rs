//! The eight questions of a dashboard, asked of a resident warehouse again and again, for bench/run.py.
//!
//! usage: dashboard DATABASE_URL CHECKPOINT_DIR < terms.json
//!
//! Opens the database, prints how long that took, then asks each question `runs` times. Nothing is remembered
//! between questions: each counts every deal. Where the warehouse had to be rebuilt from the journal, its
//! checkpoint is written and no question asked, so that the next call opens from it. The output is JSON: times in
//! milliseconds, memory in KiB, rows as texts under the names of their columns.

use std::error::Error;
use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use arrow::util::display::array_value_to_string;
use domain::Day;
use journey::{
    Bridge, Cause, Conversion, Destination, Dwell, Events, Goal, Line, MigrationSeries, Origin, Periods, Reach, Spells,
    Stock, Tally, Trend, Visit, WinRate,
};
use serde_json::{Map, Value, json};
use store::Store;
use warehouse::{Keys, Opened, Question, Reply, Settings, Warehouse};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is asked, as bench/run.py writes it; the SQL beside takes the same.
struct Terms(Value);

impl Terms {
    fn text(&self, name: &str) -> Result<&str> {
        Ok(self.0[name].as_str().ok_or_else(|| format!("the terms lack the text `{name}`"))?)
    }

    fn number(&self, name: &str) -> Result<u64> {
        Ok(self.0[name].as_u64().ok_or_else(|| format!("the terms lack the number `{name}`"))?)
    }

    fn day(&self, name: &str) -> Result<Day> {
        let text = self.text(name)?;
        Ok(Day::parse(text).ok_or_else(|| format!("`{name}`: `{text}` is no date"))?)
    }

    fn days(&self, name: &str) -> Result<Vec<Day>> {
        let days = self.0[name].as_array().ok_or_else(|| format!("the terms lack the list `{name}`"))?;
        let days = days.iter().map(|day| day.as_str().and_then(Day::parse));
        Ok(days.collect::<Option<Vec<Day>>>().ok_or_else(|| format!("`{name}` holds what is no date"))?)
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is where time is measured")]
fn now() -> Instant {
    Instant::now()
}

fn millis_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

/// A line of /proc/self/status in KiB; absent where there is none.
fn memory_kib(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let found = status.lines().find_map(|text| text.strip_prefix(line))?;
    found.trim_start_matches(':').trim().split(' ').next()?.parse().ok()
}

/// The answer as rows: the words of the group, then the columns. Slots are told by their stage's key.
fn rows<T: Tally>(reply: &Reply<T>, by: &[String], words: Vec<Vec<Option<String>>>) -> Result<Vec<Value>> {
    let batch: &RecordBatch = &reply.batch;
    let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = Vec::with_capacity(batch.num_rows());
    for (at, words) in words.into_iter().enumerate() {
        let mut row: Map<String, Value> = by.iter().cloned().zip(words.into_iter().map(|word| json!(word))).collect();
        for (name, column) in names.iter().zip(batch.columns()) {
            let text = array_value_to_string(column, at)?;
            match name.as_str() {
                "group" => {}
                "slot" => {
                    let stage = reply.stages.get(text.parse::<usize>()?).and_then(Option::as_ref);
                    row.insert("stage".to_owned(), json!(stage.map(|stage| stage.key.as_str())));
                }
                "from" | "to" => {
                    let code: u16 = text.parse()?;
                    let word = match reply.stages.get(usize::from(code)) {
                        Some(stage) => stage.as_ref().map(|stage| stage.key.as_str()),
                        None if name == "from" => Origin::from_code(code).map(Origin::as_str),
                        None => Destination::from_code(code).map(Destination::as_str),
                    };
                    row.insert(name.clone(), json!(word));
                }
                "line" => {
                    row.insert(name.clone(), json!(Line::from_code(text.parse()?).map(Line::as_str)));
                }
                _ => {
                    row.insert(name.clone(), json!(text));
                }
            }
        }
        rows.push(row.into());
    }
    Ok(rows)
}

/// The words of each row's group.
fn words(groups: impl Iterator<Item = u64>, keys: &Keys) -> Vec<Vec<Option<String>>> {
    groups.map(|group| keys.labels(group)).collect()
}

/// Visits that are over: group, slot, how many, the lower median of their days.
type Median = (u64, u32, i64, u32);

/// Spells come by length: watch begins before the first deal, so that all of them enter at age 0.
fn medians(cells: &Spells) -> Vec<Median> {
    let mut medians = Vec::new();
    cells.each_place(|group, slot, spells| {
        let over = || spells.iter().filter(|(spell, _)| spell.cause != Cause::Censored);
        let visits: i64 = over().map(|(_, visits)| visits).sum();
        let mut before = 0;
        let median = over().find(|(_, of_length)| {
            before += of_length;
            before * 2 >= visits
        });
        if let Some((spell, _)) = median {
            medians.push((group, slot, visits, spell.exit_days));
        }
    });
    medians
}

/// Asks for the median stay again and again: the counts are wanted, not the rows of all lengths.
async fn ask_stay(warehouse: &Warehouse, runs: u64, question: &Question, tally: &Dwell) -> Result<Value> {
    let (mut millis, mut last): (Vec<f64>, Vec<Value>) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let begun = now();
        let counted = warehouse.count(question, tally).await?;
        let medians = medians(&counted.cells);
        let words = words(medians.iter().map(|median| median.0), &counted.keys);
        millis.push(millis_since(begun));
        let rows = medians.into_iter().zip(words).map(|((_, slot, visits, days), words)| {
            let by = question.by.iter().cloned().zip(words.into_iter().map(|word| json!(word)));
            let mut row: Map<String, Value> = by.collect();
            let stage = counted.stages.get(slot as usize).and_then(Option::as_ref);
            row.insert("stage".to_owned(), json!(stage.map(|stage| stage.key.as_str())));
            row.insert("visits".to_owned(), json!(visits.to_string()));
            row.insert("median_days".to_owned(), json!(days.to_string()));
            row.into()
        });
        last = rows.collect();
    }
    Ok(json!({"question": "6_stay", "millis": millis, "rows": last}))
}

/// Asks one question again and again, to the columns of its answer and the words of its groups.
async fn ask<T: Tally>(warehouse: &Warehouse, runs: u64, name: &str, question: &Question, tally: &T) -> Result<Value> {
    let (mut millis, mut last) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let begun = now();
        let reply = warehouse.ask(question, tally).await?;
        let groups = reply.batch.column(0).as_primitive::<UInt64Type>().values();
        let words = words(groups.iter().copied(), &reply.keys);
        millis.push(millis_since(begun));
        last = rows(&reply, &question.by, words)?;
    }
    Ok(json!({"question": name, "millis": millis, "rows": last}))
}

fn by(dimensions: &[&str]) -> Vec<String> {
    dimensions.iter().map(|dimension| (*dimension).to_owned()).collect()
}

async fn eight(warehouse: &Warehouse, terms: &Terms) -> Result<Vec<Value>> {
    let runs = terms.number("runs")?;
    let as_of = terms.day("as_of")?;
    let plain = Question::everything(as_of);
    let grouped = |dimensions: &[&str]| Question { by: by(dimensions), ..plain.clone() };
    let two = grouped(&["region", "product"]);
    let filtered = Question { filter: Some(terms.text("filter")?.to_owned()), ..two.clone() };
    let stock = Stock::on(as_of);
    let trend = Trend::new(terms.days("trend_ends")?);
    let moves = MigrationSeries::new(terms.days("moves_ends")?);
    let conversion = Conversion {
        periods: Periods::new(terms.day("cohorts_from")?, terms.days("cohort_ends")?),
        goal: Goal::Next,
        reach: Reach::OrBeyond,
        visit: Visit::First,
    };
    let dwell = Dwell { from: terms.day("first_day")?, to: as_of };
    let year = (terms.day("year_from")?, terms.day("year_to")?);
    let win_rate = WinRate::between(year.0, year.1);
    let bridge = Bridge {
        from: terms.day("bridge_from")?,
        to: terms.day("bridge_to")?,
        due: Some((terms.day("due_from")?, terms.day("due_to")?)),
        events: Events::Endpoints,
    };
    Ok(vec![
        ask(warehouse, runs, "1_stock", &two, &stock).await?,
        ask(warehouse, runs, "2_stock_filtered", &filtered, &stock).await?,
        ask(warehouse, runs, "3_trend", &plain, &trend).await?,
        ask(warehouse, runs, "4_migration", &plain, &moves).await?,
        ask(warehouse, runs, "5_conversion", &grouped(&["product"]), &conversion).await?,
        ask_stay(warehouse, runs, &two, &dwell).await?,
        ask(warehouse, runs, "7_win_rate", &grouped(&["owner"]), &win_rate).await?,
        ask(warehouse, runs, "8_bridge", &plain, &bridge).await?,
    ])
}

async fn run(url: &str, dir: PathBuf, terms: &Terms) -> Result<Value> {
    let store = Store::open(url, 0).await?;
    let threads = usize::try_from(terms.number("threads")?)?;
    let settings = Settings { threads, remember_bytes: 0, ..Settings::default() };
    let begun = now();
    let (warehouse, opened) = Warehouse::open_with(store, dir, settings).await?;
    let open_millis = millis_since(begun);
    let resident_kib = memory_kib("VmRSS");
    let mut told = json!({
        "opened": opened.to_string(),
        "from_checkpoint": matches!(opened, Opened::Checkpoint { .. }),
        "open_millis": open_millis,
        "deals": warehouse.snapshot().deals(),
        "columns_bytes": warehouse.snapshot().bytes(),
        "resident_open_kib": resident_kib,
    });
    if matches!(opened, Opened::Rebuilt { .. }) {
        let begun = now();
        warehouse.checkpoint().await?;
        told["checkpoint_millis"] = json!(millis_since(begun));
    } else {
        told["questions"] = eight(&warehouse, terms).await?.into();
        told["resident_asked_kib"] = json!(memory_kib("VmRSS"));
    }
    told["resident_peak_kib"] = json!(memory_kib("VmHWM"));
    Ok(told)
}

#[expect(clippy::disallowed_methods, reason = "the composition root of an example")]
fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, dir] = arguments.as_slice() else {
        return Err("usage: dashboard DATABASE_URL CHECKPOINT_DIR < terms.json".into());
    };
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let terms = Terms(serde_json::from_str(&text)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("{}", runtime.block_on(run(url, PathBuf::from(dir), &terms))?);
    Ok(())
}
