//! Which pairs are worth comparing: those that share a key, or would if one of them lost a letter or a word.

use std::collections::HashSet;

use rayon::prelude::*;

use super::prepared::{Names, Prepared};
use super::{Subject, hash};
use crate::organisation::Organisation;
use crate::similarity::sound_key;
use crate::values::one_less;

/// Records that share a key up to which all of them are compared with each other.
const BLOCK: usize = 48;
/// In a larger block each is compared with the next ones only, by name.
const NEXT: usize = 8;
/// A telephone number or an address that more records have than these is nobody's own: a call centre, a placeholder.
const SHARED: usize = 20;

/// Pairs to compare, by place. Contact keys that too many share are taken away from the records.
pub(super) fn candidates(subject: Subject, prepared: &mut [Prepared]) -> Vec<(u32, u32)> {
    drop_shared(prepared);
    let mut keys: Vec<(u64, u32)> = prepared
        .par_iter()
        .enumerate()
        .flat_map_iter(|(at, record)| {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            keys_of(subject, record).into_iter().map(move |key| (key, at))
        })
        .collect();
    keys.par_sort_unstable();
    keys.dedup();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for run in keys.chunk_by(|a, b| a.0 == b.0) {
        let reach = if run.len() > BLOCK { NEXT } else { BLOCK };
        for (at, (_, a)) in run.iter().enumerate() {
            pairs.extend(run[at + 1..].iter().take(reach).map(|(_, b)| (*a, *b)));
        }
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs
}

fn contact_keys(record: &Prepared) -> impl Iterator<Item = u64> {
    let phones = record.phones.iter().map(|phone| hash(&phone_key(phone.tail())));
    phones
        .chain(record.emails.iter().map(|email| hash(&email.address)))
        .chain(record.sites.iter().map(|site| hash(site)))
}

fn phone_key(tail: &str) -> String {
    format!("p{tail}")
}

fn drop_shared(prepared: &mut [Prepared]) {
    let mut keys: Vec<u64> = prepared.iter().flat_map(contact_keys).collect();
    keys.par_sort_unstable();
    let shared: HashSet<u64> =
        keys.chunk_by(|a, b| a == b).filter(|run| run.len() > SHARED).map(|run| run[0]).collect();
    if shared.is_empty() {
        return;
    }
    for record in prepared {
        record.phones.retain(|phone| !shared.contains(&hash(&phone_key(phone.tail()))));
        record.emails.retain(|email| !shared.contains(&hash(&email.address)));
        record.sites.retain(|site| !shared.contains(&hash(site)));
    }
}

fn keys_of(subject: Subject, record: &Prepared) -> Vec<u64> {
    let mut keys: Vec<u64> = Vec::new();
    if subject != Subject::Deal {
        keys.extend(contact_keys(record));
    }
    if let Some(number) = &record.tax_number {
        keys.push(hash(&format!("t{}", number.code)));
    }
    match &record.names {
        Names::Organisations(names) => names.iter().for_each(|name| organisation_keys(name, &mut keys)),
        Names::People(names) => {
            for name in names {
                // A name alone is too common to compare by: with the organisation, or the domain of the addresses.
                let whole = name.key();
                for part in std::iter::once(&whole).chain(name.parts.iter().filter(|part| part.chars().count() > 1)) {
                    keys.extend(record.parent.map(|parent| hash(&format!("n{parent}|{part}"))));
                    keys.extend(record.sites.iter().map(|site| hash(&format!("n{site}|{part}"))));
                }
                keys.extend(record.parent.map(|parent| hash(&format!("n{parent}|{}", sound_key(&whole)))));
            }
        }
        Names::Titles(names) => {
            let above = record.parent.map_or_else(String::new, |parent| parent.to_string());
            for name in names {
                keys.push(hash(&format!("n{above}|{}", name.squash)));
                if record.parent.is_some() {
                    keys.extend(one_less(&name.squash).into_iter().map(|key| hash(&format!("n{above}|{key}"))));
                }
            }
            if let (Some(_), Some((minor, _))) = (record.parent, record.amount) {
                keys.push(hash(&format!("a{above}|{minor}")));
            }
        }
    }
    keys
}

fn organisation_keys(name: &Organisation, keys: &mut Vec<u64>) {
    let (whole, brand) = (name.whole(), name.brand());
    keys.extend(one_less(&whole));
    if brand != whole {
        keys.extend(one_less(&brand));
    }
    keys.push(hash(&whole));
    keys.push(hash(&brand));
    keys.push(hash(&sound_key(&brand)));
    if name.parts.len() > 1 {
        let mut parts: Vec<&str> = name.parts.iter().map(|part| part.text.as_str()).collect();
        parts.sort_unstable();
        keys.push(hash(&parts.concat()));
        if parts.len() > 2 {
            for left_out in 0..parts.len() {
                let rest: String =
                    parts.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, part)| *part).collect();
                keys.push(hash(&rest));
            }
        }
    }
}
