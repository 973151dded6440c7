//! What each tally says of one deal, case by case: the deal on the left, the answer on the right.
//!
//! Stages in order: lead, contact, offer, commit. Days are of 2026; the as-of is its last, unless said.

use domain::{Currency, Day, Outcome, Rates, StageId};
use journey::{
    Basis, Bridge, Cause, Conversion, Destination, Dwell, Events, Goal, Line, Migration, MigrationSeries, Origin,
    Reach, Stays, Stock, Tally, Trend, Visit, WinRate, run,
};
use testkit::naive::rows_of;
use testkit::table::date;
use testkit::{By, Table, Terms, cases};

const STAGES: [&str; 4] = ["lead", "contact", "offer", "commit"];

fn day(text: &str) -> Day {
    date(text).expect("a day")
}

fn terms(table: &Table) -> Terms {
    Terms::all(table.stage_ids(), day("12-31"))
}

/// Counts one line with a tally and prints the cells with `print`.
fn check<T: Tally>(tally: &T, print: impl Fn(&T, &T::Cells) -> Vec<String>, text: &str) {
    let cases = cases(text);
    assert!(!cases.is_empty());
    for (line, expected) in cases {
        let table = Table::read(&STAGES, &line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let laid = terms(&table).lay(table.journeys());
        let found = print(tally, &run::count(tally, &laid.view()));
        let found = if found.is_empty() { "nothing".to_owned() } else { found.join("; ") };
        assert_eq!(found, expected, "{line}");
    }
}

fn rows<T: Tally>(tally: &T, cells: &T::Cells) -> Vec<Vec<i128>> {
    rows_of(&tally.finish(cells))
}

fn stage(slot: i128) -> &'static str {
    STAGES[usize::try_from(slot).expect("a slot")]
}

fn print_stock(tally: &Stock, cells: &<Stock as Tally>::Cells) -> Vec<String> {
    rows(tally, cells).iter().map(|row| format!("{} {}", stage(row[1]), money(row[3], row[4]))).collect()
}

fn money(amount: i128, without: i128) -> String {
    if without > 0 { "none".to_owned() } else { amount.to_string() }
}

#[test]
fn stock() {
    check(
        &Stock::on(day("01-31")),
        print_stock,
        "D1 - - | 01-05 lead 100 | 01-20 contact 120 | 02-01 won  => contact 120
         D1 - - | 01-05 lead 100 | 01-31 won                      => nothing
         D1 - - | 01-05 lead 100 | 02-01 won                      => lead 100
         D1 - - | 02-01 lead 100                                  => nothing
         D1 - - | 01-05 lead                                      => lead none
         D1 - - | 01-05 lead 100 | 01-20 none                     => lead none
         D1 - - | 01-05 lead 100 | 01-05 offer | 01-05 contact    => contact 100
         D1 - - | 01-05 lead 100 | 01-20 parked                   => nothing
         D1 - - | 01-05 lead 100 | 01-20 parked | 01-31 lead      => lead 100
         D1 - - | 01-05 lead 100 | 01-20 lost | 01-25 offer 70    => offer 70
         D1 - - | 01-05 lead 100 | 01-20 deleted                  => nothing
         D1 - - | merged                                          => nothing
         D1 - - | 01-05 ? 100                                     => nothing",
    );
}

#[test]
fn stays_last_from_the_entry_that_brought_the_stage() {
    let days = |tally: &Stays, cells: &<Stays as Tally>::Cells| {
        rows(tally, cells).iter().map(|row| format!("{} {} of {}", stage(row[1]), row[3], row[2])).collect()
    };
    check(
        &Stays { at: day("01-31") },
        days,
        "D1 - - | 01-05 lead 100                                   => lead 26 of 1
         D1 - - | 01-05 lead 100 | 01-20 contact | 02-01 won       => contact 11 of 1
         D1 - - | 01-05 lead 100 | 01-20 lead 120                  => lead 26 of 1
         D1 - - | 01-05 lead 100 | 01-20 parked | 01-30 lead       => lead 1 of 1
         D1 - - | 01-05 lead | 01-10 contact | 01-12 lead          => lead 19 of 1
         D1 - - | 01-05 ? 100 | 01-21 lead                         => nothing
         D1 - - | 01-05 ? 100 | 01-21 lead | 01-25 contact         => contact 6 of 1
         D1 - - | 01-05 ? 100 | 01-08 parked | 01-21 lead          => lead 10 of 1
         D1 - - | 01-31 lead 100                                   => lead 0 of 1
         D1 - - | 01-05 ? 100                                      => nothing
         D1 - - | 01-05 lead 100 | 01-31 won                       => nothing",
    );
}

