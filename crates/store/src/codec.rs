//! Journal entries as they are stored: typed columns, and JSON for what is not a hot field.
//!
//! `rest` is an object from field id to value: null, true, 12 and "text" stand for themselves, `[5]` for
//! record 5 (or, in a field of personal text, entry 5 of the vault), `["{…}"]` for JSON in its written form.
//!
//! Reading is done by the thousand: the database joins the columns of many entries into one text, because a
//! row through a database driver costs several times what its content does.

use std::fmt::{self, Write as _};

use domain::field::{FieldId, Value};
use domain::journal::{Entry, Facts, Hot, HotSet, Op};
use domain::{Currency, Day, Instant, Kind, Outcome, StageId};
use sea_orm::Value as Sql;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::StoreError;

/// The journal's columns, in the order that [`push_row`] and [`parse_line`] keep.
pub(crate) const COLUMNS: [&str; 21] = [
    "seq",
    "kind",
    "record",
    "effective_at",
    "known_at",
    "recorded_at",
    "source_seq",
    "import",
    "actor",
    "op",
    "target",
    "hot_set",
    "stage",
    "outcome",
    "amount_minor",
    "currency",
    "owner",
    "team",
    "expected_close_on",
    "probability_ppm",
    "rest",
];

/// Codes of [`Op`]; stored.
pub(crate) mod op {
    pub(crate) const ASSERT: i64 = 0;
    pub(crate) const DELETE: i64 = 1;
    pub(crate) const MERGE: i64 = 2;
    pub(crate) const RETRACT_ENTRY: i64 = 3;
    pub(crate) const RETRACT_IMPORT: i64 = 4;
    pub(crate) const ERASE: i64 = 5;
}

/// The SQL that joins entries into one text, a line an entry; rows come in no promised order.
pub(crate) fn lines_sql(condition: &str) -> String {
    let format = vec!["%s"; COLUMNS.len()].join(",");
    format!("SELECT string_agg(format('{format}',{}), '\n') FROM journal WHERE {condition}", COLUMNS.join(","))
}

/// The values of an entry's row.
pub(crate) fn push_row(entry: &Entry, out: &mut Vec<Sql>) {
    let int = |value: i64| Sql::BigInt(Some(value));
    let (code, target, facts) = match &entry.op {
        Op::Assert(facts) => (op::ASSERT, None, Some(facts)),
        Op::Delete => (op::DELETE, None, None),
        Op::Merge { into } => (op::MERGE, Some(*into), None),
        Op::RetractEntry { seq } => (op::RETRACT_ENTRY, Some(*seq), None),
        Op::RetractImport { import } => (op::RETRACT_IMPORT, Some(*import), None),
        Op::Erase => (op::ERASE, None, None),
    };
    out.extend([
        int(entry.seq),
        int(i64::from(entry.kind.code())),
        int(entry.record),
        int(entry.effective_at.0),
        int(entry.known_at.0),
        int(entry.recorded_at.0),
        int(entry.source_seq),
        Sql::BigInt(entry.import),
        int(entry.actor),
        int(code),
        Sql::BigInt(target),
    ]);
    let Some(facts) = facts else {
        out.push(int(0));
        out.extend(std::iter::repeat_n(Sql::BigInt(None), 8));
        out.push(Sql::String(None));
        return;
    };
    let (set, hot) = (facts.set, &facts.hot);
    let when = |part: HotSet, value: Option<i64>| Sql::BigInt(value.filter(|_| set.has(part)));
    out.extend([
        int(i64::from(set.0)),
        when(HotSet::STAGE, Some(i64::from(hot.stage.0))),
        when(HotSet::OUTCOME, Some(i64::from(hot.outcome as u8))),
        when(HotSet::AMOUNT, hot.amount_minor),
        when(HotSet::CURRENCY, hot.currency.map(|currency| i64::from(currency.code()))),
        when(HotSet::OWNER, hot.owner),
        when(HotSet::TEAM, hot.team),
        when(HotSet::EXPECTED_CLOSE, hot.expected_close_on.map(|day| i64::from(day.0))),
        when(HotSet::PROBABILITY, hot.probability_ppm.map(i64::from)),
        Sql::String(encode_rest(&facts.rest)),
    ]);
}

