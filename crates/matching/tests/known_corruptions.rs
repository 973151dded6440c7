//! What finding duplicates is worth: precision and recall on customers whose duplicates were made.
//!
//! The figures of `docs/metrics/duplicates.md` are those of 100,000 customers (`cargo run --example duplicates`); here a
//! smaller company is held to bounds a little below.

mod customers;

use matching::{Keys, Options, Subject, find_duplicates};

#[test]
fn most_of_what_is_found_is_right_and_most_is_found() {
    let customers = customers::customers(6000, 7);
    let records: Vec<Keys> = customers.iter().map(|customer| customer.keys.clone()).collect();
    let found = find_duplicates(Subject::Organisation, &records, &Options::default());
    let quality = customers::quality(&customers, &found);
    assert!(quality.there > 1000, "{quality:?}");
    assert!(quality.precision() >= 0.97, "precision {} of {quality:?}", quality.precision());
    assert!(quality.recall() >= 0.85, "recall {} of {quality:?}", quality.recall());
}