#[test]
fn an_unknown_stage_counts_where_the_planner_gives_it_a_slot() {
    let table = Table::read(&STAGES, "D1 - - | 01-05 ? 100").expect("a table");
    let mut terms = terms(&table);
    terms.stages.insert(0, StageId::UNKNOWN);
    let laid = terms.lay(table.journeys());
    let stock = Stock::on(day("01-31"));
    assert_eq!(rows(&stock, &run::count(&stock, &laid.view())), [[0, 0, 1, 100, 0]]);
}

#[test]
fn trend() {
    let ends = ["01-10", "01-20", "01-30", "02-10"].map(day).to_vec();
    check(
        &Trend::new(ends),
        |tally, cells| {
            rows(tally, cells).iter().map(|row| format!("{} {} {}", row[1], stage(row[3]), row[5])).collect()
        },
        "D1 - - | 01-05 lead 100 | 01-20 contact 120 | 02-01 won  => 0 lead 100; 1 contact 120; 2 contact 120
         D1 - - | 01-11 lead 100 | 01-12 offer 50                 => 1 offer 50; 2 offer 50; 3 offer 50
         D1 - - | 01-11 lead 100 | 01-19 lost                     => nothing
         D1 - - | 01-01 lead 1 | 01-15 parked | 01-25 lead 2      => 0 lead 1; 2 lead 2; 3 lead 2
         D1 - - | 02-10 lead 1                                    => 3 lead 1
         D1 - - | merged                                          => nothing",
    );
}

fn place(code: i128, origin: bool) -> String {
    let code = u16::try_from(code).expect("a code");
    let word = if origin {
        Origin::from_code(code).map(Origin::as_str)
    } else {
        Destination::from_code(code).map(Destination::as_str)
    };
    match word.expect("a place") {
        "slot" => stage(code.into()).to_owned(),
        word => word.to_owned(),
    }
}

#[test]
fn migration() {
    check(
        &Migration { from: day("01-31"), to: day("02-28") },
        |tally, cells| {
            let row =
                |row: &Vec<i128>| format!("{}>{} {}>{}", place(row[1], true), place(row[2], false), row[4], row[5]);
            rows(tally, cells).iter().map(row).collect()
        },
        "D1 - - | 01-05 lead 100 | 02-20 contact 120              => lead>contact 100>120
         D1 - - | 01-05 lead 100                                  => lead>lead 100>100
         D1 - - | 01-05 lead 100 | 02-20 offer | 02-25 contact    => lead>contact 100>100
         D1 - - | 01-05 offer 100 | 02-20 lead                    => offer>lead 100>100
         D1 - - | 02-01 offer 100                                 => new>offer 0>100
         D1 - - | 02-01 lead 100 | 02-02 won 90                   => new>won 0>90
         D1 - - | 02-01 lead 100 | 02-02 parked                   => new>parked 0>100
         D1 - - | 02-01 lead 100 | 02-02 deleted                  => nothing
         D1 - - | 01-05 lead 100 | 02-20 won 90                   => lead>won 100>90
         D1 - - | 01-05 lead 100 | 02-20 deleted                  => lead>deleted 100>0
         D1 - - | 01-05 lead 100 | 01-20 lost | 02-20 offer       => reopened>offer 0>100
         D1 - - | 01-05 lead 100 | 01-20 parked | 02-20 offer     => resumed>offer 0>100
         D1 - - | 01-05 lead 100 | 01-20 parked | 02-20 offer | 02-21 won => resumed>won 0>100
         D1 - - | 01-05 lead 100 | 01-20 lost | 02-20 won         => nothing
         D1 - - | 2025-06-05 lead 100 | 2025-07-01 parked | 02-20 offer => reopened>offer 0>100
         D1 - - | 2025-07-01 lead 100 | 2025-08-20 parked         => nothing
         D1 - - | 01-05 lead 100 | 02-01 parked                   => lead>parked 100>100
         D1 - - | 01-05 lead 100 | 02-01 ?                        => lead>transferred_out 100>0
         D1 - - | 01-05 ? 100 | 02-01 lead                        => transferred_in>lead 0>100
         D1 - - | 02-01 lead 5 | 02-01 offer 6 | 02-01 contact 7  => new>contact 0>7
         D1 - - | merged                                          => nothing",
    );
}

