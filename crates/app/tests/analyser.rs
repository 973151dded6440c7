//! The analyser's page is the single answers put together: each part equals the answer to its own question.

use std::sync::Arc;

use app::answer::{Answer, Cell};
use app::answers::{AnalyserAsk, BridgeAsk, GaugesAsk, MigrationAsk, TrendAsk};
use app::demo::Causes;
use app::{Ask, Loudou, Organisation, Place, Who};
use domain::calendar::Grain;
use domain::{Day, Instant};

/// Weeks that the page looks back.
const WEEKS: u32 = 26;

fn now() -> Instant {
    Instant::from_datetime("2026-11-23T01:00:00Z".parse().expect("a time"))
}

async fn company(dir: &std::path::Path) -> Loudou {
    let place = Place { dir: dir.to_owned(), database_url: None, fresh_id: 1 };
    let loudou = Loudou::open_or_create(&place, &Organisation::default(), now()).await.expect("it opens");
    loudou.demo(7, Day::parse("2026-11-22"), &Causes::without(&[]), &|_| ()).await.expect("the company goes in");
    loudou
}

#[tokio::test]
async fn every_part_of_the_page_is_the_answer_to_its_own_question() {
    let dir = tempfile::tempdir().expect("a folder");
    let loudou = company(dir.path()).await;
    for (as_of, chips) in [(None, vec![]), (Day::parse("2026-03-18"), vec!["region:华东 East".to_owned()])] {
        let common = Ask { as_of, chips, by: vec!["region".into()], ..Ask::default() };
        let page = loudou.analyser(&AnalyserAsk { common: common.clone(), stage: None }).await.expect("a page");
        let named = Ask { process: page.process.as_ref().map(|process| process.key.clone()), ..common };
        let whole = Ask { by: Vec::new(), ..named.clone() };
        let week = Ask { from: Some(page.as_of.plus(-7)), ..whole.clone() };
        let gauges = loudou.gauges(&GaugesAsk { common: named, worst: None }).await.expect("gauges");
        assert_eq!(page.gauges, gauges);
        assert_eq!(page.stock, loudou.funnel(&whole).await.expect("a funnel"));
        let trend = TrendAsk { common: whole.clone(), every: Grain::Week, points: WEEKS };
        assert_eq!(page.trend, loudou.trend(&trend).await.expect("a trend"));
        let migration = |common: &Ask, weeks, into: Option<&String>| MigrationAsk {
            common: common.clone(),
            weeks,
            into: into.cloned(),
        };
        let series = loudou.migration(&migration(&whole, Some(WEEKS), None)).await.expect("a series");
        assert_eq!(page.series, series);
        assert_eq!(page.matrix, loudou.migration(&migration(&week, None, None)).await.expect("a matrix"));
        let inflow = loudou.migration(&migration(&week, None, page.stage.as_ref())).await.expect("an inflow");
        assert_eq!(page.inflow, inflow);
        let year_before = Ask { as_of: Some(page.as_of.plus(-364)), ..whole.clone() };
        let past = TrendAsk { common: year_before, every: Grain::Week, points: WEEKS };
        let past = loudou.trend(&past).await.expect("a trend of the past");
        assert!(!page.year_before.is_empty(), "the company is two years old");
        for band in &page.year_before {
            let (low, high) = range(&past, &band.stage);
            assert_eq!((low, high), (band.low, band.high), "{}", band.stage);
        }
        let bridge = BridgeAsk { common: week, due: None, path: false };
        assert_eq!(page.bridge, loudou.bridge(&bridge).await.expect("a bridge"));
        assert!(!page.headline.rules.is_empty(), "the sentence tells what it was read from");
    }
}

/// The lowest and the highest share of a stage in a trend; where it has no row on a day, its share is nothing.
fn range(trend: &Answer, stage: &str) -> (f64, f64) {
    let at = |key: &str| trend.columns.iter().position(|column| column.key == key).expect("the column");
    let (day, name, share) = (at("day"), at("stage"), at("amount_share"));
    let mut shares = std::collections::HashMap::new();
    for row in &trend.rows {
        let Cell::Date(day) = row[day] else { panic!("a day") };
        let Cell::Float(value) = row[share] else { continue };
        let own = shares.entry(day).or_insert(0.0);
        if matches!(&row[name], Cell::Name { key, .. } if key == stage) {
            *own = value;
        }
    }
    shares.into_values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one), high.max(one)))
}

#[tokio::test]
async fn a_foot_is_what_the_rows_come_to() {
    let dir = tempfile::tempdir().expect("a folder");
    let loudou = company(dir.path()).await;
    let whole = Ask { process: Some("b2b-seven".into()), ..Ask::default() };
    let column = |answer: &app::answer::Answer, key: &str| {
        answer.columns.iter().position(|column| column.key == key).unwrap_or_else(|| panic!("no {key}"))
    };
    let foot =
        |answer: &app::answer::Answer, key: &str| answer.totals.as_ref().expect("a foot")[column(answer, key)].clone();
    let funnel = loudou.funnel(&whole).await.expect("a funnel");
    let by_region = loudou.funnel(&Ask { by: vec!["region".into()], ..whole.clone() }).await.expect("a funnel");
    for key in ["deals", "amount_minor", "mean_stay_days"] {
        assert_eq!(foot(&funnel, key), foot(&by_region, key), "{key}");
    }
    assert_eq!(funnel.terms.get("n"), Some(&foot(&funnel, "deals").to_json()));
    let winrate = |by: Vec<String>, every| app::answers::WinrateAsk {
        common: Ask { by, ..whole.clone() },
        every,
        by_created: false,
    };
    let all = loudou.winrate(&winrate(Vec::new(), None)).await.expect("a rate");
    for other in [winrate(vec!["team".into()], None), winrate(Vec::new(), Some(Grain::Quarter))] {
        let other = loudou.winrate(&other).await.expect("rates");
        for key in [
            "won",
            "won_amount_minor",
            "win_rate",
            "win_rate_upper",
            "win_rate_amount",
            "cycle_median_days",
            "cycle_mean_days",
        ] {
            assert_eq!(foot(&other, key), all.rows[0][column(&all, key)], "{key}");
        }
    }
    let trend = TrendAsk { common: whole, every: Grain::Week, points: 4 };
    assert_eq!(loudou.trend(&trend).await.expect("a trend").totals, None, "stocks of several days do not add up");
}

#[tokio::test]
async fn a_page_of_nothing_in_sight_is_empty_and_no_error() {
    let dir = tempfile::tempdir().expect("a folder");
    let loudou = company(dir.path()).await;
    let nobody = Who { scope: domain::Scope::Nothing, ..Who::system() };
    let loudou = loudou.session(Arc::new(nobody), now()).await.expect("a session");
    let page = loudou.analyser(&AnalyserAsk { common: Ask::default(), stage: None }).await.expect("a page");
    assert_eq!((page.matrix.rows.len(), page.series.rows.len()), (0, 0));
    assert_eq!(page.stock.terms.get("n"), Some(&0.into()));
}
