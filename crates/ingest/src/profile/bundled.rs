//! The profiles that come with the program.

macro_rules! bundle {
    ($($name:literal)+) => {
        const ALL: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../profiles/", $name, ".toml"))),)+];
    };
}

bundle!(
    "regional-sales"
    "opportunity-tracking"
    "maven-crm"
    "deal-change-log"
    "salesforce-history"
    "deals-and-changes"
    "olist-funnel"
);

pub(super) fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub(super) fn names() -> Vec<&'static str> {
    ALL.iter().map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProcessSource, Profile};

    #[test]
    fn every_bundled_profile_is_sound_and_so_is_its_process() {
        for name in names() {
            let profile = Profile::bundled(name).unwrap_or_else(|refusal| panic!("{refusal}"));
            assert_eq!(profile.name(), name);
            match profile.process() {
                ProcessSource::Inline(text) => {
                    let process = domain::process::load(text).unwrap_or_else(|issues| panic!("{name}: {issues:?}"));
                    assert_eq!(process.key, name);
                }
                ProcessSource::Key(key) => {
                    let ready = domain::process::load_ready_made().expect("they load");
                    assert!(ready.iter().any(|process| process.key == *key), "{name}: no process {key}");
                }
            }
        }
    }
}