#[test]
fn a_new_owner_transfers() {
    let table = Table::read(&STAGES, "D1 - ann | 01-05 lead 100 | 02-20 contact 120 @bob").expect("a table");
    let terms = Terms { by: By::Owner, ..terms(&table) };
    let laid = terms.lay(table.journeys());
    let (from, to) = (day("01-31"), day("02-28"));
    let migration = Migration { from, to };
    let (transferred_out, transferred_in) = (60_005, 60_003);
    let found = rows(&migration, &run::count(&migration, &laid.view()));
    assert_eq!(found, [[1, 0, transferred_out, 1, 100, 0, 0, 0], [2, transferred_in, 1, 1, 0, 120, 0, 0]]);
    let bridge = Bridge { from, to, due: None, events: Events::Endpoints };
    let found = rows(&bridge, &run::count(&bridge, &laid.view()));
    let line = |line: Line| line as i128;
    assert_eq!(
        found,
        [
            [1, line(Line::Begin), 1, 100, 0],
            [1, line(Line::TransferredOut), 1, 100, 0],
            [2, line(Line::TransferredIn), 1, 120, 0],
            [2, line(Line::End), 1, 120, 0],
        ]
    );
}

#[test]
fn a_week_of_inflow_into_a_stage() {
    // 91 come from intent (here: offer), 80 from prospect (here: lead), 112 are new; others stay or leave.
    let mut text = String::new();
    let mut deals = |count: usize, line: &str| (0..count).for_each(|_| text.push_str(line));
    deals(91, "D - - | 01-05 offer 1 | 02-04 commit\n");
    deals(80, "D - - | 01-05 lead 1 | 02-05 commit\n");
    deals(112, "D - - | 02-03 commit 1\n");
    deals(37, "D - - | 01-05 commit 1\n");
    deals(13, "D - - | 01-05 commit 1 | 02-04 won\n");
    let table = Table::read(&STAGES, &text).expect("a table");
    let laid = terms(&table).lay(table.journeys());
    let series = MigrationSeries::new(vec![day("02-01"), day("02-08")]);
    let commit = 3;
    let found = rows(&series, &run::count(&series, &laid.view()));
    let inflow: Vec<(i128, i128)> =
        found.iter().filter(|row| row[4] == commit && row[3] != commit).map(|row| (row[3], row[5])).collect();
    let new = i128::from(Origin::New.code());
    assert_eq!(inflow, [(0, 80), (2, 91), (new, 112)]);
    let all: i128 = inflow.iter().map(|(_, deals)| deals).sum();
    assert_eq!(all, 283);
    let per_mille = |deals: i128| domain::money::div_half_even(deals * 1000, all);
    assert_eq!([91, 80, 112].map(per_mille), [322, 283, 396]);
}

fn print_bridge(tally: &Bridge, cells: &<Bridge as Tally>::Cells) -> Vec<String> {
    let line = |row: &Vec<i128>| Line::from_code(u8::try_from(row[1]).expect("a code")).expect("a line");
    rows(tally, cells).iter().map(|row| format!("{} {}", line(row).as_str(), money(row[3], row[4]))).collect()
}

