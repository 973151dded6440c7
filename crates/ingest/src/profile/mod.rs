//! Profiles: TOML files that say how one sort of export is read.
//!
//! A profile holds no code. It names tables and their files, joins, records and their fields, value maps,
//! the process, and where the history of deals lies. docs/importing.md is the guide for authors.

mod bundled;
mod check;
pub(crate) mod spec;

use std::collections::BTreeSet;

use chrono_tz::Tz;
use domain::field::{self, FieldType};
use domain::{Calendar, Currency, CustomField, Day, Kind};

use crate::issue::{Fault, Refusal};
use spec::Spec;

/// The day of the export is that of the import.
pub(crate) const OF_IMPORT: &str = "import";

/// A checked profile.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(crate) spec: Spec,
    pub(crate) currency: Currency,
    pub(crate) zone: Tz,
    pub(crate) exported_on: Option<Day>,
    pub(crate) process: ProcessSource,
    /// Fields of the organisation's own.
    pub(crate) own: Vec<CustomField>,
}

/// Where a profile's process comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessSource {
    /// A ready-made process with this key.
    Key(String),
    /// A process of the profile's own, in the format of `processes/*.toml`.
    Inline(String),
}

/// A field of the organisation's own that is asked for.
pub(crate) fn own<'a>(all: &'a [CustomField], kind: Kind, name: &str) -> Option<&'a CustomField> {
    all.iter().find(|own| own.kind == kind && own.name == name && !own.retired)
}

impl Profile {
    /// Reads a profile. `origin` is what messages call it: a bundled name or a path.
    ///
    /// # Errors
    /// [`Refusal`] with every contradiction, or with the first place where the text is no profile.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Refusal> {
        Self::parse_with(text, origin, &[])
    }

    /// Reads a profile that may set fields of the organisation's own.
    ///
    /// # Errors
    /// As [`Profile::parse`].
    pub fn parse_with(text: &str, origin: &str, own: &[CustomField]) -> Result<Self, Refusal> {
        let spec: Spec = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            Fault::Profile { profile: origin.to_owned(), line, message: error.message().trim().to_owned() }
        })?;
        check::checked(spec, origin, own)
    }

    /// A field of the organisation's own that is asked for.
    pub(crate) fn own(&self, kind: Kind, name: &str) -> Option<&CustomField> {
        own(&self.own, kind, name)
    }

    /// The profile of this name that comes with the program.
    ///
    /// # Errors
    /// [`Fault::NoSuchProfile`], which lists the names.
    pub fn bundled(name: &str) -> Result<Self, Refusal> {
        let text = bundled::text(name)
            .ok_or_else(|| Fault::NoSuchProfile { name: name.to_owned(), known: Self::bundled_names() })?;
        Self::parse(text, name)
    }

    /// The text of a profile that comes with the program.
    #[must_use]
    pub fn bundled_text(name: &str) -> Option<&'static str> {
        bundled::text(name)
    }

    /// The names of the profiles that come with the program.
    #[must_use]
    pub fn bundled_names() -> Vec<&'static str> {
        bundled::names()
    }

    /// The same for an import on a day: that of the export, where the profile says no other.
    #[must_use]
    pub fn on(mut self, day: Day) -> Self {
        if self.spec.exported_on == OF_IMPORT {
            self.exported_on = Some(day);
        }
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// Its title: Chinese, English.
    #[must_use]
    pub fn title(&self) -> (&str, &str) {
        (&self.spec.title.zh, &self.spec.title.en)
    }

    /// What it reads and what it takes for granted: Chinese, English.
    #[must_use]
    pub fn description(&self) -> (&str, &str) {
        (&self.spec.description.zh, &self.spec.description.en)
    }

    /// The namespace of external keys.
    #[must_use]
    pub fn source(&self) -> &str {
        self.spec.source.as_deref().unwrap_or(&self.spec.name)
    }

    /// The currency of amounts that do not name theirs.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The zone of dates and times that do not name theirs.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// The day of the export; absent where it is the day of the last change in the files, or, until [`Profile::on`] says
    /// it, of the import.
    #[must_use]
    pub const fn exported_on(&self) -> Option<Day> {
        self.exported_on
    }

    /// The process of the deals.
    #[must_use]
    pub const fn process(&self) -> &ProcessSource {
        &self.process
    }

    /// Its tables, by name.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.spec.tables.keys().map(String::as_str)
    }

    /// Whether the input may lack a table.
    #[must_use]
    pub fn is_optional(&self, table: &str) -> bool {
        self.spec.tables.get(table).is_some_and(|table| table.optional)
    }

    /// The sheet of a workbook that a table is.
    #[must_use]
    pub fn sheet(&self, table: &str) -> Option<&str> {
        self.spec.tables.get(table)?.sheet.as_deref()
    }

    /// Whether a file is called as the profile says of a table.
    #[must_use]
    pub fn is_called(&self, table: &str, file: &str) -> bool {
        let files = self.spec.tables.get(table).map_or(&[][..], |table| &table.files);
        files.iter().any(|pattern| crate::table::matches(pattern, file))
    }

    /// The kinds of records that fields of this profile refer to.
    #[must_use]
    pub fn refers_to(&self) -> BTreeSet<Kind> {
        let spec = &self.spec;
        let of_records = spec.records.iter().filter_map(|record| Some((Kind::parse(&record.kind)?, &record.fields)));
        let deals = spec.deals.iter().map(|deals| (Kind::Opportunity, &deals.fields));
        let lines = spec.deals.iter().filter_map(|deals| Some((Kind::DealLine, deals.line.as_ref()?)));
        let changes = spec.changes.iter().map(|change| (Kind::Opportunity, &change.fields));
        let values = spec.changes.iter().flat_map(|change| change.values.values());
        let values = values.map(|value| (Kind::Opportunity, &value.set));
        let all = of_records.chain(deals).chain(lines).chain(changes).chain(values);
        let target = |kind: Kind, name: &str| {
            let of_own = || self.own(kind, name).map(|own| own.ty);
            match field::named(kind, name).map(|def| def.ty).or_else(of_own) {
                Some(FieldType::Ref(kind)) => Some(kind),
                _ => None,
            }
        };
        all.flat_map(|(kind, fields)| fields.keys().filter_map(move |name| target(kind, name))).collect()
    }

    /// The steps that a table goes through before its rows are read.
    #[must_use]
    pub fn steps(&self, table: &str) -> &[toml::Table] {
        self.spec.tables.get(table).map_or(&[], |table| &table.steps)
    }

    pub(crate) const fn calendar(&self) -> Calendar {
        Calendar::new(self.zone)
    }
}
