//! A second reading of the tallies that follow a deal over time: plain SQL over `intervals`, on random journeys.
//!
//! Days are distinct within a deal and no stage is unknown, so that the order of states and where a deal stood need
//! no rules of their own in the SQL.

use proptest::prelude::*;

use super::fixture::{day, snapshot};
use super::tallies::rows;

/// Random journeys of the large process, as lines: gaps of days, and what is said after each.
fn deals(words: Vec<&'static str>) -> impl Strategy<Value = String> {
    let entry = (1_i32..35, prop::sample::select(words), prop::option::of(1_i64..500));
    let first = (0_i32..40, prop::sample::select(vec!["lead", "talk", "offer"]), prop::option::of(1_i64..500));
    let deal = (first, prop::collection::vec(entry, 0..7));
    prop::collection::vec(deal, 1..14).prop_map(|deals| {
        let line = |(id, (first, entries)): (usize, ((i32, _, _), Vec<_>))| {
            let mut on = day("2026-01-01");
            let said = |(gap, what, amount): (i32, &str, Option<i64>)| {
                on = on.plus(gap);
                let amount = amount.map_or("=-".to_owned(), |amount| format!("={amount}"));
                format!("{on} {what} {amount}")
            };
            format!("{id} large: {}", std::iter::once(first).chain(entries).map(said).collect::<Vec<_>>().join(" ; "))
        };
        deals.into_iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    })
}

/// Whatever can be said, reopening included.
fn any_deals() -> impl Strategy<Value = String> {
    deals(vec![
        "lead",
        "talk",
        "offer",
        "done won",
        "gone lost",
        "open",
        "lead open",
        "offer open",
        "parked",
        "deleted",
    ])
}

