use super::*;
use crate::process::{StageKind, load_ready_made};
use crate::quality::{Change, Settings};

/// A record as a row of a test tells it: `name=value` apart by spaces.
struct Row(Vec<(String, ExprValue)>);

impl Row {
    fn read(of: Of, text: &str) -> Self {
        let read = |pair: &str| {
            let (name, value) = pair.split_once('=').expect("name=value");
            let kind = values_of(of).iter().find(|(known, _)| *known == name).expect("it is a value of the kind").1;
            let value = match kind {
                Number => ExprValue::Number(value.parse().expect("a number")),
                Date => ExprValue::Day(Day::parse(value).expect("a day")),
                Flag => ExprValue::Flag(value == "true"),
                _ => ExprValue::Text(value.to_owned()),
            };
            (name.to_owned(), value)
        };
        Self(text.split_whitespace().map(read).collect())
    }
}

impl Sight for Row {
    fn value(&self, name: &str) -> Option<ExprValue> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

fn today() -> Day {
    Day::parse("2026-11-23").expect("a day")
}

/// Rows of `rule | what the record tells | passes, fails or - where it does not apply`.
fn check(of: Of, table: &str) {
    let book = RuleBook::built_in();
    let mut asked = std::collections::BTreeSet::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let [key, record, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("three cells: {line}")
        };
        let (_, rule) = book.find(key).unwrap_or_else(|| panic!("no rule {key}"));
        assert_eq!(rule.of, of, "{key}");
        asked.insert(key.to_owned());
        let found = match rule.judge(&Row::read(of, record), today()) {
            Some(true) => "passes",
            Some(false) => "fails",
            None => "-",
        };
        assert_eq!(found, expected, "{line}");
    }
    let all: std::collections::BTreeSet<_> = book.rules(of).iter().map(|rule| rule.key.clone()).collect();
    assert_eq!(asked, all, "every rule has rows");
}

#[test]
fn rules_about_deals() {
    check(
        Of::Deal,
        "stage_missing         |                                                        | fails
         stage_missing         | stage=lead                                             | passes
         owner_missing         |                                                        | fails
         owner_missing         | owner=4                                                | passes
         customer_missing      |                                                        | fails
         customer_missing      | account=4                                              | passes
         amount_missing        |                                                        | fails
         amount_missing        | amount_minor=0                                         | passes
         close_missing         |                                                        | fails
         close_missing         | expected_close_on=2020-01-01                           | passes
         won_without_amount    |                                                        | fails
         won_without_amount    | amount_minor=5                                         | passes
         lost_without_reason   |                                                        | fails
         lost_without_reason   | reason=price                                           | passes
         currency_missing      |                                                        | -
         currency_missing      | amount_minor=0                                         | fails
         currency_missing      | amount_minor=5 currency=CNY                            | passes
         amount_zero           |                                                        | -
         amount_zero           | amount_minor=0                                         | fails
         amount_zero           | amount_minor=1                                         | passes
         close_before_creation | expected_close_on=2026-01-01                           | -
         close_before_creation | expected_close_on=2026-01-01 created_on=2026-01-02     | fails
         close_before_creation | expected_close_on=2026-01-02 created_on=2026-01-02     | passes
         probability_high      | probability_ppm=900000                                 | -
         probability_high      | probability_ppm=900000 historical_ppm=599999           | fails
         probability_high      | probability_ppm=900000 historical_ppm=600000           | passes
         evidence_missing      | exits_passed=0 exits_unmet=0                           | -
         evidence_missing      | exits_passed=2 exits_unmet=1                           | fails
         evidence_missing      | exits_passed=2 exits_unmet=0                           | passes
         close_past            |                                                        | -
         close_past            | expected_close_on=2026-11-22                           | fails
         close_past            | expected_close_on=2026-11-23                           | passes
         next_step_past        |                                                        | -
         next_step_past        | next_step_on=2026-11-22                                | fails
         next_step_past        | next_step_on=2026-11-23                                | passes
         silent                | silent_days=90                                         | -
         silent                | silent_days=31 standard_days=30                        | fails
         silent                | silent_days=30 standard_days=30                        | passes
         overstay              |                                                        | -
         overstay              | stay_percent=201                                       | fails
         overstay              | stay_percent=200                                       | passes
         twin                  |                                                        | -
         twin                  | open_twins=1                                           | fails
         twin                  | open_twins=0                                           | passes",
    );
}

#[test]
fn rules_about_customers() {
    check(
        Of::Customer,
        "industry_missing |                                             | fails
         industry_missing | industry=3                                  | passes
         region_missing   |                                             | fails
         region_missing   | region=3                                    | passes
         keeper_missing   |                                             | fails
         keeper_missing   | owner=3                                     | passes
         tax_number_form  |                                             | -
         tax_number_form  | tax_number_sound=false                      | fails
         tax_number_form  | tax_number_sound=true                       | passes
         phone_form       |                                             | -
         phone_form       | phone_sound=false                           | fails
         phone_form       | phone_sound=true                            | passes
         contact_form     | contacts_reachable=0 contacts_unsound=0     | -
         contact_form     | contacts_reachable=2 contacts_unsound=1     | fails
         contact_form     | contacts_reachable=2 contacts_unsound=0     | passes
         customer_alike   |                                             | -
         customer_alike   | alike=1                                     | fails
         customer_alike   | alike=0                                     | passes",
    );
}

