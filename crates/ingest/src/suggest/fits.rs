//! Which bundled profile reads a folder as it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::Profile;
use crate::look::Look;
use crate::profile::spec::{FieldSpec, Spec};
use crate::table::matches;

/// How well a bundled profile fits some files.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The profile's name.
    pub name: &'static str,
    /// Share of its columns that are there, from 0 to 1; 1 means that it reads them.
    pub score: f64,
}

/// The bundled profiles whose files are (nearly) there, the best first.
#[must_use]
pub fn fits(looks: &[Look]) -> Vec<Fit> {
    let of = |name: &'static str| {
        let profile = Profile::bundled(name).ok()?;
        let score = score(&profile.spec, looks);
        (score >= 0.5).then_some(Fit { name, score })
    };
    let mut fits: Vec<Fit> = Profile::bundled_names().into_iter().filter_map(of).collect();
    fits.sort_by(|a, b| b.score.total_cmp(&a.score));
    fits
}

#[expect(clippy::cast_precision_loss, reason = "some hundred columns")]
fn score(spec: &Spec, looks: &[Look]) -> f64 {
    let wanted = wanted(spec);
    let (mut found, mut all) = (0_usize, 0_usize);
    for (table, columns) in &wanted {
        let Some(table) = spec.tables.get(*table) else { continue };
        let look = looks.iter().find(|look| table.files.iter().any(|pattern| matches(pattern, &look.file)));
        if look.is_none() && table.optional {
            continue;
        }
        all += columns.len();
        if let Some(look) = look {
            found += columns.iter().filter(|column| look.column(column).is_some()).count();
        }
    }
    if all == 0 { 0.0 } else { found as f64 / all as f64 }
}

/// The columns that a profile cannot do without, by table, as they are after the table's steps.
#[must_use]
pub fn columns_of(profile: &Profile) -> BTreeMap<&str, BTreeSet<&str>> {
    wanted(&profile.spec)
}

/// The columns that a profile cannot do without, by table.
fn wanted(spec: &Spec) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (table, name) in columns(spec) {
        let Some((table, of)) = spec.tables.get_key_value(table) else { continue };
        let joined = name.split_once('.').and_then(|(alias, column)| {
            let join = of.joins.iter().find(|join| join.alias == alias)?;
            Some((join.table.as_str(), column))
        });
        let (table, name) = joined.unwrap_or((table.as_str(), name));
        wanted.entry(table).or_default().insert(name);
    }
    wanted
}

/// Every column that is read and may not be absent, with its table; joined ones as `alias.Column`.
fn columns(spec: &Spec) -> Vec<(&str, &str)> {
    let mut fields: Vec<(&str, &FieldSpec)> = Vec::new();
    for record in &spec.records {
        let of_record = [&record.key].into_iter().chain(&record.at).chain(record.fields.values());
        fields.extend(of_record.map(|field| (record.table.as_str(), field)));
    }
    if let Some(deals) = &spec.deals {
        let own = [&deals.key].into_iter().chain(&deals.created).chain(&deals.stage).chain(&deals.outcome);
        let all =
            own.chain(&deals.closed).chain(deals.fields.values()).chain(deals.line.iter().flat_map(BTreeMap::values));
        fields.extend(all.map(|field| (deals.table.as_str(), field)));
    }
    for change in &spec.changes {
        let all = [&change.deal, &change.at].into_iter().chain(change.fields.values());
        fields.extend(all.map(|field| (change.table.as_str(), field)));
    }
    let read = fields.into_iter().filter(|(_, field)| !field.optional);
    let mut found: Vec<(&str, &str)> = read
        .flat_map(|(table, field)| field.column.iter().chain(&field.columns).map(move |name| (table, name.as_str())))
        .collect();
    for (name, table) in &spec.tables {
        for join in &table.joins {
            found.extend([(name.as_str(), join.column.as_str()), (join.table.as_str(), join.key.as_str())]);
        }
    }
    for change in &spec.changes {
        found.extend(change.field.iter().chain(&change.value).map(|name| (change.table.as_str(), name.as_str())));
    }
    found
}