/// Places of the open stages of the large process.
const PLACES: &str = "places AS (SELECT * FROM (VALUES ('lead', 0), ('talk', 1), ('offer', 2)) AS p(stage, place))";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn win_rate(text in any_deals()) {
        let snapshot = snapshot(&text);
        let tally = rows(&snapshot,
            "SELECT w.day, w.won, w.won_amount_minor, w.lost, w.lost_amount_minor FROM (SELECT unnest(win_rate(journey, \
             'month', DATE '2026-01-01', DATE '2026-06-30', 'large')) AS w FROM journeys) WHERE w.won + w.lost > 0");
        let plain = rows(&snapshot,
            "WITH marked AS (SELECT *, (lag(outcome) OVER w IS DISTINCT FROM outcome) OR lag(to_on) OVER w <> from_on AS begins \
               FROM intervals WINDOW w AS (PARTITION BY opportunity_id ORDER BY from_on)), \
             begun AS (SELECT *, max(CASE WHEN begins THEN from_on END) \
               OVER (PARTITION BY opportunity_id ORDER BY from_on) AS since FROM marked), \
             decided AS (SELECT b.outcome, first.amount_minor, \
               CAST(date_trunc('month', b.since) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE) AS period \
               FROM begun b JOIN intervals first ON first.opportunity_id = b.opportunity_id AND first.from_on = b.since \
               WHERE b.to_on IS NULL AND b.since <= DATE '2026-06-30' AND b.outcome IN ('won', 'lost')) \
             SELECT period, count(*) FILTER (WHERE outcome = 'won'), \
               coalesce(sum(amount_minor) FILTER (WHERE outcome = 'won'), 0), \
               count(*) FILTER (WHERE outcome = 'lost'), coalesce(sum(amount_minor) FILTER (WHERE outcome = 'lost'), 0) \
             FROM decided GROUP BY period");
        prop_assert_eq!(tally, plain);
    }

    #[test]
    fn dwell(text in any_deals(), to in 0_i32..200) {
        let snapshot = snapshot(&text);
        let to = day("2026-01-01").plus(to);
        let tally = rows(&snapshot, &format!(
            "SELECT d.stage, d.entry_days, d.exit_days, d.cause, d.visits FROM (SELECT unnest(dwell(journey, \
             DATE '2026-01-01', DATE '{to}', 'large')) AS d FROM journeys)"));
        let plain = rows(&snapshot, &format!(
            "WITH {PLACES}, marked AS (SELECT i.*, p.place, (lag(i.outcome) OVER w IS DISTINCT FROM 'open') \
                 OR (lag(i.stage) OVER w IS DISTINCT FROM i.stage) OR lag(i.to_on) OVER w <> i.from_on AS begins, \
               lead(i.outcome) OVER w AS next_outcome, lead(p.place) OVER w AS next_place, \
               lead(i.from_on) OVER w = i.to_on AS next_follows \
               FROM intervals i LEFT JOIN places p ON p.stage = i.stage \
               WINDOW w AS (PARTITION BY i.opportunity_id ORDER BY i.from_on)), \
             visited AS (SELECT *, max(CASE WHEN begins THEN from_on END) \
               OVER (PARTITION BY opportunity_id ORDER BY from_on) AS since \
               FROM marked WHERE outcome = 'open' AND place IS NOT NULL), \
             last AS (SELECT DISTINCT ON (opportunity_id, since) * FROM visited WHERE from_on <= DATE '{to}' \
               ORDER BY opportunity_id, since, from_on DESC), \
             spells AS (SELECT stage, CASE WHEN to_on <= DATE '{to}' THEN to_on ELSE DATE '{to}' END - since AS lasted, \
               CASE WHEN to_on IS NULL OR to_on > DATE '{to}' OR (next_follows IS DISTINCT FROM true) THEN 'censored' \
                 WHEN next_outcome = 'open' AND next_place > place THEN 'forward' \
                 WHEN next_outcome = 'open' AND next_place < place THEN 'back' \
                 WHEN next_outcome = 'open' THEN 'censored' ELSE next_outcome END AS cause FROM last) \
             SELECT stage, 0, lasted, cause, count(*) FROM spells GROUP BY ALL"));
        prop_assert_eq!(tally, plain);
    }

    #[test]
    fn bridge(text in any_deals(), from in 0_i32..100, span in 1_i32..80) {
        let snapshot = snapshot(&text);
        let from = day("2026-01-01").plus(from);
        let to = from.plus(span);
        let tally = rows(&snapshot, &format!(
            "SELECT b.line, b.deals, b.amount_minor FROM (SELECT unnest(bridge(journey, DATE '{from}', DATE '{to}', \
             'large')) AS b FROM journeys)"));
        let at = |on| format!(
            "SELECT i.*, i.outcome = 'open' AND p.place IS NOT NULL AS member, coalesce(i.amount_minor, 0) AS minor, \
             i.outcome <> 'open' OR p.place IS NOT NULL AS inside \
             FROM intervals i LEFT JOIN places p ON p.stage = i.stage \
             WHERE i.from_on <= DATE '{on}' AND (i.to_on > DATE '{on}' OR i.to_on IS NULL)");
        let plain = rows(&snapshot, &format!(
            "WITH {PLACES}, ends AS (SELECT coalesce(b.member, false) AS was, coalesce(a.member, false) AS is_now, \
               b.minor AS old, a.minor AS new, b.outcome AS old_outcome, a.outcome AS new_outcome, \
               coalesce(b.inside, true) AS was_inside, a.inside AS is_inside \
               FROM ({}) b FULL JOIN ({}) a ON a.opportunity_id = b.opportunity_id), \
             lines AS (SELECT 'begin' AS line, old AS minor FROM ends WHERE was \
               UNION ALL SELECT 'end', new FROM ends WHERE is_now \
               UNION ALL SELECT CASE WHEN new > old THEN 'grown' ELSE 'shrunk' END, abs(new - old) FROM ends \
                 WHERE was AND is_now AND new <> old \
               UNION ALL SELECT CASE WHEN new_outcome IS NULL THEN 'deleted' WHEN new_outcome = 'open' THEN 'transferred_out' \
                 ELSE new_outcome END, old FROM ends WHERE was AND NOT is_now \
               UNION ALL SELECT 'won_revaluation', new - old FROM ends WHERE was AND new_outcome = 'won' AND new <> old \
               UNION ALL SELECT CASE WHEN old_outcome IS NULL THEN 'new' WHEN NOT was_inside THEN 'transferred_in' \
                 WHEN old_outcome = 'parked' THEN 'resumed' ELSE 'reopened' END, new FROM ends WHERE is_now AND NOT was \
               UNION ALL SELECT 'created_' || new_outcome, new FROM ends \
                 WHERE old_outcome IS NULL AND new_outcome IN ('won', 'lost')) \
             SELECT line, count(*), sum(minor) FROM lines GROUP BY line", at(from), at(to)));
        prop_assert_eq!(tally, plain);
    }

    /// Without reopening: what ended stays so.
    #[test]
    fn conversion(text in deals(vec!["lead", "talk", "offer", "talk", "done won", "gone lost", "parked", "deleted"])) {
        let snapshot = snapshot(&text);
        let tally = rows(&snapshot,
            "SELECT c.day, c.stage, c.entered, c.skipped, c.forward, c.lost, c.cancelled, c.deleted, c.pending FROM (SELECT \
             unnest(conversion(journey, 'month', DATE '2026-01-01', DATE '2026-12-31', 'large')) AS c FROM journeys) \
             WHERE c.entered + c.skipped > 0");
        // Parked at the as-of for years: cancelled.
        let plain = rows(&snapshot, &format!(
            "WITH {PLACES}, steps AS (SELECT i.opportunity_id, i.from_on, \
               CASE i.outcome WHEN 'open' THEN p.place WHEN 'won' THEN 3 END AS place \
               FROM intervals i LEFT JOIN places p ON p.stage = i.stage), \
             known AS (SELECT * FROM steps WHERE place IS NOT NULL), \
             deals AS (SELECT opportunity_id, min(from_on) AS first_on, max(place) AS farthest FROM known GROUP BY 1), \
             standing AS (SELECT opportunity_id, outcome FROM intervals WHERE to_on IS NULL), \
             reached AS (SELECT k.opportunity_id, p.stage, p.place, min(k.from_on) AS reached_on \
               FROM known k JOIN places p ON k.place >= p.place GROUP BY 1, 2, 3), \
             told AS (SELECT r.*, k.place = r.place AS entered, d.farthest > r.place AS forward, s.outcome, \
               CAST(date_trunc('month', r.reached_on) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE) AS period \
               FROM reached r JOIN known k ON k.opportunity_id = r.opportunity_id AND k.from_on = r.reached_on \
               JOIN deals d ON d.opportunity_id = r.opportunity_id \
               LEFT JOIN standing s ON s.opportunity_id = r.opportunity_id \
               WHERE k.place = r.place OR r.reached_on > d.first_on) \
             SELECT period, stage, count(*) FILTER (WHERE entered), count(*) FILTER (WHERE NOT entered), \
               count(*) FILTER (WHERE forward), count(*) FILTER (WHERE NOT forward AND outcome = 'lost'), \
               count(*) FILTER (WHERE NOT forward AND outcome = 'parked'), \
               count(*) FILTER (WHERE NOT forward AND outcome IS NULL), \
               count(*) FILTER (WHERE NOT forward AND outcome = 'open') \
             FROM told GROUP BY period, stage"));
        prop_assert_eq!(tally, plain);
    }
}
