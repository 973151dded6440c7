//! What comes from elsewhere: imports, the names of records in their sources, exchange rates.

use std::collections::HashMap;

use domain::{Currency, Day, Instant, Kind, Rates, RecordId};
use sea_orm::Value as Sql;

use crate::bulk::Bulk;
use crate::engine::{execute, row, rows};
use crate::registry::{int, text};
use crate::{Store, StoreError, Writer};

/// Names that one query packs together.
const NAMES: i64 = 50_000;

/// Whether an import counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// It counts.
    Done,
    /// It was undone.
    Undone,
}

impl ImportState {
    /// The word that is stored and printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Undone => "undone",
        }
    }
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id, from [`Writer::new_import_id`].
    pub id: i64,
    /// The profile that read the files.
    pub profile: String,
    /// The namespace of the external ids.
    pub source: String,
    /// When it began.
    pub started_at: Instant,
    /// When it was written.
    pub finished_at: Instant,
    /// Who imported.
    pub actor: RecordId,
    /// Names of the files.
    pub files: Vec<String>,
    /// What was read, rejected and written, as the importer counts it.
    pub counts: serde_json::Value,
    /// Whether it counts.
    pub state: ImportState,
}

/// A record's name in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalId {
    /// The source.
    pub source: String,
    /// The name there.
    pub external_id: String,
    /// The record.
    pub record: RecordId,
}

/// An exchange rate as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The currency that is converted.
    pub from: Currency,
    /// The day from which the rate holds.
    pub day: Day,
    /// Minor units of the reporting currency for one of `from`, in billionths ([`Rates::SCALE`]).
    pub numerator: i64,
}

