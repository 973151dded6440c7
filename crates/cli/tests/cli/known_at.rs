//! What could be known on a day: `--known-at` sees what the log had told by then, and nothing of a later export.

use serde_json::{Value, json};

use crate::support::{Data, Files};

/// Stage, amount and owner of the one deal, as far as was known at the end of each day; the last without a day.
fn known(data: &Data, days: &[&str]) -> Vec<Option<Value>> {
    let query = ["sql", "select stage, amount_minor, owner from opportunities"];
    let then = days.iter().map(|day| data.rows(&[&query[..], &["--known-at", day]].concat()));
    then.chain([data.rows(&query)]).map(|rows| rows.first().cloned()).collect()
}

fn deal(stage: Option<&str>, amount_minor: Option<i64>, owner: Option<&str>) -> Option<Value> {
    Some(json!({"stage": stage, "amount_minor": amount_minor, "owner": owner}))
}

#[test]
fn amounts_and_owners_of_an_export_are_not_known_before_it() {
    let files = Files::empty();
    files.write(
        "Opportunity.csv",
        b"CreatedDate,Id,Name,Amount,CloseDate,Probability,ForecastCategoryName,NextStep,LeadSource,CampaignId,AccountId,\
          OwnerId,IsClosed,StageName\n01/03/2022,A,Deal,500,24/05/2022,50,Pipeline,,Web,,Acme,Ann,FALSE,Qualification\n",
    );
    files.write(
        "OpportunityHistory.csv",
        b"OppID,CreatedDate,StageName,SortOrder\nA,05/03/2022,Prospecting,1\nA,10/04/2022,Qualification,2\n",
    );
    let data = Data::empty();
    data.ok(&["import", "run", "salesforce-history", files.path()]);
    let days = ["2022-02-28", "2022-03-01", "2022-03-05", "2022-04-10", "2022-12-23", "2022-12-24"];
    let expected = [
        None,
        deal(None, None, None),
        deal(Some("prospecting"), None, None),
        deal(Some("qualification"), None, None),
        deal(Some("qualification"), None, None),
        // The day of the export.
        deal(Some("qualification"), Some(50_000), Some("Ann")),
        deal(Some("qualification"), Some(50_000), Some("Ann")),
    ];
    assert_eq!(known(&data, &days), expected);

    // As of any day the amount is there, unless one asks what was known.
    let stock = |known_at: &[&str]| data.rows(&[&["funnel", "--as-of", "2022-03-31"], known_at].concat());
    assert_ne!(stock(&[]), stock(&["--known-at", "2022-03-31"]));
    assert_eq!(stock(&[]), stock(&["--known-at", "2022-12-24"]));
}

#[test]
fn starting_values_are_known_when_the_log_tells_them() {
    let import = |deals: &[u8], changes: &[u8]| {
        let files = Files::empty();
        files.write("deals.csv", deals);
        files.write("changes.csv", changes);
        let data = Data::empty();
        data.ok(&["import", "run", "deals-and-changes", files.path()]);
        data
    };
    let days = ["2020-01-04", "2020-01-05", "2020-02-01", "2020-12-31"];

    // In the first change.
    let data = import(
        b"deal_id,created_at,account\nA,2020-01-05,Acme\n",
        b"deal_id,changed_at,stage,amount,owner\nA,2020-01-05,lead,100.00,Ann\nA,2020-02-01,contact,200.00,\n",
    );
    let contact = deal(Some("contact"), Some(20_000), Some("Ann"));
    let expected =
        [None, deal(Some("lead"), Some(10_000), Some("Ann")), contact.clone(), contact.clone(), contact.clone()];
    assert_eq!(known(&data, &days), expected);

    // In the table of deals, which was exported some day later: the amount becomes known by the change of it.
    let data = import(
        b"deal_id,created_at,account,amount,owner\nA,2020-01-05,Acme,100.00,Ann\n",
        b"deal_id,changed_at,stage,amount\nA,2020-01-05,lead,\nA,2020-02-01,contact,200.00\n",
    );
    let changed = deal(Some("contact"), Some(20_000), None);
    let expected = [None, deal(Some("lead"), None, None), changed.clone(), changed, contact];
    assert_eq!(known(&data, &days), expected);
    // What is known now holds from the first state on: the deal came in with its amount and its owner.
    let first = data.sql("select amount_minor, owner from intervals where stage = 'lead' order by from_at");
    assert!(first.iter().all(|state| *state == json!({"amount_minor": 10_000, "owner": "Ann"})), "{first:?}");
    assert!(!first.is_empty());
}
