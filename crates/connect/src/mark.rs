//! Up to where everything was brought in, and which of the rows that come are new.
//!
//! A pull by time begins a little before the last one ended, since rows are committed after the time they carry; what
//! comes once more is known by its key and time and left out. A row that changes at the very instant of the mark has
//! another key or comes again, so none is missed. A time that is still to come is a slip of whoever wrote it: it does not
//! become the mark, since everything up to it would count as known.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Ahead;
use crate::definition::{Incremental, MarkType};
use crate::failure::Failure;
use crate::time::Time;
use crate::value::{Value, decimal_text, no_value, overlap_micros};

/// Rows that a mark remembers one by one. Where more lie in the overlap they come again, which changes nothing.
const REMEMBERED: usize = 20_000;

/// Up to where everything was brought in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The latest time of change, as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The highest key, as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What was brought in already of what would come again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<String>,
}

impl Mark {
    /// Whether nothing was brought in yet.
    #[must_use]
    pub fn is_start(&self) -> bool {
        *self == Self::default()
    }

    /// What `:since` stands for: the time of the mark less the overlap, as the source writes times.
    pub(crate) fn since(&self, how: &Incremental) -> Result<Option<String>, Failure> {
        let Some(updated) = &self.updated else { return Ok(None) };
        match how.updated_type {
            MarkType::Text => Ok(Some(updated.clone())),
            MarkType::Number => {
                let value = Value::of(MarkType::Number, updated)?;
                let Value::Number(units, scale) = value else { return Ok(Some(updated.clone())) };
                let less = i128::from(how.overlap) * 10_i128.pow(scale);
                Ok(Some(decimal_text(units - less, scale)))
            }
            MarkType::Time => {
                let at = Time::read(updated).ok_or_else(|| no_value(MarkType::Time, updated))?;
                Ok(Some(at.less(overlap_micros(how)).written_like(updated)))
            }
        }
    }
}

/// What a row is remembered by.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tells new rows from known ones while they come, and where the next pull goes on.
#[derive(Debug)]
pub(crate) struct Tracker {
    how: Incremental,
    before: Mark,
    known: HashSet<String>,
    /// Places of the key and of the time among the columns.
    key_at: Option<usize>,
    updated_at: Option<usize>,
    highest_key: Option<(Value, String)>,
    latest: Option<(Value, String)>,
    /// Rows in the overlap so far, with their time.
    recent: Vec<(Value, String)>,
    overflown: bool,
    now_micros: i64,
    ahead: Option<Ahead>,
}

impl Tracker {
    /// # Errors
    /// A column that tells new rows is not there.
    pub(crate) fn new(how: &Incremental, before: &Mark, columns: &[String], now_micros: i64) -> Result<Self, Failure> {
        let place = |name: &Option<String>| -> Result<Option<usize>, Failure> {
            let Some(name) = name else { return Ok(None) };
            let at = columns.iter().position(|column| column == name);
            at.map(Some).ok_or_else(|| missing(name, columns))
        };
        let (key_at, updated_at) = (place(&how.key)?, place(&how.updated)?);
        let value = |ty, text: &Option<String>| -> Result<Option<(Value, String)>, Failure> {
            text.as_ref().map(|text| Ok((Value::of(ty, text)?, text.clone()))).transpose()
        };
        Ok(Self {
            how: how.clone(),
            before: before.clone(),
            known: before.seen.iter().cloned().collect(),
            key_at,
            updated_at,
            highest_key: value(how.key_type, &before.key).unwrap_or(None),
            latest: value(how.updated_type, &before.updated)?,
            recent: Vec::new(),
            overflown: false,
            now_micros,
            ahead: None,
        })
    }