/// The other fields as JSON; nothing where there are none.
pub(crate) fn encode_rest<'a>(rest: impl IntoIterator<Item = &'a (FieldId, Value)>) -> Option<String> {
    let mut out = String::new();
    for (field, value) in rest {
        out.push(if out.is_empty() { '{' } else { ',' });
        let written = match value {
            Value::Null => write!(out, "\"{}\":null", field.0),
            Value::Bool(value) => write!(out, "\"{}\":{value}", field.0),
            Value::Int(value) => write!(out, "\"{}\":{value}", field.0),
            Value::Ref(record) => write!(out, "\"{}\":[{record}]", field.0),
            Value::Text(text) => write!(out, "\"{}\":{}", field.0, Quoted(text)),
            Value::Json(text) => write!(out, "\"{}\":[{}]", field.0, Quoted(text)),
        };
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
    (!out.is_empty()).then(|| {
        out.push('}');
        out
    })
}

/// A JSON string.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut plain = 0;
        for (at, byte) in self.0.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            f.write_str(&self.0[plain..at])?;
            match byte {
                b'"' => f.write_str("\\\"")?,
                b'\\' => f.write_str("\\\\")?,
                b'\n' => f.write_str("\\n")?,
                _ => write!(f, "\\u{byte:04x}")?,
            }
            plain = at + 1;
        }
        f.write_str(&self.0[plain..])?;
        f.write_char('"')
    }
}

/// Reads what [`encode_rest`] wrote.
pub(crate) fn decode_rest(text: &str) -> Result<Vec<(FieldId, Value)>, StoreError> {
    serde_json::from_str::<Rest>(text)
        .map(|rest| rest.0)
        .map_err(|error| StoreError::damaged("the fields of a journal entry", format!("{error}: {text}")))
}

struct Rest(Vec<(FieldId, Value)>);

impl<'de> Deserialize<'de> for Rest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Rest;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object from field id to value")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rest, A::Error> {
                let mut out = Vec::new();
                while let Some((id, value)) = map.next_entry::<u16, Stored>()? {
                    out.push((FieldId(id), value.0));
                }
                Ok(Rest(out))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

struct Stored(Value);

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StoredVisitor)
    }
}

struct StoredVisitor;

