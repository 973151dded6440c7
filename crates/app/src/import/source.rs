//! Whose records files hold or refer to: the source that brought them before.

use domain::Kind;
use domain::field::{self, FieldType};
use domain::words::Text2;
use ingest::{Look, TableChoice};
use store::{Import, ImportState};

use super::Proposal;
use super::looked::place;
use crate::{Loudou, Result};

/// Ids of which it is asked which source brought them.
const ASKED: usize = 200;

/// What of an import's deals was there before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownBefore {
    /// Deals that the source brought before.
    pub(crate) deals: u64,
    /// Another source that brought most of these ids, where this one brought none: its name, how many of how many that
    /// were asked for.
    pub(crate) elsewhere: Option<(String, u64, usize)>,
}

impl Loudou {
    /// What of the deals that were read is there already.
    pub(super) async fn known_before(&self, source: &str, deals: &[String]) -> Result<KnownBefore> {
        let known = self.store.count_standing(source, Kind::Opportunity, deals).await?;
        let mut elsewhere = None;
        if known == 0 && !deals.is_empty() {
            let asked: Vec<String> = deals.iter().step_by(deals.len().div_ceil(ASKED)).cloned().collect();
            for other in that_stand(&self.store.imports().await?) {
                let found = self.store.count_standing(&other, Kind::Opportunity, &asked).await?;
                let is_more = elsewhere.as_ref().is_none_or(|(_, most, _)| found > *most);
                if other != source && found * 2 > asked.len() as u64 && is_more {
                    elsewhere = Some((other, found, asked.len()));
                }
            }
        }
        Ok(KnownBefore { deals: known, elsewhere })
    }

    /// Proposes the name of a source of before for tables that refer to its records by key: finance's payments belong to
    /// the source whose orders they name.
    pub(super) async fn suggest_source(&self, proposal: &mut Proposal) -> Result<()> {
        let mut wanted = references(proposal);
        wanted.extend(own_ids(proposal));
        let mut best: Option<(u64, &String, &str)> = None;
        for source in &proposal.sources {
            if *source == proposal.suggestions.mapping.name {
                return Ok(());
            }
            for (kind, column, keys) in &wanted {
                let found = self.store.count_standing(source, *kind, keys).await?;
                let is_most = found * 2 > keys.len() as u64;
                if is_most && best.is_none_or(|(most, ..)| found > most) {
                    best = Some((found, source, column));
                }
            }
        }
        if let Some((_, source, column)) = best {
            let why = Text2::new(
                format!("“{column}”列的值是来源“{source}”已导入的记录：按同一来源导入，不会重复"),
                format!(
                    "“{column}” tells records that the source “{source}” brought: these go in under its name, and not a second time"
                ),
            );
            proposal.suggestions.mapping.name.clone_from(source);
            proposal.suggestions.notes.push(why);
        }
        Ok(())
    }
}

/// The names of the sources of imports that stand, the latest first.
pub(super) fn that_stand(imports: &[Import]) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    for import in imports.iter().rev().filter(|import| import.state == ImportState::Done) {
        if !sources.contains(&import.source) {
            sources.push(import.source.clone());
        }
    }
    sources
}

/// Columns that refer to records which no table of the mapping holds, with some of their values.
fn references(proposal: &Proposal) -> Vec<(Kind, String, Vec<String>)> {
    let mapping = &proposal.suggestions.mapping;
    let is_held = |kind: Kind| {
        (kind == Kind::Opportunity && mapping.table.is_some())
            || mapping.records.iter().any(|records| records.kind == kind.as_str())
    };
    let mut found = Vec::new();
    for records in &mapping.records {
        let Some(kind) = Kind::parse(&records.kind) else { continue };
        let Some(look) = look_of(proposal, &records.table) else { continue };
        for (name, mapped) in &records.fields {
            let Some(FieldType::Ref(target)) = field::named(kind, name).map(|def| def.ty) else { continue };
            // What has no key of its own, such as a region, is called the same in every source.
            let is_told = matches!(target, Kind::Account | Kind::Contact) || target >= Kind::Opportunity;
            let column = look.column(&mapped.column).filter(|_| is_told && !is_held(target));
            if let Some(column) = column.filter(|column| !column.sample.is_empty()) {
                found.push((target, column.name.clone(), column.sample.clone()));
            }
        }
    }
    found
}

/// Columns of the ids of deals and of what follows them, with some of their values. Small numbers are ids of many
/// systems and tell nothing; customers may go by their names, which are those of every system.
fn own_ids(proposal: &Proposal) -> Vec<(Kind, String, Vec<String>)> {
    let mapping = &proposal.suggestions.mapping;
    let deals = mapping.table.as_ref().map(|table| (Kind::Opportunity, table, mapping.key.as_slice()));
    let records = mapping
        .records
        .iter()
        .filter_map(|records| Some((Kind::parse(&records.kind)?, &records.table, records.key.as_slice())));
    let documents = deals.into_iter().chain(records).filter(|(kind, ..)| *kind >= Kind::Opportunity);
    let ids = documents.filter_map(|(kind, table, key)| {
        let [key] = key else { return None };
        let column = look_of(proposal, table)?.column(key)?;
        let ids: Vec<String> = column.spread(ASKED).into_iter().map(|id| id.trim().to_owned()).collect();
        let is_telling = ids.iter().any(|id| id.len() > 5 || id.parse::<i64>().is_err());
        (is_telling && !ids.is_empty()).then(|| (kind, column.name.clone(), ids))
    });
    ids.collect()
}

fn look_of<'p>(proposal: &'p Proposal, table: &TableChoice) -> Option<&'p Look> {
    place(&proposal.looks, table).map(|at| &proposal.looks[at])
}