    /// Whether a row is new.
    ///
    /// # Errors
    /// The column that tells new rows does not hold what it is said to hold.
    pub(crate) fn is_new(&mut self, row: &[Option<String>]) -> Result<bool, Failure> {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)?.as_deref()).filter(|text| !text.is_empty());
        let (key, updated) = (cell(self.key_at), cell(self.updated_at));
        if let Some(updated) = updated {
            let value = Value::of(self.how.updated_type, updated)?;
            let whole: Vec<&str> = match key {
                Some(key) => vec![key, updated],
                // Without a key the whole row is its own.
                None => row.iter().map(|cell| cell.as_deref().unwrap_or("\u{0}")).collect(),
            };
            let print = fingerprint(&whole);
            let is_known = self.known.contains(&print);
            let is_ahead = value.is_ahead(self.now_micros, &self.how);
            self.remember(value, updated, print, is_ahead);
            if is_known {
                return Ok(false);
            }
            if is_ahead {
                self.tell_ahead(updated);
            }
            // A source that cannot be asked for what is new tells everything: what is old by its time was brought in.
            if self.is_before_overlap(updated)? {
                return Ok(false);
            }
        }
        if let (Some(key), None) = (key, self.updated_at) {
            // Keys of another sort have no order: then only times tell, and all rows are new.
            if let Ok(value) = Value::of(self.how.key_type, key) {
                let is_higher = self.highest_key.as_ref().is_none_or(|(high, _)| value.cmp(high) == Ordering::Greater);
                let was = self.before.key.as_deref().and_then(|key| Value::of(self.how.key_type, key).ok());
                let is_new = was.is_none_or(|was| value.cmp(&was) == Ordering::Greater);
                if value.is_ahead(self.now_micros, &self.how) {
                    self.tell_ahead(key);
                } else if is_higher {
                    self.highest_key = Some((value, key.to_owned()));
                }
                return Ok(is_new);
            }
        }
        Ok(true)
    }

    /// Whether a time lies before what this pull asked for.
    fn is_before_overlap(&self, updated: &str) -> Result<bool, Failure> {
        let Some(since) = self.before.since(&self.how)? else { return Ok(false) };
        let (value, since) = (Value::of(self.how.updated_type, updated)?, Value::of(self.how.updated_type, &since)?);
        Ok(value.cmp(&since) == Ordering::Less)
    }

    fn tell_ahead(&mut self, text: &str) {
        self.ahead.get_or_insert_with(|| Ahead { rows: 0, such: text.chars().take(40).collect() }).rows += 1;
    }

    /// Rows whose time is still to come.
    pub(crate) const fn ahead(&self) -> Option<&Ahead> {
        self.ahead.as_ref()
    }

    fn remember(&mut self, value: Value, text: &str, print: String, is_ahead: bool) {
        if !is_ahead && self.latest.as_ref().is_none_or(|(latest, _)| value.cmp(latest) == Ordering::Greater) {
            self.latest = Some((value.clone(), text.to_owned()));
        }
        self.recent.push((value, print));
        // Only the overlap counts in the end; what is older goes now and then, so that memory stays bounded.
        if self.recent.len() >= 4 * REMEMBERED {
            self.drop_old();
            if self.recent.len() > 2 * REMEMBERED {
                self.overflown = true;
                self.recent.clear();
            }
        }
    }

    fn drop_old(&mut self) {
        let Some((_, latest)) = &self.latest else { return };
        let mark = Mark { updated: Some(latest.clone()), ..Mark::default() };
        let Ok(Some(since)) = mark.since(&self.how) else { return };
        let Ok(since) = Value::of(self.how.updated_type, &since) else { return };
        self.recent.retain(|(value, _)| value.cmp(&since) != Ordering::Less);
    }

    /// Where the next pull goes on.
    pub(crate) fn mark(mut self) -> Mark {
        self.drop_old();
        let mut seen: Vec<String> = self.recent.into_iter().map(|(_, print)| print).collect();
        // Nothing came at all: what was known stays known.
        if seen.is_empty() && self.latest.as_ref().map(|(_, text)| text) == self.before.updated.as_ref() {
            seen.clone_from(&self.before.seen);
        } else if self.latest.as_ref().map(|(_, text)| text) == self.before.updated.as_ref() {
            seen.extend(self.before.seen);
        }
        seen.sort_unstable();
        seen.dedup();
        if self.overflown || seen.len() > REMEMBERED {
            seen.clear();
        }
        Mark { updated: self.latest.map(|(_, text)| text), key: self.highest_key.map(|(_, text)| text), seen }
    }
}

