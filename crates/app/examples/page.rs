//! Times the analyser's page on a data directory: first with a filter that nobody asked before, then the same again.
//!
//! `cargo run --profile demo --workspace --example page -- DIR [AS_OF]` prints milliseconds by dimension of the filter.

#![expect(clippy::disallowed_methods, reason = "it is a composition root of its own, and measures")]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use app::answers::AnalyserAsk;
use app::{Ask, Loudou, Place};
use domain::Day;

/// Filters tried of each dimension.
const VALUES: usize = 12;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let dir = PathBuf::from(words.next().ok_or("name the data directory")?);
    let as_of = words.next().as_deref().and_then(Day::parse);
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?;
    let place = Place { dir, database_url: None, fresh_id: 1 };
    let loudou = Loudou::open(&place, domain::Instant(now)).await?;
    loudou.ready().await?;
    println!("{:<10} {:>8} {:>8} {:>8}", "filter", "first", "most", "again");
    for dimension in ["region", "product", "channel", "industry", "team", "owner"] {
        let (mut first, mut again) = (Vec::new(), Vec::new());
        for value in values(&loudou, dimension, as_of).await? {
            let ask = ask(as_of, vec![format!("{dimension}:{value}")]);
            first.push(milliseconds(&loudou, &ask).await?);
            again.push(milliseconds(&loudou, &ask).await?);
        }
        let most = first.iter().copied().fold(0.0, f64::max);
        println!("{dimension:<10} {:>8.1} {most:>8.1} {:>8.1}", median(&mut first), median(&mut again));
    }
    let ask = ask(as_of, Vec::new());
    let (first, again) = (milliseconds(&loudou, &ask).await?, milliseconds(&loudou, &ask).await?);
    println!("{:<10} {first:>8.1} {first:>8.1} {again:>8.1}", "none");
    Ok(())
}

fn ask(as_of: Option<Day>, chips: Vec<String>) -> AnalyserAsk {
    let common = Ask { as_of, chips, by: vec!["region".to_owned()], ..Ask::default() };
    AnalyserAsk { common, stage: None }
}

async fn milliseconds(loudou: &Loudou, ask: &AnalyserAsk) -> Result<f64, Box<dyn Error>> {
    let begun = Instant::now();
    loudou.analyser(ask).await?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

/// Some values of a dimension.
async fn values(loudou: &Loudou, dimension: &str, as_of: Option<Day>) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let common = Ask { as_of, by: vec![dimension.to_owned()], ..Ask::default() };
    let answer = loudou.funnel(&common).await?;
    let words = answer.rows.iter().filter_map(|row| match row.first() {
        Some(app::answer::Cell::Text(word)) => Some(word.clone()),
        _ => None,
    });
    Ok(words.collect::<BTreeSet<_>>().into_iter().take(VALUES).collect())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
