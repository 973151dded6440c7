//! JSON: an array of objects, an object that holds one somewhere, or one object a line (NDJSON). What stands inside of
//! an object is a column with a dotted name (`owner.name`); a list stays the JSON that it is.
//!
//! Streamed: one object is in memory at a time, and may have as many bytes as a record of any text file.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::ControlFlow;
use std::rc::Rc;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::bounded::{Bounded, Meter, TOO_LONG};
use super::encoding::{Found, Utf8Reader, find};
use super::records::{EachRecord, Record};
use super::{Cell, OwnedCell, Source, shortened};
use crate::issue::{Fault, Refusal};
use crate::options::Options;

const EXPECTED: &str = "JSON: an array of objects, an object that holds one, or one object a line";
/// Said by the visitor when whoever takes the rows wants no more.
const ENOUGH: &str = "enough";

/// Hands every row on, until it is told to stop. Returns how the file was read, in words.
pub(super) fn each_record(source: &Source, options: &Options, each: &mut EachRecord<'_>) -> Result<String, Refusal> {
    match form(source, options)? {
        Form::Lines => lines(source, options, each).map(|()| "JSON, one object a line".to_owned()),
        Form::Document => document(source, options, each).map(|()| "JSON".to_owned()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Form {
    /// One object a line; a row's number is its line's.
    Lines,
    /// One value that is or holds the list; a row's number is its place in it.
    Document,
}

/// What the first line that is not blank tells.
fn form(source: &Source, options: &Options) -> Result<Form, Refusal> {
    let mut text = Text::open(source, options)?;
    let mut line = Vec::new();
    let mut is_cut = false;
    while line.trim_ascii().is_empty() {
        line.clear();
        match text.line(&mut line) {
            Ok(0) => return Err(Fault::Empty { file: source.name.to_string() }.into()),
            Ok(_) => text.meter.begin_record(),
            // A document may stand on one line; what its objects have is bounded one by one.
            Err(error) if is_too_long(&error) => is_cut = true,
            Err(error) => return Err(source.unreadable(&error)),
        }
    }
    let first = line.trim_ascii();
    match first.first() {
        Some(b'[') => Ok(Form::Document),
        Some(b'{') if is_cut => Ok(Form::Document),
        Some(b'{') => match serde_json::from_slice::<Value>(first) {
            Err(_) => Ok(Form::Document),
            // One object is a row, unless it is what holds the rows.
            Ok(object) => {
                let is_alone = text.is_rest_blank().map_err(|error| text.refused(source, &error))?;
                Ok(if is_alone && holds_rows(&object) { Form::Document } else { Form::Lines })
            }
        },
        _ => {
            let found = shortened(&String::from_utf8_lossy(first));
            Err(source.wrong_format(EXPECTED, format!("it begins with `{found}`")))
        }
    }
}

fn holds_rows(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.values().any(|value| match value {
            Value::Array(list) => list.first().is_some_and(Value::is_object),
            value => holds_rows(value),
        }),
        _ => false,
    }
}

fn lines(source: &Source, options: &Options, each: &mut EachRecord<'_>) -> Result<(), Refusal> {
    let mut text = Text::open(source, options)?;
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        text.meter.begin_record();
        if text.line(&mut line).map_err(|error| text.refused(source, &error))? == 0 {
            return Ok(());
        }
        number += 1;
        let written = line.trim_ascii();
        if written.is_empty() {
            continue;
        }
        let wrong = |why: String| source.wrong_format(EXPECTED, format!("line {number}: {why}"));
        let value: Value = serde_json::from_slice(written).map_err(|error| wrong(error.to_string()))?;
        let record = record_of(value).ok_or_else(|| wrong("it is no object".to_owned()))?;
        if each(number, record, text.meter.taken.get())?.is_break() {
            return Ok(());
        }
    }
}

fn document(source: &Source, options: &Options, each: &mut EachRecord<'_>) -> Result<(), Refusal> {
    let text = Text::open(source, options)?;
    let meter = Rc::clone(&text.meter);
    let mut taking = Taking { each, meter: &meter, rows: 0, stopped: None };
    let mut deserializer = serde_json::Deserializer::from_reader(text.reader);
    let read = Rows { taking: &mut taking }.deserialize(&mut deserializer).and_then(|_| deserializer.end());
    match (taking.stopped, read) {
        (Some(ControlFlow::Break(())), _) | (None, Ok(())) => Ok(()),
        (Some(ControlFlow::Continue(refusal)), _) => Err(refusal),
        (None, Err(error)) if error.is_io() && is_too_long(&error) => Err(too_long(source, &meter)),
        (None, Err(error)) => Err(source.wrong_format(EXPECTED, error.to_string())),
    }
}

fn is_too_long(error: &dyn std::fmt::Display) -> bool {
    error.to_string().contains(TOO_LONG)
}

fn too_long(source: &Source, meter: &Meter) -> Refusal {
    source.wrong_format(EXPECTED, format!("an object has more than {} bytes", meter.limit.get()))
}

/// Where rows go, and why they stopped going there: enough, or a refusal.
struct Taking<'a, 'e> {
    each: &'a mut EachRecord<'e>,
    meter: &'a Meter,
    rows: u64,
    stopped: Option<ControlFlow<(), Refusal>>,
}

impl Taking<'_, '_> {
    fn take(&mut self, record: Record) -> Result<(), &'static str> {
        self.rows += 1;
        match (self.each)(self.rows, record, self.meter.taken.get()) {
            Ok(ControlFlow::Continue(())) => {
                self.meter.begin_record();
                return Ok(());
            }
            Ok(ControlFlow::Break(())) => self.stopped = Some(ControlFlow::Break(())),
            Err(refusal) => self.stopped = Some(ControlFlow::Continue(refusal)),
        }
        Err(ENOUGH)
    }
}