#[test]
fn which_deals_a_rule_is_for() {
    let book = RuleBook::built_in();
    let processes = load_ready_made().expect("they load");
    let process = processes.iter().find(|process| process.key == "b2b-seven").expect("it is there");
    let intent = process.intent_order().expect("it has the stage");
    let asks = |key: &str, state, stage: Option<&Stage>| {
        let bit = book.find(key).expect("a rule").0;
        book.candidates(state, stage.map(|stage| (process, stage))) >> bit & 1 == 1
    };
    for stage in process.stages.iter().filter(|stage| stage.kind == StageKind::Open) {
        let late = stage.order >= intent;
        assert_eq!(asks("amount_missing", Outcome::Open, Some(stage)), late, "{}", stage.key);
        assert_eq!(asks("amount_zero", Outcome::Open, Some(stage)), late, "{}", stage.key);
        assert!(asks("close_past", Outcome::Open, Some(stage)));
        assert!(!asks("close_past", Outcome::Won, Some(stage)));
    }
    assert!(!asks("amount_missing", Outcome::Open, None), "an unknown stage is not late");
    assert!(asks("won_without_amount", Outcome::Won, None) && !asks("won_without_amount", Outcome::Lost, None));
    assert!(asks("lost_without_reason", Outcome::Lost, None));
    assert_eq!(book.candidates(Outcome::Cancelled, None), 0);
}

#[test]
fn a_threshold_of_days_stands_before_the_standard_of_the_stage() {
    let settings = Settings([("silent".to_owned(), Change { threshold: Some(10), ..Change::default() })].into());
    let book = RuleBook::built_in().with(&settings);
    let rule = book.find("silent").expect("a rule").1;
    let judged = |text: &str| rule.judge(&Row::read(Of::Deal, text), today());
    assert_eq!(judged("silent_days=11 standard_days=30"), Some(false));
    assert_eq!(judged("silent_days=10"), Some(true), "also where the stage has none");
}

#[test]
fn weights_decide_the_score_and_a_weight_of_nothing_changes_nothing() {
    let book = RuleBook::built_in();
    let of = |keys: &[&str]| keys.iter().fold(0_u64, |bits, key| bits | 1 << book.find(key).expect("a rule").0);
    let verdicts =
        Verdicts { applied: of(&["owner_missing", "close_missing", "next_step_past"]), failed: of(&["close_missing"]) };
    assert_eq!(book.weigh(Of::Deal, verdicts), (4, 6));
    for bits in 0..64_u64 {
        let verdicts = Verdicts { applied: bits, failed: bits & 0b10_1010 };
        let (passed, applied) = book.weigh(Of::Deal, verdicts);
        assert!(passed <= applied);
        let settings = Settings([("twin".to_owned(), Change { weight: Some(0), ..Change::default() })].into());
        let without = book.with(&settings);
        let twin = of(&["twin"]);
        let with = Verdicts { applied: bits | twin, failed: verdicts.failed | twin };
        assert_eq!(
            without.weigh(Of::Deal, with),
            book.weigh(Of::Deal, Verdicts { applied: bits & !twin, failed: verdicts.failed & !twin })
        );
    }
    let off = Settings(book.iter().map(|rule| (rule.key.clone(), Change { off: true, ..Change::default() })).collect());
    assert_eq!((book.with(&off).candidates(Outcome::Open, None), book.with(&off).of_customers()), (0, 0));
}

#[test]
fn what_somebody_sees_less_of_is_judged_again_alone() {
    let book = RuleBook::built_in();
    let (twin, _) = book.find("twin").expect("the rule");
    let bits = |twins: u64| (twins << twin) | 1;
    let before = Verdicts { applied: bits(1), failed: bits(1) };
    let again =
        |value: &str, record: &str| book.judge_again(Of::Deal, before, value, &Row::read(Of::Deal, record), today());
    assert_eq!(again("open_twins", "open_twins=1"), before);
    assert_eq!(again("open_twins", "open_twins=0"), Verdicts { applied: bits(1), failed: bits(0) });
    assert_eq!(again("open_twins", ""), Verdicts { applied: bits(0), failed: bits(0) }, "it is not known");
    assert_eq!(again("product", "open_twins=0"), before, "no rule asks for it");
    let unasked = Verdicts { applied: bits(0), failed: bits(0) };
    let seen = Row::read(Of::Deal, "open_twins=1");
    assert_eq!(book.judge_again(Of::Deal, unasked, "open_twins", &seen, today()), unasked);
}
