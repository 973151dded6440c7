//! Questions over small journals: filters, scope, processes, currencies, groups, remembered answers.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{Decimal128Type, Int64Type, UInt16Type, UInt64Type};
use domain::field::{FieldId, Value, ids};
use domain::id::Kind;
use domain::journal::{Facts, Op};
use domain::scope::Scope;
use domain::{Currency, Day, Outcome, Rates, StageId};
use journey::Tally;
use journey::{Stock, Trend};
use proptest::prelude::*;

use crate::ask::{Counted, count};
use crate::memory::Memory;
use crate::question::{AskError, Question};
use crate::snapshot::Snapshot;
use crate::testing::{Journal, journals};

const MIB: usize = 1 << 20;

fn ask(snapshot: &Snapshot, question: &Question) -> Result<Counted<<Stock as Tally>::Cells>, AskError> {
    count(snapshot, question, &Stock::on(question.as_of), &Memory::new(0), MIB)
}

/// `label,label slot deals amount`, one a row.
fn rows(counted: &Counted<<Stock as Tally>::Cells>) -> Vec<String> {
    let batch = Stock::on(Day(0)).finish(&counted.cells);
    let groups = batch.column_by_name("group").expect("group").as_primitive::<UInt64Type>();
    let slots = batch.column_by_name("slot").expect("slot").as_primitive::<UInt16Type>();
    let deals = batch.column_by_name("deals").expect("deals").as_primitive::<Int64Type>();
    let amounts = batch.column_by_name("amount_minor").expect("amount").as_primitive::<Decimal128Type>();
    let mut rows: Vec<String> = (0..batch.num_rows())
        .filter(|row| deals.value(*row) != 0)
        .map(|row| {
            let labels = counted.keys.labels(groups.value(row));
            let labels: Vec<String> = labels.into_iter().map(|label| label.unwrap_or_else(|| "-".into())).collect();
            let stage = &counted.stages[usize::from(slots.value(row))];
            let stage = stage.as_ref().map_or("unknown", |stage| stage.key.as_str());
            format!("{} {stage} {} {}", labels.join(","), deals.value(row), amounts.value(row)).trim().to_owned()
        })
        .collect();
    rows.sort();
    rows
}

fn question() -> Question {
    Question::everything(Day(100))
}

fn filtered(snapshot: &Snapshot, filter: &str) -> Result<Vec<i64>, AskError> {
    let question = Question { filter: Some(filter.to_owned()), ..question() };
    let counted = ask(snapshot, &question)?;
    // Amounts are powers of two, so the sum tells which deals are in.
    let batch = Stock::on(Day(0)).finish(&counted.cells);
    let amounts = batch.column_by_name("amount_minor").expect("amount").as_primitive::<Decimal128Type>();
    let sum: i128 = amounts.values().iter().sum();
    Ok((1..=6).filter(|deal| (sum / 100) >> deal & 1 == 1).collect())
}

/// Six open deals of process `sale` with amounts 100·2^deal: 1–3 of Ann (team North), 4–6 of Bob (South).
fn six() -> Journal {
    let mut journal = Journal::default();
    journal.name(Kind::Person, 21, "Ann");
    journal.name(Kind::Person, 22, "Bob");
    journal.name(Kind::Team, 31, "North");
    journal.name(Kind::Team, 32, "South");
    journal.name(Kind::Region, 51, "East");
    journal.name(Kind::Region, 52, "West");
    journal.name(Kind::Account, 41, "Acme");
    journal.name(Kind::Account, 42, "Zeta");
    for deal in 1..=6_i64 {
        let north = deal <= 3;
        let facts = Facts::default()
            .stage(StageId(if deal % 2 == 1 { 1 } else { 2 }))
            .amount_minor(Some(100 << deal))
            .currency(Some(Currency::CNY))
            .owner(Some(if north { 21 } else { 22 }))
            .team(Some(if north { 31 } else { 32 }))
            .expected_close_on((deal != 6).then_some(Day(40 + i32::try_from(deal).expect("small"))))
            .probability_ppm(Some(i32::try_from(deal).expect("small") * 100_000))
            .with(ids::OPPORTUNITY_NAME, Value::Text(format!("Deal {deal}").into()))
            .with(ids::OPPORTUNITY_PROCESS, Value::Int(1))
            .with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(if north { 41 } else { 42 }))
            .with(FieldId(1000), Value::Text(if deal == 4 { "gold" } else { "iron" }.into()));
        let facts = if deal == 2 { facts } else { facts.with(ids::OPPORTUNITY_REGION, Value::Ref(51 + deal % 2)) };
        journal.deal(deal, 10 * deal, facts);
    }
    journal
}