fn missing(name: &str, columns: &[String]) -> Failure {
    let all = columns.join(", ");
    Failure::source(
        format!("没有列“{name}”，无法识别新行"),
        format!("there is no column `{name}`, by which new rows are told"),
    )
    .hint(format!("其中有：{all}"), format!("there are: {all}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_time() -> Incremental {
        Incremental { key: Some("id".into()), updated: Some("at".into()), overlap: 60, ..Incremental::default() }
    }

    fn columns() -> Vec<String> {
        vec!["id".into(), "at".into()]
    }

    /// The first of March 2026, at noon.
    const NOW: i64 = 1_772_366_400 * crate::time::MICROS;

    fn tracker(how: &Incremental, before: &Mark) -> Tracker {
        Tracker::new(how, before, &columns(), NOW).expect("the columns are there")
    }

    fn pull(how: &Incremental, before: &Mark, rows: &[(&str, &str)]) -> (Vec<String>, Mark) {
        let mut tracker = tracker(how, before);
        let is_new = |(id, at): &&(&str, &str)| {
            tracker.is_new(&[Some((*id).to_owned()), Some((*at).to_owned())]).expect("times")
        };
        let new = rows.iter().filter(is_new).map(|(id, _)| (*id).to_owned()).collect();
        (new, tracker.mark())
    }

    #[test]
    fn equal_times_neither_double_nor_miss_a_row() {
        let how = by_time();
        let (new, mark) = pull(&how, &Mark::default(), &[("1", "2026-01-01T00:00:00Z"), ("2", "2026-01-01T00:01:00Z")]);
        assert_eq!((new, mark.updated.as_deref()), (vec!["1".into(), "2".into()], Some("2026-01-01T00:01:00Z")));
        assert_eq!(mark.since(&how), Ok(Some("2026-01-01T00:00:00Z".into())));
        // A row of the same instant that was committed later, and one from within the overlap.
        let rows = [("2", "2026-01-01T00:01:00Z"), ("3", "2026-01-01T00:01:00Z"), ("4", "2026-01-01T00:00:30Z")];
        let (new, second) = pull(&how, &mark, &rows);
        assert_eq!(new, ["3", "4"]);
        let (new, third) = pull(&how, &second, &rows);
        assert!(new.is_empty());
        assert_eq!(third, second);
        // The same row, changed once more, is new.
        assert_eq!(pull(&how, &third, &[("2", "2026-01-01T00:01:01Z")]).0, ["2"]);
        // What is older than the overlap was brought in.
        assert!(pull(&how, &third, &[("9", "2025-12-31T23:59:59Z")]).0.is_empty());
    }

    #[test]
    fn numbers_and_keys_have_an_order_of_their_own() {
        let how = Incremental { updated_type: MarkType::Number, overlap: 5, ..by_time() };
        let (_, mark) = pull(&how, &Mark::default(), &[("a", "9"), ("b", "100.25")]);
        assert_eq!(mark.updated.as_deref(), Some("100.25"));
        assert_eq!(mark.since(&how), Ok(Some("95.25".into())));
        let keys = Incremental { key: Some("id".into()), ..Incremental::default() };
        let (new, mark) = pull(&keys, &Mark::default(), &[("9", ""), ("10", "")]);
        assert_eq!((new.len(), mark.key.as_deref()), (2, Some("10")));
        let (new, mark) = pull(&keys, &mark, &[("10", ""), ("11", "")]);
        assert_eq!((new, mark.key.as_deref()), (vec!["11".to_owned()], Some("11")));
    }

    #[test]
    fn times_are_told_back_as_they_were_written() {
        let how = Incremental { overlap: 1, ..by_time() };
        for (written, since) in [
            ("2026-03-01 00:00:00", "2026-02-28 23:59:59"),
            ("2026-03-01T00:00:00.5", "2026-02-28T23:59:59.500"),
            ("2026-03-01T00:00:00.123456Z", "2026-02-28T23:59:59.123456Z"),
            ("2026-03-01", "2026-02-28"),
            // Databases that keep times as texts compare them letter by letter: in another zone none would be found.
            ("2026-03-01 08:00:00+08:00", "2026-03-01 07:59:59+08:00"),
            ("2026-03-01 08:05:00-05:00", "2026-03-01 08:04:59-05:00"),
            ("2026-03-01T00:00:00+0530", "2026-02-28T23:59:59+0530"),
            ("2026-03-01 08:00:00+08", "2026-03-01 07:59:59+08"),
            ("2026-03-01 08:00:00.25-08", "2026-03-01 07:59:59.250-08"),
        ] {
            let mark = Mark { updated: Some(written.to_owned()), ..Mark::default() };
            assert_eq!(mark.since(&how), Ok(Some(since.to_owned())), "{written}");
        }
        let wrong = Tracker::new(&by_time(), &Mark::default(), &columns(), NOW)
            .and_then(|mut tracker| tracker.is_new(&[Some("1".into()), Some("soon".into())]));
        assert!(wrong.is_err_and(|error| error.en.contains("`soon` is no time")));
        assert!(
            Tracker::new(&by_time(), &Mark::default(), &["id".into()], NOW)
                .is_err_and(|error| error.en.contains("`at`"))
        );
    }

    #[test]
    fn a_time_that_is_still_to_come_is_told_once_and_does_not_become_the_mark() {
        let how = by_time();
        let mut first = tracker(&how, &Mark::default());
        let mut new = |id: &str, at: &str| first.is_new(&[Some(id.to_owned()), Some(at.to_owned())]);
        assert_eq!(new("1", "2026-03-01T11:00:00Z"), Ok(true));
        assert_eq!(new("2", "2099-01-01T00:00:00Z"), Ok(true), "the row comes all the same");
        assert_eq!(new("3", "2026-03-01T12:01:00Z"), Ok(true), "clocks differ a little: the overlap covers that");
        assert_eq!(first.ahead(), Some(&Ahead { rows: 1, such: "2099-01-01T00:00:00Z".into() }));
        let mark = first.mark();
        assert_eq!(mark.updated.as_deref(), Some("2026-03-01T12:01:00Z"));
        // Later rows come, and the one of the far future is known as long as it stays as it is.
        let rows = [("2", "2099-01-01T00:00:00Z"), ("4", "2026-03-01T12:02:00Z")];
        let (new, mark) = pull(&how, &mark, &rows);
        assert_eq!((new, mark.updated.as_deref()), (vec!["4".to_owned()], Some("2026-03-01T12:01:00Z")));
        assert!(pull(&how, &mark, &rows).0.is_empty());
        // Without a zone it may be the time of any: fourteen hours ahead at most.
        let (_, mark) = pull(&how, &Mark::default(), &[("1", "2026-03-02 02:00:00"), ("2", "2026-03-02 02:02:00")]);
        assert_eq!(mark.updated.as_deref(), Some("2026-03-02 02:00:00"));
        // Nothing but such rows: they are known all the same.
        let (_, mark) = pull(&how, &Mark::default(), &[("1", "2099-01-01")]);
        assert_eq!((mark.updated.clone(), pull(&how, &mark, &[("1", "2099-01-01")]).0), (None, vec![]));
        let by_key = Incremental { key: Some("at".into()), key_type: MarkType::Time, ..Incremental::default() };
        let (new, mark) = pull(&by_key, &Mark::default(), &[("1", "2026-02-01"), ("2", "2099-01-01")]);
        assert_eq!((new.len(), mark.key.as_deref()), (2, Some("2026-02-01")));
    }

    #[test]
    fn a_mark_stays_small_however_many_rows_share_an_instant() {
        let how = by_time();
        let mut tracker = tracker(&how, &Mark::default());
        for id in 0..100_000 {
            let row = [Some(id.to_string()), Some("2026-01-01T00:00:00Z".to_owned())];
            assert_eq!(tracker.is_new(&row), Ok(true));
        }
        let mark = tracker.mark();
        assert!(mark.seen.is_empty(), "all of them come again, rather than one be missed");
        assert_eq!(pull(&how, &mark, &[("7", "2026-01-01T00:00:00Z")]).0, ["7"]);
    }
}
