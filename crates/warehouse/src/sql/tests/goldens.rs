//! Queries and their answers as text.

use super::fixture::{ask, shown, snapshot};

/// What the cases of `cases.txt` are asked of.
const DEALS: &str = "
    1 large north: 2026-01-05T09:00 lead @ann /red =1000 >2026-03-31; 2026-01-12T10:30 talk; 2026-01-20 offer =1500 %600000; 2026-02-02 done won
    2 large south: 2026-01-06 talk @bob /blue =200; 2026-01-07 =-; 2026-01-08 lead; 2026-01-15 lead; 2026-03-01 gone lost
    3 large: 2026-01-07 lead @cai /red =50; 2026-02-01 offer; 2026-02-10 parked; 2026-04-01 open; 2026-04-05 cancelled; 2026-05-01 talk open
    4 large north: 2026-01-09 ? =70 @ann /red; 2026-02-09 talk; 2026-03-09 ?
    5 small south: 2026-01-10 sold won =9 EUR @bob /blue; 2026-01-11 @- /-
    6 large a: 2026-01-11 lead =5 @ann /red; 2026-01-13 done won; 2026-02-13 again; 2026-03-13 deleted
    7 large:
    8 large: 2026-01-12T08:00 lead @ann /red; 2026-01-12T08:00 talk; 2026-01-14 deleted; 2026-01-16 offer open
";

#[tokio::test]
async fn the_cases() {
    let snapshot = snapshot(DEALS);
    let mut asked = 0;
    let mut wrong = String::new();
    for case in include_str!("cases.txt").split("\n\n").map(str::trim).filter(|case| !case.is_empty()) {
        let lines: Vec<&str> = case.lines().filter(|line| !line.starts_with('#')).collect();
        if lines.is_empty() {
            continue;
        }
        let at = lines.iter().position(|line| *line == "----").unwrap_or(lines.len());
        let (sql, expected) = (lines[..at].join("\n"), lines[(at + 1).min(lines.len())..].join("\n"));
        let found = match ask(&snapshot, &sql).await {
            Ok(answer) => shown(&answer),
            Err(error) => format!("error: {error}"),
        };
        asked += 1;
        if found != expected {
            wrong.push_str(&format!("{sql}\n----\n{found}\n\n"));
        }
    }
    assert!(wrong.is_empty(), "answers differ; found:\n\n{wrong}");
    assert!(asked > 20, "{asked} cases");
}