#[test]
fn bridge_between_two_ends() {
    let (from, to) = (day("01-31"), day("02-28"));
    let due = Some((day("01-01"), day("03-31")));
    check(
        &Bridge { from, to, due, events: Events::Endpoints },
        print_bridge,
        "D - - | 01-05 lead 100 due:03-01                                    => begin 100; end 100
         D - - | 01-05 lead 100 due:03-01 | 02-05 120                        => begin 100; grown 20; end 120
         D - - | 01-05 lead 100 due:03-01 | 02-05 70 | 02-06 90              => begin 100; shrunk 10; end 90
         D - - | 02-05 lead 100 due:03-01                                    => new 100; end 100
         D - - | 02-05 lead due:03-01                                        => new none; end none
         D - - | 02-05 lead 100 due:03-01 | 02-06 won 90                     => created_won 90
         D - - | 02-05 lead 100 due:03-01 | 02-06 lost                       => created_lost 100
         D - - | 02-05 lead 100 due:03-01 | 02-06 parked                     => nothing
         D - - | 01-05 lead 100 due:03-01 | 02-06 won 130                    => begin 100; won 100; won_revaluation 30
         D - - | 01-05 lead 100 due:03-01 | 02-06 lost                       => begin 100; lost 100
         D - - | 01-05 lead 100 due:03-01 | 02-06 cancelled                  => begin 100; cancelled 100
         D - - | 01-05 lead 100 due:03-01 | 02-06 parked                     => begin 100; parked 100
         D - - | 01-05 lead 100 due:03-01 | 02-06 deleted                    => begin 100; deleted 100
         D - - | 01-05 lead 100 due:03-01 | 02-06 due:04-01                  => begin 100; pushed_out 100
         D - - | 01-05 lead 100 due:03-01 | 02-06 due:none                   => begin 100; pushed_out 100
         D - - | 01-05 lead 100 due:03-01 | 02-06 due:2025-12-01             => begin 100; pulled_out 100
         D - - | 01-05 lead 100 due:03-01 | 02-06 won due:04-01              => begin 100; won 100
         D - - | 01-05 lead 100 due:04-01 | 02-06 due:03-31                  => pulled_in 100; end 100
         D - - | 01-05 lead 100 due:2025-12-01 | 02-06 due:02-01             => pushed_in 100; end 100
         D - - | 01-05 lead 100 due:03-01 | 01-06 lost | 02-06 lead          => reopened 100; end 100
         D - - | 01-05 lead 100 due:03-01 | 01-06 parked | 02-06 lead        => resumed 100; end 100
         D - - | 2025-01-05 lead 100 due:03-01 | 2025-02-01 parked | 02-06 lead => reopened 100; end 100
         D - - | 01-05 lead 100 due:03-01 | 02-06 lost | 02-07 offer         => begin 100; end 100
         D - - | 01-05 ? 100 due:03-01 | 02-06 lead                          => transferred_in 100; end 100
         D - - | 01-05 lead 100 | 02-06 won                                  => nothing
         D - - | merged                                                      => nothing",
    );
}

#[test]
fn bridge_by_every_event() {
    let (from, to) = (day("01-31"), day("02-28"));
    check(
        &Bridge { from, to, due: None, events: Events::Path },
        print_bridge,
        "D - - | 01-05 lead 100 | 02-05 70 | 02-06 90              => begin 100; grown 20; shrunk 30; end 90
         D - - | 01-05 lead 100 | 02-06 lost | 02-07 offer         => begin 100; reopened 100; lost 100; end 100
         D - - | 02-05 lead 100 | 02-06 won 90                     => new 100; won 100; won_revaluation -10
         D - - | 02-05 lead won 90                                 => created_won 90
         D - - | 02-05 lead 100 | 02-06 deleted                    => new 100; deleted 100",
    );
}

#[test]
fn rates_are_told_apart_from_growth() {
    let text = "D - - | 01-05 lead EUR 100 | 02-05 110";
    let table = Table::read(&STAGES, text).expect("a table");
    let mut rates = Rates::new(Currency::CNY);
    rates.add(Currency::EUR, day("01-01"), 8_000_000_000);
    rates.add(Currency::EUR, day("02-20"), 7_500_000_000);
    let terms = Terms { rates: Some(rates), ..terms(&table) };
    let laid = terms.lay(table.journeys());
    for (events, rate_effect) in [(Events::Endpoints, "rate_effect -55"), (Events::Path, "rate_effect -55")] {
        let bridge = Bridge { from: day("01-31"), to: day("02-28"), due: None, events };
        let found = print_bridge(&bridge, &run::count(&bridge, &laid.view()));
        assert_eq!(found, ["begin 800", "grown 80", rate_effect, "end 825"]);
    }
}

