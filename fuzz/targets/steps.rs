//! Files of steps: what is read is written and read again as the same, and every plan is made or refused.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use steps::Steps;

fuzz_target!(|text: &str| {
    let Ok(steps) = Steps::parse(text) else { return };
    let written = steps.to_toml().expect("what was read can be written");
    assert_eq!(Steps::parse(&written).expect("and read again"), steps);
    if steps.0.len() > 8 {
        return;
    }
    let columns: Vec<String> = ["A", "B", "Amount", "Day"].map(str::to_owned).to_vec();
    let others = BTreeMap::from([("other".to_owned(), columns[..2].to_vec())]);
    if let Ok(after) = steps::check(&steps, &columns, &others) {
        let mut names = after.clone();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), after.len(), "columns have names of their own");
    }
});
