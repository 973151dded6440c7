//! `loudou dedupe` on the embedded database; `engines.rs` asks the same of PostgreSQL.

use crate::support::{Data, merges};

#[test]
fn merged_customers_and_deals_count_as_one_and_come_back() {
    let data = Data::empty();
    merges::customers(&data);
    merges::deals(&data);
}

#[test]
fn slips_are_told() {
    let data = Data::empty();
    data.ok(&["init", "--name", "Acme"]);
    for (arguments, told) in [
        (&["dedupe", "find", "--kind", "people"][..], "customers, contacts, deals"),
        (&["dedupe", "find", "--min-score", "7"], "between 0.5 and 1"),
        (&["dedupe", "merge", "--strategy", "best", "--apply"], "most_complete"),
        (&["dedupe", "merge", "1", "2"], "there is no customer 1"),
        (&["dedupe", "undo", "5"], "there is no merge 5"),
        (&["dedupe", "find", "--scope", "team:North"], "scope"),
    ] {
        let refusal = data.refused(arguments);
        assert!(refusal.contains(told), "{arguments:?}: {refusal}");
    }
}