fn print_conversion(tally: &Conversion, cells: &journey::ConversionCells) -> Vec<String> {
    let fates = ["forward", "lost", "cancelled", "parked", "deleted", "pending"];
    let counts = rows(tally, cells);
    let line = |row: &Vec<i128>| {
        let mut words = vec![stage(row[3]).to_owned()];
        let ways = [(4, "entered"), (5, "directly"), (6, "skipped"), (7, "passed"), (8, "found")];
        words.extend(ways.iter().filter(|(at, _)| row[*at] > 0).map(|(_, word)| (*word).to_owned()));
        for (at, fate) in (9..).zip(fates).filter(|(at, _)| row[*at] > 0) {
            let slot = u16::try_from(row[3]).expect("a slot");
            let spell = cells.times().into_iter().find(|time| time.2 == slot).expect("a time").3;
            words.push(if row[at] == 1 { format!("{fate}:{}", spell.exit_days) } else { "several".to_owned() });
        }
        if row[15] > 0 {
            words.push("regressed".to_owned());
        }
        words.join(" ")
    };
    counts.iter().map(line).collect()
}

#[test]
fn conversion_by_the_first_visit() {
    check(
        &Conversion::between(day("01-01"), day("03-31")),
        print_conversion,
        "D - - | 01-05 lead | 01-20 contact | 02-01 lost    => lead entered forward:15; contact entered lost:12
         D - - | 01-05 lead | 01-20 offer | 01-30 won       => lead entered forward:15; contact skipped forward:0; offer entered forward:10; commit skipped forward:0
         D - - | 01-05 offer | 01-06 commit | 01-07 won     => lead passed; contact passed; offer entered directly forward:1; commit entered forward:1
         D - - | 01-05 contact | 01-10 lead | 01-12 offer   => lead passed; contact entered directly forward:7 regressed; offer entered pending:353
         D - - | 01-05 lead | 01-10 contact | 01-12 lead    => lead entered forward:5; contact entered pending:355 regressed
         D - - | 2025-12-05 lead | 01-10 contact            => contact entered pending:355
         D - - | 01-05 lead | 01-10 parked                  => lead entered cancelled:186
         D - - | 01-05 lead | 08-10 parked                  => lead entered parked:217
         D - - | 01-05 lead | 01-10 lost | 02-01 contact | 12-31 parked => lead entered forward:27; contact entered parked:333
         D - - | 01-05 lead | 01-10 lost | 02-01 lead       => lead entered pending:360
         D - - | 01-05 lead | 01-10 deleted                 => lead entered deleted:5
         D - - | 01-05 ? | 01-10 offer | 01-20 won          => offer found; commit skipped forward:0
         D - - | 01-05 ? | 01-10 won                        => nothing
         D - - | 01-05 lead won                             => lead passed; contact passed; offer passed; commit passed
         D - - | 01-05 lead | 01-05 contact | 01-05 offer   => lead entered forward:0; contact entered forward:0; offer entered pending:360
         D - - | merged                                     => nothing",
    );
}

#[test]
fn conversion_by_other_rules() {
    let ask = Conversion::between(day("01-01"), day("03-31"));
    check(
        &Conversion { goal: Goal::Won, ..ask.clone() },
        print_conversion,
        "D - - | 01-05 commit | 01-20 won                   => lead passed; contact passed; offer passed; commit entered directly forward:15
         D - - | 01-05 lead | 01-20 offer | 01-30 won       => lead entered forward:25; contact skipped forward:10; offer entered forward:10; commit skipped forward:0
         D - - | 01-05 lead | 01-20 won | 01-30 lead        => lead entered pending:360; contact skipped pending:345 regressed; offer skipped pending:345 regressed; commit skipped pending:345 regressed",
    );
    check(
        &Conversion { reach: Reach::Visited, ..ask.clone() },
        print_conversion,
        "D - - | 01-05 lead | 01-20 offer                   => lead entered pending:360; contact skipped; offer entered pending:345
         D - - | 01-05 lead | 01-20 offer | 01-25 contact   => lead entered forward:20; contact entered skipped pending:340; offer entered pending:345 regressed",
    );
    check(
        &Conversion { visit: Visit::Last, ..ask },
        print_conversion,
        "D - - | 01-05 lead | 01-20 contact | 01-25 lead    => lead entered pending:340; contact entered pending:345 regressed",
    );
}

