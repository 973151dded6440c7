//! The rules of survivorship, as tables.

use std::collections::BTreeMap;

use domain::field::{FieldId, Value, ids};
use domain::journal::{Facts, Hot};
use domain::{Currency, Kind, RecordId};
use store::Record;

use super::Strategy;
use super::survivorship::{gifts, propose};

fn record(kind: Kind, id: RecordId, version: i64, rest: &[(FieldId, &str)]) -> Record {
    let mut rest: Vec<(FieldId, Value)> =
        rest.iter().map(|(field, value)| (*field, Value::Text((*value).into()))).collect();
    rest.sort_by_key(|(field, _)| *field);
    Record {
        kind,
        id,
        version,
        hot: Hot::default(),
        rest,
        created_at: None,
        created_on: None,
        closed_at: None,
        closed_on: None,
    }
}

const NAME: FieldId = ids::ACCOUNT_NAME;
const GRADE: FieldId = ids::ACCOUNT_GRADE;
const PHONE: FieldId = ids::ACCOUNT_PHONE;
const COUNTRY: FieldId = ids::ACCOUNT_COUNTRY;

fn shown(facts: &[Facts]) -> Vec<String> {
    let one = |facts: &Facts| {
        let words: Vec<String> = facts
            .rest
            .iter()
            .map(|(field, value)| match value {
                Value::Text(text) | Value::Json(text) => format!("{}={text}", field.0),
                other => format!("{}={other:?}", field.0),
            })
            .collect();
        words.join(" ")
    };
    facts.iter().map(one).collect()
}

#[test]
fn the_survivor_keeps_what_it_has_and_is_filled_from_the_others() {
    let survivor = record(Kind::Account, 1, 10, &[(NAME, "Acme"), (GRADE, "B")]);
    let older = record(Kind::Account, 2, 5, &[(NAME, "ACME Inc."), (GRADE, "A"), (PHONE, "1"), (COUNTRY, "CN")]);
    let newer = record(Kind::Account, 3, 20, &[(NAME, "Acme Ltd"), (GRADE, "C"), (PHONE, "2")]);
    let merged = [&older, &newer];
    let none = BTreeMap::new();
    let cases = [
        (Strategy::Survivor, vec![r#"101=["ACME Inc."] 104=CN 113=1"#, r#"101=["ACME Inc.","Acme Ltd"]"#]),
        (
            Strategy::MostComplete,
            vec![r#"100=ACME Inc. 101=["Acme"] 104=CN 106=A 113=1"#, r#"101=["Acme","Acme Ltd"]"#],
        ),
        (
            Strategy::Newest,
            vec![r#"101=["Acme","ACME Inc."] 104=CN"#, r#"100=Acme Ltd 101=["Acme","ACME Inc."] 106=C 113=2"#],
        ),
    ];
    for (strategy, expected) in cases {
        assert_eq!(shown(&gifts(&survivor, &merged, strategy, &none)), expected, "{strategy:?}");
    }
    let picked = BTreeMap::from([(GRADE, 3), (PHONE, 1)]);
    let chosen = shown(&gifts(&survivor, &merged, Strategy::Survivor, &picked));
    assert_eq!(chosen, [r#"101=["ACME Inc."] 104=CN"#, r#"101=["ACME Inc.","Acme Ltd"] 106=C"#]);
}

#[test]
fn a_deal_takes_over_values_and_never_where_another_stands() {
    let deal = |id, amount: Option<i64>, currency, stage| Record {
        hot: Hot { amount_minor: amount, currency, stage: domain::StageId(stage), ..Hot::default() },
        ..record(Kind::Opportunity, id, id, &[(ids::OPPORTUNITY_NAME, "Line 1")])
    };
    let survivor = deal(1, None, Some(Currency::CNY), 2);
    let merged = deal(2, Some(500), Some(Currency::EUR), 5);
    let found = gifts(&survivor, &[&merged], Strategy::Survivor, &BTreeMap::new());
    let expected = Facts::default().amount_minor(Some(500)).currency(Some(Currency::EUR));
    assert_eq!(found, [expected], "an amount comes with its currency, a stage stays");
}

#[test]
fn nobody_becomes_their_own_parent_and_the_fullest_is_proposed() {
    let survivor = record(Kind::Account, 1, 1, &[(NAME, "Acme")]);
    let mut child = record(Kind::Account, 2, 2, &[(NAME, "Acme")]);
    child.rest.push((ids::ACCOUNT_PARENT, Value::Ref(1)));
    let none = BTreeMap::new();
    assert_eq!(gifts(&survivor, &[&child], Strategy::Survivor, &none), [Facts::default()]);
    assert_eq!(propose(&[&survivor, &child]), Some(2));
    assert_eq!(propose(&[&child, &survivor]), Some(2));
    let twin = record(Kind::Account, 3, 9, &[(NAME, "Acme")]);
    assert_eq!(propose(&[&twin, &survivor]), Some(1), "of two that tell as much, the first made");
}
