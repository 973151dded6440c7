//! The shape of what is printed, and what a wrong call is answered with.

use crate::shipped::regional_sales;
use crate::support::{Data, OK};

/// Every analysis, as one asks it of the regional sales: their stages are known from the day of the export on.
const ANALYSES: [&[&str]; 10] = [
    &["funnel"],
    &["funnel", "--by", "region"],
    &["trend", "--every", "month", "--points", "6"],
    &["migration", "--from", "2021-09-01", "--to", "2021-10-01"],
    &["migration", "--weeks", "4"],
    &["bridge", "--from", "2021-06-30", "--to", "2021-09-30"],
    &["conversion", "--from", "2021-01-01", "--to", "2021-11-10"],
    &["dwell", "--by", "product"],
    &["winrate", "--from", "2020-01-01", "--every", "quarter"],
    &["gauges", "--by", "owner"],
];

fn asked(analysis: &[&'static str]) -> Vec<&'static str> {
    [analysis, &["--process", "regional-sales", "--as-of", "2021-12-31"]].concat()
}

#[test]
fn every_analysis_prints_terms_and_rows() {
    for analysis in ANALYSES {
        let answer = regional_sales().json(&asked(analysis));
        let keys: Vec<_> = answer.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys[..2], ["terms", "rows"], "{analysis:?}");
        assert_eq!(answer["terms"]["as_of"], "2021-12-31", "{analysis:?}: {}", answer["terms"]);
        let rows = answer["rows"].as_array().expect("rows are a list");
        assert!(!rows.is_empty() && rows.iter().all(serde_json::Value::is_object), "{analysis:?}: {answer}");
    }
}

#[test]
fn every_analysis_reads_in_both_languages_and_never_shows_nan() {
    let han = |text: &str| text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    for analysis in ANALYSES {
        let asked = asked(analysis);
        let zh = regional_sales().ok(&[&asked[..], &["--lang", "zh"]].concat()).out;
        let en = regional_sales().ok(&[&asked[..], &["--lang", "en"]].concat()).out;
        assert!(han(&zh), "{analysis:?}\n{zh}");
        assert!(!han(&en), "{analysis:?}\n{en}");
        for text in [zh, en] {
            assert!(!text.contains("NaN") && !text.contains("inf"), "{analysis:?}\n{text}");
        }
    }
}

#[test]
fn gauges_say_how_many_members_they_show() {
    let gauges = ["gauges", "--process", "regional-sales", "--as-of", "2021-10-31", "--by", "owner"];
    let all = regional_sales().json(&gauges);
    let members = all["rows"].as_array().expect("rows").len();
    assert!(members > 2, "{all}");
    assert_eq!((&all["terms"]["members"], &all["terms"]["worst"]), (&members.into(), &serde_json::Value::Null));
    let two = regional_sales().json(&[&gauges[..], &["--worst", "2"]].concat());
    assert_eq!((&two["terms"]["members"], &two["terms"]["worst"]), (&members.into(), &2.into()));
    assert_eq!(two["rows"].as_array().expect("rows").as_slice(), &all["rows"].as_array().expect("rows")[..2]);

    // A condition may end in a comment: it stays within its own bounds.
    let noted = regional_sales().rows(&[&gauges[..], &["--where", "amount >= 0 -- every one"]].concat());
    assert!(!noted.is_empty());
}

#[test]
fn sql_states_what_applied() {
    let terms = regional_sales().json(&["sql", "select 1 as one", "--as-of", "2021-10-31"])["terms"].clone();
    assert_eq!((&terms["as_of"], &terms["scope"]), (&"2021-10-31".into(), &"all".into()));
    for told in ["tables", "tally_functions"] {
        assert!(terms[told].is_string(), "{terms}");
    }
    for not_applied in ["where", "by"] {
        assert!(terms.get(not_applied).is_none(), "{terms}");
    }
}

#[test]
fn sql_at_its_limits_has_failed() {
    let heavy = "select count(*) from intervals a, intervals b, intervals c where a.owner <> b.owner";
    let run = regional_sales().run(&["sql", heavy, "--timeout-seconds", "0"]);
    assert_eq!(run.code, Some(crate::support::FAILED), "{}", run.err);
    let run = regional_sales().run(&["sql", "select * from intervals order by owner", "--memory-mib", "0"]);
    assert_eq!(run.code, Some(crate::support::FAILED), "{}", run.err);
}

#[test]
fn groups_add_up_to_the_whole() {
    let data = regional_sales();
    let deals = |arguments: &[&str]| {
        let rows = data.rows(&[arguments, &["--process", "regional-sales", "--as-of", "2021-10-31"]].concat());
        rows.iter().filter_map(|row| row["deals"].as_i64()).sum::<i64>()
    };
    let whole = data.number(
        "select count(*) as n from intervals where outcome = 'open' \
         and from_on <= date '2021-10-31' and (to_on is null or to_on > date '2021-10-31')",
    );
    assert_eq!(deals(&["funnel"]), whole);
    for by in ["region", "product", "owner,industry"] {
        assert_eq!(deals(&["funnel", "--by", by]), deals(&["funnel"]), "{by}");
    }
}

#[test]
fn wrong_calls_are_refused_with_what_would_be_right() {
    let data = regional_sales();
    let cases: [(&[&str], &str); 26] = [
        (&["frobnicate"], "frobnicate"),
        (&["funnel", "--frobnicate"], "--frobnicate"),
        (&["funnel", "--as-of", "2021-02-30"], "2021-02-30"),
        (&["funnel", "--by", "regoin"], "region"),
        (&["funnel", "--where", "regoin = 'US-WEST'"], "region"),
        (&["funnel", "--where", "amount >"], "amount >"),
        (&["gauges", "--where", "true) OR (true"], "true) OR (true"),
        (&["gauges", "--from", "2021-12-01", "--to", "2021-10-01"], "let `from` lie before `to`"),
        (&["migration", "--weeks", "4", "--from", "2021-10-01"], "a number of weeks or a first day"),
        (&["--from", "2021-10-01", "migration", "--weeks", "4"], "a number of weeks or a first day"),
        (&["funnel", "--process", "no-such"], "regional-sales"),
        (&["funnel", "--scope", "team:Nobody"], "Nobody"),
        (&["funnel", "--scope", "everyone"], "team:NAME"),
        (&["import", "undo", "99"], "99"),
        (&["sql", "drop table opportunities"], "read-only"),
        (&["sql", "select * from opportunitys"], "opportunities"),
        (&["sql", "select stag from opportunities"], "stage"),
        (&["sql", "select 1 / 0"], "zero"),
        (&["sql", "select cast(owner as int) from opportunities"], "try_cast"),
        (&["sql", "select 1", "--where", "amount > 1"], "WHERE"),
        (&["sql", "select 1", "--by", "region"], "GROUP BY"),
        (&["sql", "select 1", "--from", "2021-01-01"], "--from"),
        (&["sql", "select 1", "--to", "2021-01-01"], "--to"),
        (&["sql", "select 1", "--currency", "CNY"], "--currency"),
        (&["funnel", "--where", "1 / (amount_minor - amount_minor) > 0"], "zero"),
        (&["process", "show", "no-such"], "b2b-seven"),
    ];
    let before = data.number("select count(*) as n from opportunities");
    for (arguments, told) in cases {
        let error = data.refused(&[arguments, &["--lang", "en"]].concat());
        assert!(error.contains(told), "loudou {arguments:?} should speak of {told}:\n{error}");
    }
    assert_eq!(data.number("select count(*) as n from opportunities"), before);
}

#[test]
fn questions_without_data_say_how_to_begin() {
    let data = Data::empty();
    for command in ["funnel", "winrate", "sql"] {
        let query: &[&str] = if command == "sql" { &["select 1"] } else { &[] };
        let error = data.refused(&[&[command], query, &["--lang", "en"]].concat());
        assert!(error.contains("--data") || error.contains("import"), "{command}: {error}");
    }
    assert!(!data.path().exists(), "a question makes no data directory");
}

#[test]
fn help_and_version_are_no_failures() {
    let data = Data::empty();
    for arguments in [&["--help"][..], &["--version"], &["import", "run", "--help"]] {
        assert_eq!(data.run(arguments).code, Some(OK), "{arguments:?}");
    }
}