#[test]
fn dwell() {
    check(
        &Dwell { from: day("02-01"), to: day("03-31") },
        |tally, cells| {
            let cause = |code: i128| Cause::from_code(u8::try_from(code).expect("a code")).expect("a cause").as_str();
            let line = |row: &Vec<i128>| format!("{} {}..{} {}", stage(row[1]), row[2], row[3], cause(row[4]));
            rows(tally, cells).iter().map(line).collect()
        },
        "D - - | 02-05 lead | 02-20 contact | 03-01 won         => lead 0..15 forward; contact 0..9 won
         D - - | 02-05 contact | 02-20 lead 7 | 02-25 8         => lead 0..39 censored; contact 0..15 back
         D - - | 01-22 lead | 02-20 contact | 03-01 lost        => lead 10..29 forward; contact 0..9 lost
         D - - | 01-05 lead | 02-01 contact | 03-01 parked      => contact 0..28 parked
         D - - | 02-05 lead 7 | 02-07 8 | 02-08 @bob | 02-09 cancelled => lead 0..4 cancelled
         D - - | 02-05 lead | 02-06 parked | 02-09 lead | 02-19 won => lead 0..1 parked; lead 0..10 won
         D - - | 02-05 ? | 02-15 offer | 02-25 won              => offer 10..20 won
         D - - | 02-05 lead | 02-06 deleted                     => lead 0..1 censored
         D - - | 02-05 lead | 02-05 offer | 02-05 commit        => lead 0..0 forward; offer 0..0 forward; commit 0..54 censored
         D - - | 04-01 lead                                     => nothing
         D - - | 01-05 lead | 01-20 won                         => nothing
         D - - | merged                                         => nothing",
    );
}

fn print_wins(tally: &WinRate, cells: &journey::WinRateCells) -> Vec<String> {
    let names = ["won", "lost", "cancelled", "parked", "deleted", "open"];
    let mut words = Vec::new();
    for row in rows(tally, cells) {
        let states = names.iter().enumerate().filter(|(at, _)| row[3 + 2 * at] > 0);
        words.extend(states.map(|(at, name)| format!("{name} {}", money(row[4 + 2 * at], row[15]))));
        words.extend((row[3] > 0).then(|| format!("cycle {}", row[16])));
    }
    words
}

#[test]
fn win_rate() {
    let decided = WinRate::between(day("02-01"), day("02-28"));
    check(
        &decided,
        print_wins,
        "D - - | 01-05 lead 100 | 02-01 won 90                  => won 90; cycle 27
         D - - | 01-05 lead 100 | 02-01 won 90 | 03-01 80       => won 90; cycle 27
         D - - | 01-05 lead | 02-28 lost                        => lost none
         D - - | 01-05 lead 100 | 02-05 lost | 02-06 lead | 02-08 won => won 100; cycle 34
         D - - | 01-05 lead 100 | 02-05 lost | 03-06 lead       => nothing
         D - - | 01-05 lead 100 | 02-05 lost | 03-06 won        => nothing
         D - - | 01-05 lead 100 | 02-05 cancelled               => cancelled 100
         D - - | 2025-02-05 lead 100 | 2025-08-10 parked        => cancelled 100
         D - - | 01-05 lead 100 | 02-05 parked                  => nothing
         D - - | 01-05 lead 100 | 02-05 deleted                 => deleted 100
         D - - | 02-05 lead 100                                 => nothing
         D - - | merged                                         => nothing",
    );
    check(
        &WinRate { basis: Basis::Created, ..decided },
        print_wins,
        "D - - | 01-05 lead 100 | 02-01 won 90                  => nothing
         D - - | 02-05 lead 100                                 => open 100
         D - - | 02-05 lead 100 | 07-20 parked                  => parked 100
         D - - | 02-05 lead 100 | 05-01 won                     => won 100; cycle 85",
    );
}

#[test]
fn slots_look_up_what_the_planner_laid_out() {
    let table = Table::read(&STAGES, "D - - | 01-05 lead").expect("a table");
    let laid = terms(&table).lay(table.journeys());
    let slots = laid.view().slots;
    assert_eq!((slots.open_count(), slots.count()), (4, 8));
    assert_eq!(slots.get(2, Outcome::Lost as u8), slots.end(Outcome::Lost));
    assert_eq!(slots.get(99, 0), journey::Slot::NOWHERE);
}