impl Store {
    /// Every import, by id.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn imports(&self) -> Result<Vec<Import>, StoreError> {
        let sql = "SELECT id, profile, source, started_at, finished_at, actor, files, counts, state \
                   FROM imports ORDER BY id";
        let found = rows(self.readers(), self.engine(), sql, Vec::new()).await?;
        found
            .iter()
            .map(|row| {
                let (files, counts): (String, String) = (row.try_get_by_index(6)?, row.try_get_by_index(7)?);
                let state: String = row.try_get_by_index(8)?;
                let damaged = |error: serde_json::Error| StoreError::damaged("an import", error.to_string());
                Ok(Import {
                    id: row.try_get_by_index(0)?,
                    profile: row.try_get_by_index(1)?,
                    source: row.try_get_by_index(2)?,
                    started_at: Instant(row.try_get_by_index(3)?),
                    finished_at: Instant(row.try_get_by_index(4)?),
                    actor: row.try_get_by_index(5)?,
                    files: serde_json::from_str(&files).map_err(damaged)?,
                    counts: serde_json::from_str(&counts).map_err(damaged)?,
                    state: if state == "undone" { ImportState::Undone } else { ImportState::Done },
                })
            })
            .collect()
    }

    /// The records of `kind` by their names in `source`.
    ///
    /// # Errors
    /// The database's own.
    pub async fn external_ids(&self, source: &str, kind: Kind) -> Result<HashMap<String, RecordId>, StoreError> {
        let mut out = HashMap::new();
        let found = row(self.readers(), self.engine(), "SELECT id FROM sources WHERE name = ?", vec![text(source)]);
        if let Some(found) = found.await? {
            self.for_each_name(found.try_get_by_index(0)?, kind, |name, record| {
                out.insert(name.to_owned(), record);
            })
            .await?;
        }
        Ok(out)
    }

    /// Hands out the names of a source's records, packed by the database as entries are.
    async fn for_each_name(
        &self,
        source: i64,
        kind: Kind,
        mut each: impl FnMut(&str, RecordId),
    ) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let sql = format!(
                "SELECT COUNT(*), MAX(external_id), \
                 string_agg(format('%s,%s,%s', record, octet_length(external_id), external_id), '') \
                 FROM (SELECT record, external_id FROM external_ids WHERE source = ? AND kind = ? {} \
                 ORDER BY external_id LIMIT {NAMES}) AS page",
                if after.is_some() { "AND external_id > ?" } else { "" },
            );
            let mut values = vec![int(source), int(i64::from(kind.code()))];
            values.extend(after.take().map(text));
            let Some(page) = row(self.readers(), self.engine(), &sql, values).await? else { return Ok(()) };
            let packed = page.try_get_by_index::<Option<String>>(2)?.unwrap_or_default();
            unpack(&packed, &mut each)
                .ok_or_else(|| StoreError::damaged("the external ids", packed.chars().take(200).collect::<String>()))?;
            if page.try_get_by_index::<i64>(0)? < NAMES {
                return Ok(());
            }
            after = page.try_get_by_index(1)?;
        }
    }

    /// The records of `kind` behind some names in `source`; names that are unknown are left out.
    ///
    /// # Errors
    /// The database's own.
    pub async fn find_external_ids(
        &self,
        source: &str,
        kind: Kind,
        names: &[String],
    ) -> Result<HashMap<String, RecordId>, StoreError> {
        let mut out = HashMap::new();
        for run in names.chunks(500) {
            let sql = format!(
                "SELECT e.external_id, e.record FROM external_ids e JOIN sources s ON s.id = e.source \
                 WHERE s.name = ? AND e.kind = ? AND e.external_id IN ({})",
                vec!["?"; run.len()].join(",")
            );
            let mut values = vec![text(source), int(i64::from(kind.code()))];
            values.extend(run.iter().map(text));
            for row in rows(self.readers(), self.engine(), &sql, values).await? {
                out.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            }
        }
        Ok(out)
    }

    /// How many of these external ids are of records that stand.
    ///
    /// # Errors
    /// The database's own.
    pub async fn count_standing(&self, source: &str, kind: Kind, names: &[String]) -> Result<u64, StoreError> {
        let mut standing = 0;
        for run in names.chunks(500) {
            let sql = format!(
                "SELECT COUNT(*) FROM external_ids e JOIN sources s ON s.id = e.source JOIN {} r ON r.id = e.record \
                 WHERE s.name = ? AND e.kind = ? AND e.external_id IN ({})",
                kind.table(),
                vec!["?"; run.len()].join(",")
            );
            let mut values = vec![text(source), int(i64::from(kind.code()))];
            values.extend(run.iter().map(text));
            let found = row(self.readers(), self.engine(), &sql, values).await?;
            let found: Option<i64> = found.map(|row| row.try_get_by_index(0)).transpose()?;
            standing += found.map_or(0, i64::cast_unsigned);
        }
        Ok(standing)
    }

    /// Every external id of a kind: by record, then in the order in which the sources came, then by name.
    ///
    /// # Errors
    /// The database's own.
    pub async fn external_ids_of(&self, kind: Kind) -> Result<Vec<ExternalId>, StoreError> {
        let mut names = Vec::new();
        let mut found = Vec::new();
        for row in rows(self.readers(), self.engine(), "SELECT id, name FROM sources ORDER BY id", Vec::new()).await? {
            let place = names.len();
            names.push(row.try_get_by_index::<String>(1)?);
            let each = |name: &str, record| found.push((record, place, name.to_owned()));
            self.for_each_name(row.try_get_by_index(0)?, kind, each).await?;
        }
        // Sorted here, so that the collation of a server does not matter.
        found.sort_unstable();
        let with_source = |(record, place, external_id): (_, usize, _)| ExternalId {
            source: names[place].clone(),
            external_id,
            record,
        };
        Ok(found.into_iter().map(with_source).collect())
    }

    /// The exchange rates into a currency.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn rates(&self, into: Currency) -> Result<Rates, StoreError> {
        let sql = "SELECT from_currency, day, rate FROM exchange_rates WHERE into_currency = ?";
        let mut out = Rates::new(into);
        for row in rows(self.readers(), self.engine(), sql, vec![int(i64::from(into.code()))]).await? {
            let (code, day): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let damaged = || StoreError::damaged("an exchange rate", format!("{code} on {day}"));
            let from = u16::try_from(code).ok().and_then(Currency::from_code).ok_or_else(damaged)?;
            out.add(from, Day(i32::try_from(day).map_err(|_| damaged())?), row.try_get_by_index(2)?);
        }
        Ok(out)
    }
}

impl Writer {
    /// A new import's id.
    pub fn new_import_id(&mut self) -> i64 {
        self.head.import += 1;
        self.head.import
    }