impl<'de> Visitor<'de> for StoredVisitor {
    type Value = Stored;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a truth value, a whole number, a text, or one of these in brackets")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Stored, E> {
        Ok(Stored(Value::Null))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Stored, E> {
        Ok(Stored(Value::Bool(value)))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Stored, E> {
        Ok(Stored(Value::Int(value)))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Stored, E> {
        i64::try_from(value).map(|value| Stored(Value::Int(value))).map_err(E::custom)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Stored, E> {
        Ok(Stored(Value::Text(value.into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Stored, A::Error> {
        match seq.next_element::<Stored>()?.map(|inner| inner.0) {
            Some(Value::Int(record)) => Ok(Stored(Value::Ref(record))),
            Some(Value::Text(json)) => Ok(Stored(Value::Json(json))),
            _ => Err(serde::de::Error::custom("brackets hold one number or text")),
        }
    }
}

/// Reads the text of [`lines_sql`], in the order of the journal.
pub(crate) fn parse_lines(text: &str) -> Result<Vec<Entry>, StoreError> {
    let mut out = Vec::with_capacity(text.len() / 64);
    for line in text.split('\n').filter(|line| !line.is_empty()) {
        out.push(parse_line(line).ok_or_else(|| StoreError::damaged("a journal entry", line))??);
    }
    if !out.is_sorted_by_key(|entry: &Entry| entry.seq) {
        out.sort_unstable_by_key(|entry| entry.seq);
    }
    Ok(out)
}

/// Numbers up to the next comma; absent where nothing stands before it.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    /// `None` is damage, `Some(None)` an empty column.
    fn next(&mut self) -> Option<Option<i64>> {
        let (mut at, mut value, negative) = (0, 0_i64, self.0.first() == Some(&b'-'));
        at += usize::from(negative);
        let digits = at;
        loop {
            match *self.0.get(at)? {
                b',' => break,
                digit @ b'0'..=b'9' => {
                    // Counted downwards: the smallest number has no positive counterpart.
                    value = value.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))?;
                    at += 1;
                }
                _ => return None,
            }
        }
        let empty = at == digits;
        self.0 = &self.0[at + 1..];
        if empty {
            return (!negative).then_some(None);
        }
        Some(Some(if negative { value } else { value.checked_neg()? }))
    }

    fn must(&mut self) -> Option<i64> {
        self.next()?
    }
}

fn parse_line(line: &str) -> Option<Result<Entry, StoreError>> {
    let mut numbers = Numbers(line.as_bytes());
    let seq = numbers.must()?;
    let kind = Kind::from_code(i16::try_from(numbers.must()?).ok()?)?;
    let record = numbers.must()?;
    let effective_at = Instant(numbers.must()?);
    let known_at = Instant(numbers.must()?);
    let recorded_at = Instant(numbers.must()?);
    let source_seq = numbers.must()?;
    let import = numbers.next()?;
    let actor = numbers.must()?;
    let code = numbers.must()?;
    let target = numbers.next()?;
    let set = HotSet(u16::try_from(numbers.must()?).ok()?);
    let hot = parse_hot(&mut numbers)?;
    let rest = &line[line.len() - numbers.0.len()..];
    let op = match code {
        op::ASSERT => match if rest.is_empty() { Ok(Vec::new()) } else { decode_rest(rest) } {
            Ok(rest) => Op::Assert(Facts { set, hot, rest }),
            Err(error) => return Some(Err(error)),
        },
        op::DELETE => Op::Delete,
        op::MERGE => Op::Merge { into: target? },
        op::RETRACT_ENTRY => Op::RetractEntry { seq: target? },
        op::RETRACT_IMPORT => Op::RetractImport { import: target? },
        op::ERASE => Op::Erase,
        _ => return None,
    };
    Some(Ok(Entry { seq, kind, record, effective_at, known_at, recorded_at, source_seq, import, actor, op }))
}

fn parse_hot(numbers: &mut Numbers<'_>) -> Option<Hot> {
    let none = Hot::default();
    Some(Hot {
        stage: numbers.next()?.map_or(Some(none.stage), |id| u32::try_from(id).ok().map(StageId))?,
        outcome: numbers
            .next()?
            .map_or(Some(none.outcome), |code| u8::try_from(code).ok().and_then(Outcome::from_code))?,
        amount_minor: numbers.next()?,
        currency: match numbers.next()? {
            Some(code) => Some(Currency::from_code(u16::try_from(code).ok()?)?),
            None => None,
        },
        owner: numbers.next()?,
        team: numbers.next()?,
        expected_close_on: match numbers.next()? {
            Some(day) => Some(Day(i32::try_from(day).ok()?)),
            None => None,
        },
        probability_ppm: match numbers.next()? {
            Some(ppm) => Some(i32::try_from(ppm).ok()?),
            None => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sort_of_value_survives() {
        let rest = vec![
            (FieldId(20), Value::Text("line\nbreak \"quoted\" \\ tab\t 客户 \u{1}\u{2028}".into())),
            (FieldId(21), Value::Int(i64::MIN)),
            (FieldId(22), Value::Ref(7)),
            (FieldId(31), Value::Bool(true)),
            (FieldId(32), Value::Json(r#"[{"b": 1.50, "a": "x"}]"#.into())),
            (FieldId(33), Value::Null),
        ];
        let text = encode_rest(&rest).expect("fields");
        assert!(!text.contains('\n'));
        assert_eq!(decode_rest(&text).expect("reads back"), rest);
        assert_eq!(encode_rest(&[]), None);
    }

    #[test]
    fn damage_is_told_from_emptiness() {
        for (text, first) in [
            ("12,", Some(Some(12))),
            (",", Some(None)),
            ("-9223372036854775808,", Some(Some(i64::MIN))),
            ("9223372036854775807,", Some(Some(i64::MAX))),
            ("9223372036854775808,", None),
            ("-,", None),
            ("1x,", None),
            ("12", None),
        ] {
            assert_eq!(Numbers(text.as_bytes()).next(), first, "{text}");
        }
        assert!(parse_lines("1,2,3").is_err());
        assert!(parse_lines("").expect("no line").is_empty());
    }
}