#[test]
fn filters_read_as_sql_does() {
    let snapshot = six().rebuild().snapshot();
    let table: [(&str, &[i64]); 30] = [
        ("owner = 'Ann'", &[1, 2, 3]),
        ("owner <> 'Ann'", &[4, 5, 6]),
        ("'Ann' = owner AND stage = 'talk'", &[2]),
        ("owner IN ('Ann', 'Bob') AND NOT stage = 'talk'", &[1, 3, 5]),
        ("region = 'East'", &[4, 6]),
        ("region <> 'East'", &[1, 3, 5]),
        ("region IS NULL", &[2]),
        ("region IS NULL OR owner = 'Bob'", &[2, 4, 5, 6]),
        ("region = 'West' OR account = 'Zeta'", &[1, 3, 4, 5, 6]),
        ("region LIKE 'E%'", &[4, 6]),
        ("upper(team) = 'NORTH'", &[1, 2, 3]),
        ("amount > 16", &[5, 6]),
        ("amount >= 16.0 AND amount < 64", &[4, 5]),
        ("amount_minor = 400", &[2]),
        ("amount_minor % 800 = 0 AND owner = 'Ann'", &[3]),
        ("expected_close_on >= DATE '1970-02-14'", &[4, 5]),
        ("expected_close_on IS NULL", &[6]),
        ("probability BETWEEN 0.3 AND 0.4", &[3, 4]),
        ("created_on < DATE '1970-02-01'", &[1, 2, 3]),
        ("created_month = '1970-02'", &[4, 5]),
        ("created_month = '1970-12'", &[]),
        ("deal IN (1, 6)", &[1, 6]),
        ("name = 'Deal 3'", &[3]),
        ("external_id = 'S-1'", &[1]),
        ("segment = 'gold' OR (segment = 'iron' AND amount < 5)", &[1, 2, 4]),
        ("currency = 'CNY' AND outcome = 'open' AND process = 'sale'", &[1, 2, 3, 4, 5, 6]),
        ("amount_class = 'under 10k'", &[1, 2, 3, 4, 5, 6]),
        ("coalesce(region, 'none') = 'none' OR nullif(account, 'Acme') = 'Zeta'", &[2, 4, 5, 6]),
        ("TRUE", &[1, 2, 3, 4, 5, 6]),
        ("NULL", &[]),
    ];
    for (filter, deals) in table {
        assert_eq!(filtered(&snapshot, filter).expect(filter), deals, "{filter}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let snapshot = six().rebuild().snapshot();
    let table = [
        ("regoin = 'East'", "no column `regoin` to filter by (did you mean region"),
        ("region = \"East\"", "Texts stand in single quotes"),
        ("region = 'Eest'", "`region` has no value `Eest` (did you mean East"),
        ("stage IN ('talk', 'tolk')", "`stage` has no value `tolk` (did you mean talk"),
        ("amount >", "the filter `amount >` cannot be read: Expected: an expression, found: EOF. Write comparisons"),
        ("amount > 'x", "the filter `amount > 'x` cannot be read: Unterminated string literal"),
        ("amount + 1", "it is no condition"),
        ("sum(amount) > 3", "cannot count over deals"),
        ("created_on < current_date()", "changes from one call to the next"),
        ("random() < 0.5", "changes from one call to the next"),
        ("deal IN (SELECT 1)", "a filter cannot hold a query"),
        ("amount = 'much'", "cannot be read"),
    ];
    for (filter, message) in table {
        let error = filtered(&snapshot, filter).expect_err(filter).to_string();
        assert!(error.contains(message), "{filter}: {error}");
    }
    let by = Question { by: vec!["ownr".into()], ..question() };
    let error = ask(&snapshot, &by).expect_err("no such dimension").to_string();
    assert!(error.starts_with("cannot group by `ownr` (did you mean owner?)"), "{error}");
    let process = Question { process: Some("sales".into()), ..question() };
    let error = ask(&snapshot, &process).expect_err("no such process").to_string();
    assert!(error.starts_with("there is no process `sales` (did you mean sale?)"), "{error}");
}

#[test]
fn groups_have_words_and_none_is_told_apart() {
    let snapshot = six().rebuild().snapshot();
    let by = |by: &[&str]| {
        let by = by.iter().map(|name| (*name).to_owned()).collect();
        rows(&ask(&snapshot, &Question { by, ..question() }).expect("an answer"))
    };
    assert_eq!(by(&[]), ["lead 3 4200", "talk 3 8400"]);
    assert_eq!(by(&["region"]), ["- talk 1 400", "East talk 2 8000", "West lead 3 4200"]);
    assert_eq!(
        by(&["owner", "region", "outcome"]),
        [
            "Ann,-,open talk 1 400",
            "Ann,West,open lead 2 1000",
            "Bob,East,open talk 2 8000",
            "Bob,West,open lead 1 3200"
        ]
    );
    assert_eq!(by(&["stage", "created_month"]).len(), 5);
}

#[test]
fn too_many_groups_or_counts_are_refused_with_advice() {
    let snapshot = six().rebuild().snapshot();
    let by = vec!["created_month".to_owned(); 3];
    let error = ask(&snapshot, &Question { by, ..question() }).expect_err("too many").to_string();
    assert!(error.contains("leave a dimension out"), "{error}");
    let by = Question { by: vec!["account".into()], ..question() };
    let error = count(&snapshot, &by, &Stock::on(Day(100)), &Memory::new(0), 10).expect_err("too large");
    assert!(error.to_string().contains("group by fewer dimensions"), "{error}");
}

#[test]
fn a_teams_view_has_no_trace_of_another() {
    let snapshot = six().rebuild().snapshot();
    let north = Scope::Teams { teams: [31].into(), person: None };
    for scope in [north, Scope::Person(21)] {
        let of = |filter: Option<&str>, by: &[&str]| {
            let (filter, by) = (filter.map(str::to_owned), by.iter().map(|name| (*name).to_owned()).collect());
            ask(&snapshot, &Question { filter, by, scope: scope.clone(), ..question() })
        };
        let all = of(None, &[]).expect("an answer");
        assert_eq!((all.deals_seen, rows(&all)), (3, vec!["lead 2 1000".to_owned(), "talk 1 400".to_owned()]));
        let grouped = format!("{:?}", rows(&of(None, &["owner", "team", "account", "region"]).expect("an answer")));
        for word in ["Bob", "South", "Zeta", "East"] {
            assert!(!grouped.contains(word), "{word} in {grouped}");
        }
        // A name of another team's answers like one that does not exist, and is not suggested.
        let hidden = of(Some("account = 'Zeta'"), &[]).expect_err("hidden").to_string();
        let absent = of(Some("account = 'Zetb'"), &[]).expect_err("absent").to_string();
        assert_eq!(hidden, absent.replace("Zetb", "Zeta"));
        assert!(!absent.replace("Zetb", "").contains("Zeta"), "{absent}");
        // What would fail on another team's words, rows or entries does not meet them.
        for filter in [
            "CASE WHEN owner = 'Ann' THEN 1 ELSE cast(owner AS int) END = 1",
            "CASE WHEN team LIKE 'No%' THEN '1' ELSE concat(owner, account) END = '1' AND cast(replace(team, 'North', '1') AS int) = 1",
            "CASE WHEN account LIKE 'A%' THEN 1 ELSE cast(concat(account, owner) AS int) END = 1",
            "1 / (deal - 4) <> 7",
            "1 / (amount_minor - 1600) <> 7",
            "1 / (amount_minor - 1600 + CASE WHEN account = 'Acme' THEN 1 ELSE 0 END) <> 7",
        ] {
            let answer = of(Some(filter), &[]);
            assert_eq!(answer.map(|all| all.deals_seen).map_err(|error| error.to_string()), Ok(3), "{filter}");
        }
    }
    let nothing = Question { scope: Scope::Nothing, ..question() };
    assert_eq!(ask(&snapshot, &nothing).expect("an answer").deals_seen, 0);
}

#[test]
fn a_deal_handed_over_leaves_its_old_owners_scope_with_its_past() {
    let mut journal = six();
    journal.deal(1, 70, Facts::default().owner(Some(22)).team(Some(32)));
    journal.deal(2, 80, Facts::default().owner(None).team(None));
    let snapshot = journal.rebuild().snapshot();
    let seen = |scope, as_of| {
        ask(&snapshot, &Question { scope, ..Question::everything(Day(as_of)) }).expect("an answer").deals_seen
    };
    assert_eq!([seen(Scope::Person(21), 60), seen(Scope::Person(22), 60)], [1, 4]);
    assert_eq!(seen(Scope::All, 60), 6);
    // Grouping is as it was.
    let then = Question { by: vec!["owner".into()], ..Question::everything(Day(60)) };
    assert!(rows(&ask(&snapshot, &then).expect("an answer")).contains(&"Ann talk 1 400".to_owned()));
}

#[test]
fn several_processes_are_told_apart_or_refused() {
    let mut journal = six();
    let rent = Facts::default().stage(StageId(6)).with(ids::OPPORTUNITY_PROCESS, Value::Int(2)).owner(Some(22));
    journal.deal(7, 50, rent);
    let snapshot = journal.rebuild().snapshot();
    let error = ask(&snapshot, &question()).expect_err("mixed").to_string();
    assert!(error.contains("(sale, rent)") && error.contains("group by `process`"), "{error}");
    let sale = Question { process: Some("sale".into()), ..question() };
    let counted = ask(&snapshot, &sale).expect("an answer");
    assert_eq!(rows(&counted), ["lead 3 4200", "talk 3 8400"]);
    assert_eq!(counted.process.map(|process| process.key).as_deref(), Some("sale"));
    let by = Question { by: vec!["process".into()], ..question() };
    assert_eq!(
        rows(&ask(&snapshot, &by).expect("an answer")),
        ["rent ask 1 0", "sale lead 3 4200", "sale talk 3 8400"]
    );
    // What is not in view is no hindrance: neither out of scope nor later.
    let ann = Question { scope: Scope::Person(21), ..question() };
    assert_eq!(ask(&snapshot, &ann).expect("an answer").deals_seen, 3);
    assert_eq!(ask(&snapshot, &Question::everything(Day(45))).expect("an answer").deals_seen, 4);
}

#[test]
fn versions_of_a_process_count_as_one() {
    let mut context = crate::testing::context();
    let mut next = context.processes[0].clone();
    next.version = 2;
    next.stages.remove(0);
    let next = next.with_ids(domain::ProcessId(3), StageId(20));
    context.processes.push(next);
    let mut journal = six();
    let facts = Facts::default().stage(StageId(20)).owner(Some(21)).with(ids::OPPORTUNITY_PROCESS, Value::Int(3));
    journal.deal(7, 20, facts);
    let mut rebuild = crate::ledger::Rebuild::new(context, 1);
    rebuild.add(journal.0.clone());
    let snapshot = rebuild.finish(99, &crate::testing::external_ids()).snapshot();
    let counted = ask(&snapshot, &question()).expect("an answer");
    assert_eq!(rows(&counted), ["lead 3 4200", "talk 4 8400"]);
    let stages: Vec<_> = counted.stages.iter().flatten().map(|stage| stage.key.as_str()).collect();
    assert_eq!(stages, ["lead", "talk", "offer"]);
    assert_eq!(counted.process.map(|process| process.version), Some(2));
}

#[test]
fn an_unknown_stage_has_a_slot_of_its_own() {
    let mut journal = six();
    journal.deal(3, 60, Facts::default().stage(StageId::UNKNOWN));
    journal.deal(4, 60, Facts::default().outcome(Outcome::Won).stage(StageId(4)));
    let snapshot = journal.rebuild().snapshot();
    assert_eq!(rows(&ask(&snapshot, &question()).expect("an answer")), ["lead 2 3400", "talk 2 6800", "unknown 1 800"]);
}

#[test]
fn currencies_are_converted_or_refused() {
    let mut journal = six();
    let facts = Facts::default().amount_minor(Some(1000)).currency(Some(Currency::EUR)).stage(StageId(3));
    journal.deal(7, 50, facts.with(ids::OPPORTUNITY_PROCESS, Value::Int(1)).owner(Some(22)));
    let mut snapshot = journal.rebuild().snapshot();
    let error = ask(&snapshot, &question()).expect_err("mixed").to_string();
    assert!(error.contains("CNY, EUR") && error.contains("add exchange rates"), "{error}");
    let one = Question { filter: Some("currency = 'EUR'".into()), ..question() };
    let counted = ask(&snapshot, &one).expect("an answer");
    assert_eq!((rows(&counted), counted.currency), (vec!["offer 1 1000".to_owned()], Some(Currency::EUR)));
    let ann = Question { scope: Scope::Person(21), ..question() };
    assert_eq!(ask(&snapshot, &ann).expect("an answer").currency, Some(Currency::CNY));
    let hidden = |code: &str| {
        let filter = Some(format!("currency = '{code}'"));
        ask(&snapshot, &Question { filter, ..ann.clone() }).expect_err("not in scope").to_string()
    };
    assert_eq!(hidden("EUR"), hidden("JPY").replace("JPY", "EUR"));
    let by = Question { by: vec!["currency".into()], ..question() };
    assert_eq!(
        rows(&ask(&snapshot, &by).expect("an answer")),
        ["CNY lead 3 4200", "CNY talk 3 8400", "EUR offer 1 1000"]
    );

    let mut rates = Rates::new(Currency::CNY);
    rates.add(Currency::EUR, Day(60), 8_000_000_000);
    snapshot.rates = Some(Arc::new(rates.clone()));
    let error = ask(&snapshot, &question()).expect_err("too late").to_string();
    assert!(error.contains("no exchange rate from EUR to CNY on or before 1970-02-20"), "{error}");
    rates.add(Currency::EUR, Day(50), 7_000_000_000);
    snapshot.rates = Some(Arc::new(rates));
    let counted = ask(&snapshot, &question()).expect("an answer");
    assert_eq!(rows(&counted), ["lead 3 4200", "offer 1 8000", "talk 3 8400"]);
    let dollars = Question { currency: Some(Currency::USD), ..question() };
    let error = ask(&snapshot, &dollars).expect_err("no way").to_string();
    assert!(error.contains("lead into CNY only"), "{error}");
}

#[test]
fn what_was_known_keeps_ownership_of_now_and_shows_what_stood() {
    let mut journal = six();
    journal.put(Kind::Opportunity, 3, 70, 70, Op::Merge { into: 1 });
    let snapshot = journal.rebuild().snapshot();
    assert_eq!(ask(&snapshot, &question()).expect("an answer").deals_seen, 5);
    let then = snapshot.known_at(Day(69), &journal.by_deal());
    let of = |person| {
        let question = Question { scope: Scope::Person(person), known_at: Some(Day(69)), ..question() };
        ask(&then, &question).expect("an answer").deals_seen
    };
    assert_eq!([of(21), of(22)], [3, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Answers out of the memory equal fresh ones, while the journal grows under it.
    #[test]
    fn remembered_is_fresh(journal in journals(), steps in prop::collection::vec(1_usize..20, 1..6)) {
        let memory = Memory::new(MIB);
        let mut ledger = crate::ledger::Ledger::new(crate::testing::context());
        let questions = [
            (vec!["owner".to_owned(), "process".to_owned()], None, Scope::All),
            (vec!["process".to_owned(), "region".to_owned()], Some("amount_minor > 100 OR region IS NULL"), Scope::All),
            (vec!["process".to_owned(), "currency".to_owned()], None, Scope::Person(21)),
        ];
        let scan = (Stock::on(Day(20)), Trend::new(vec![Day(5), Day(25), Day(45)]));
        let mut until = 0;
        for step in steps {
            until = (until + step).min(journal.0.len());
            journal.refresh(&mut ledger, until);
            let snapshot = ledger.snapshot();
            for (by, filter, scope) in &questions {
                let question = Question {
                    by: [by.clone(), vec!["currency".to_owned()]].concat(),
                    filter: filter.map(str::to_owned),
                    scope: scope.clone(),
                    ..Question::everything(Day(50))
                };
                let remembered = count(&snapshot, &question, &scan, &memory, MIB).expect("an answer");
                let again = count(&snapshot, &question, &scan, &memory, MIB).expect("an answer");
                let fresh = count(&snapshot, &question, &scan, &Memory::new(0), MIB).expect("an answer");
                for (name, cells) in [("first", &remembered.cells), ("again", &again.cells)] {
                    prop_assert_eq!(&cells.0, &fresh.cells.0, "{}", name);
                    prop_assert_eq!(&cells.1, &fresh.cells.1, "{}", name);
                }
            }
        }
    }
}