    /// Records an import that was written in this transaction.
    ///
    /// # Errors
    /// The database's own.
    pub async fn record_import(&mut self, import: &Import) -> Result<(), StoreError> {
        let files = serde_json::Value::from(import.files.clone()).to_string();
        let sql = "INSERT INTO imports (id, profile, source, started_at, finished_at, actor, files, counts, state) \
                   VALUES (?,?,?,?,?,?,?,?,?)";
        let values = vec![
            int(import.id),
            text(&import.profile),
            text(&import.source),
            int(import.started_at.0),
            int(import.finished_at.0),
            int(import.actor),
            text(files),
            text(import.counts.to_string()),
            text(import.state.as_str()),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(())
    }

    /// Names records in a source. A name that is taken points to its new record from now on.
    ///
    /// # Errors
    /// The database's own.
    pub async fn link_external(
        &mut self,
        source: &str,
        kind: Kind,
        links: Vec<(String, RecordId)>,
    ) -> Result<(), StoreError> {
        let source = self.source_id(source).await?;
        let columns = ["source", "kind", "external_id", "record"];
        let mut bulk = Bulk::upsert(self.engine, "external_ids", &columns, 3);
        // A statement may not meet the same name twice; the last one counts.
        let mut last: Vec<(String, RecordId)> = links;
        last.reverse();
        last.sort_by(|a, b| a.0.cmp(&b.0));
        last.dedup_by(|later, first| later.0 == first.0);
        for (name, record) in last {
            bulk.values().extend([int(source), int(i64::from(kind.code())), Sql::String(Some(name)), int(record)]);
            bulk.flush_full(&self.tx).await?;
        }
        bulk.flush(&self.tx).await
    }

    async fn source_id(&mut self, name: &str) -> Result<i64, StoreError> {
        let found = row(&self.tx, self.engine, "SELECT id FROM sources WHERE name = ?", vec![text(name)]).await?;
        if let Some(found) = found {
            return Ok(found.try_get_by_index(0)?);
        }
        self.head.source += 1;
        let values = vec![int(self.head.source), text(name)];
        execute(&self.tx, self.engine, "INSERT INTO sources (id, name) VALUES (?,?)", values).await?;
        Ok(self.head.source)
    }

    /// Adds exchange rates into a currency; a rate of the same day is replaced.
    ///
    /// # Errors
    /// The database's own.
    pub async fn set_rates(&mut self, into: Currency, rates: &[Rate]) -> Result<(), StoreError> {
        let columns = ["into_currency", "from_currency", "day", "rate"];
        let mut bulk = Bulk::upsert(self.engine, "exchange_rates", &columns, 3);
        let last: HashMap<(Currency, Day), i64> =
            rates.iter().map(|rate| ((rate.from, rate.day), rate.numerator)).collect();
        for ((from, day), numerator) in last {
            let (into, from) = (i64::from(into.code()), i64::from(from.code()));
            bulk.values().extend([int(into), int(from), int(i64::from(day.0)), int(numerator)]);
            bulk.flush_full(&self.tx).await?;
        }
        self.head.config += 1;
        bulk.flush(&self.tx).await
    }
}

/// Reads `record,bytes,name` one after another; nothing where the text is none.
fn unpack(mut packed: &str, each: &mut impl FnMut(&str, RecordId)) -> Option<()> {
    while !packed.is_empty() {
        let (record, rest) = packed.split_once(',')?;
        let (bytes, rest) = rest.split_once(',')?;
        let (name, rest) = rest.split_at_checked(bytes.parse().ok()?)?;
        each(name, record.parse().ok()?);
        packed = rest;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_anything() {
        let mut found = Vec::new();
        let packed = "1,3,a,b12,7,客户-7,0,";
        assert_eq!(unpack(packed, &mut |name: &str, record| found.push((name.to_owned(), record))), Some(()));
        assert_eq!(found, [("a,b".to_owned(), 1), ("客户-".to_owned(), 12), (String::new(), 7)]);
        for damaged in ["1", "1,2", "1,2,a", "x,1,a", "1,1,客"] {
            assert_eq!(unpack(damaged, &mut |_, _| ()), None, "{damaged}");
        }
    }
}
