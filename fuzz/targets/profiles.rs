//! Profiles: whatever the text, a profile or every reason why it is none.

#![no_main]

use ingest::Profile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Profile::parse(text, "fuzz") {
        Ok(profile) => {
            let columns = ingest::columns_of(&profile);
            assert!(columns.keys().all(|table| profile.tables().any(|known| known == *table)));
        }
        Err(refusal) => assert!(!refusal.faults.is_empty()),
    }
});
