//! Whose records some tables refer to: the source that brought them before.

use domain::Kind;
use domain::field::{self, FieldType};
use domain::words::Text2;
use ingest::Look;

use super::Proposal;
use crate::{Loudou, Result};

impl Loudou {
    /// Proposes the name of a source of before for tables that refer to its records by key: finance's payments belong to
    /// the source whose orders they name.
    pub(super) async fn suggest_source(&self, proposal: &mut Proposal) -> Result<()> {
        let wanted = references(proposal);
        let mut best: Option<(usize, &String, &str)> = None;
        for source in &proposal.sources {
            if *source == proposal.suggestions.mapping.name {
                return Ok(());
            }
            for (kind, column, keys) in &wanted {
                let found = self.store.find_external_ids(source, *kind, keys).await?.len();
                let is_most = found * 2 > keys.len();
                if is_most && best.is_none_or(|(most, ..)| found > most) {
                    best = Some((found, source, column));
                }
            }
        }
        if let Some((_, source, column)) = best {
            let why = Text2::new(
                format!("“{column}”列指向来源“{source}”已导入的记录：按同一来源导入"),
                format!("“{column}” refers to records that the source “{source}” brought: these go in under its name"),
            );
            proposal.suggestions.mapping.name.clone_from(source);
            proposal.suggestions.notes.push(why);
        }
        Ok(())
    }
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
        let is_it = |look: &&Look| look.file == records.table.file && look.sheet == records.table.sheet;
        let Some(look) = proposal.looks.iter().find(is_it) else { continue };
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