/// Any value: the first list of objects in it is the rows. Tells whether it was found.
struct Rows<'t, 'a, 'e> {
    taking: &'t mut Taking<'a, 'e>,
}

impl<'de> DeserializeSeed<'de> for Rows<'_, '_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(value) = list.next_element::<Value>()? {
            match record_of(value) {
                Some(record) => {
                    found = true;
                    self.taking.take(record).map_err(de::Error::custom)?;
                }
                None if found => return Err(de::Error::custom(format!("row {} is no object", self.taking.rows + 1))),
                // A list of something else, which stands beside the rows.
                None => self.taking.meter.begin_record(),
            }
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<bool, A::Error> {
        let mut found = false;
        while object.next_key::<String>()?.is_some() {
            if found {
                object.next_value::<IgnoredAny>()?;
            } else {
                found = object.next_value_seed(Rows { taking: &mut *self.taking })?;
            }
        }
        Ok(found)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}

/// The columns of an object; none where the value is no object.
fn record_of(value: Value) -> Option<Record> {
    let Value::Object(object) = value else { return None };
    let mut record = Record::with_capacity(object.len());
    for (name, value) in object {
        put(name, value, &mut record);
    }
    Some(record)
}

fn put(name: String, value: Value, record: &mut Record) {
    let cell = match value {
        Value::Object(object) => {
            for (inner, value) in object {
                put(format!("{name}.{inner}"), value, record);
            }
            return;
        }
        Value::Null => OwnedCell::Plain(Cell::Empty),
        Value::Bool(yes) => OwnedCell::Plain(Cell::Bool(yes)),
        Value::String(text) => OwnedCell::Text(text.into()),
        Value::Array(list) if list.is_empty() => OwnedCell::Plain(Cell::Empty),
        Value::Array(_) => OwnedCell::Text(value.to_string().into()),
        Value::Number(number) => number_cell(&number),
    };
    record.push((name, cell));
}

fn number_cell(number: &serde_json::Number) -> OwnedCell {
    if let Some(whole) = number.as_i64() {
        return OwnedCell::Plain(Cell::Int(whole));
    }
    // The shortest text that is this number: as it was written, unless it had more digits than a number there keeps.
    let text = number.to_string();
    match decimal(&text) {
        Some((units, scale)) => OwnedCell::Plain(Cell::Decimal(units, scale)),
        None => number.as_f64().map_or(OwnedCell::Text(text.into()), |float| OwnedCell::Plain(Cell::Float(float))),
    }
}

fn decimal(text: &str) -> Option<(i128, i8)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let units = format!("{whole}{fraction}").parse().ok()?;
    Some((units, i8::try_from(fraction.len()).ok()?))
}

/// A file as UTF-8, with a bound on what one record may have.
struct Text {
    reader: BufReader<Bounded<File>>,
    meter: Rc<Meter>,
}

impl Text {
    fn open(source: &Source, options: &Options) -> Result<Self, Refusal> {
        let encoding = match find(&source.path).map_err(|error| source.unreadable(&error))? {
            Found::Text(encoding) | Found::Perhaps(encoding) => encoding,
            Found::Binary => return Err(source.wrong_format(EXPECTED, "it is no text")),
        };
        let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
        let meter = Rc::new(Meter::default());
        meter.limit.set(options.max_record_bytes);
        let bounded = Bounded { inner: Utf8Reader::new(file, encoding), meter: Rc::clone(&meter) };
        Ok(Self { reader: BufReader::with_capacity(1 << 16, bounded), meter })
    }

    fn line(&mut self, line: &mut Vec<u8>) -> io::Result<usize> {
        self.reader.read_until(b'\n', line)
    }

    fn is_rest_blank(&mut self) -> io::Result<bool> {
        loop {
            let rest = self.reader.fill_buf()?;
            if rest.is_empty() {
                return Ok(true);
            }
            if !rest.trim_ascii().is_empty() {
                return Ok(false);
            }
            let length = rest.len();
            self.reader.consume(length);
            self.meter.begin_record();
        }
    }

    fn refused(&self, source: &Source, error: &io::Error) -> Refusal {
        if is_too_long(error) { too_long(source, &self.meter) } else { source.unreadable(error) }
    }
}
