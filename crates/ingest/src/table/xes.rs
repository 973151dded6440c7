//! XES event logs (IEEE 1849), plain or packed with gzip: a row an event, with the attributes of its case before it
//! (`case:concept:name`, `concept:name`, `time:timestamp`). A case without events is one row of its own.
//!
//! Streamed: one case is in memory at a time. What is nested inside of attributes is left out, and so are the defaults
//! and classifiers of the log; custom entities are not expanded.

use std::cell::Cell as Shared;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::records::{EachRecord, Record};
use super::{Cell, OwnedCell, Source};
use crate::issue::{Fault, Refusal};
use crate::options::Options;

const EXPECTED: &str = "an event log (XES)";
/// What an event takes in memory before it says anything.
const EVENT_BYTES: u64 = 32;
/// Said by [`Bounded`] when more comes out of a packed file than it may hold.
const TOO_LARGE: &str = "unpacks to too much";

/// Hands every row on, until it is told to stop. Returns how the file was read, in words.
pub(super) fn each_record(source: &Source, options: &Options, each: &mut EachRecord<'_>) -> Result<String, Refusal> {
    let mut file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
    let mut first = [0; 2];
    let read = file.read(&mut first).map_err(|error| source.unreadable(&error))?;
    let is_packed = first[..read] == [0x1f, 0x8b];
    let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
    let taken = Rc::new(Shared::new(0));
    let counted = Counted { inner: file, taken: Rc::clone(&taken) };
    let (words, inner): (_, Box<dyn Read>) = if is_packed {
        ("event log, gzip", Box::new(MultiGzDecoder::new(counted)))
    } else {
        ("event log", Box::new(counted))
    };
    let by_ratio = source.bytes.saturating_mul(options.max_unpack_ratio).max(16 << 20);
    let limit = if is_packed { by_ratio.min(options.max_unpacked_bytes) } else { u64::MAX };
    let bounded = Bounded { inner, left: limit };
    let mut log = Log { source, options, taken, rows: 0, each };
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, bounded));
    match log.read(&mut reader) {
        Ok(()) => Ok(words.to_owned()),
        Err(Stop::Enough) => Ok(words.to_owned()),
        Err(Stop::Refused(refusal)) => Err(refusal),
        Err(Stop::Xml(message)) if message.contains(TOO_LARGE) => {
            let (file, part) = (source.name.to_string(), "the packed log".to_owned());
            Err(Fault::ArchiveTooLarge { file, part, packed_bytes: source.bytes, limit_bytes: limit }.into())
        }
        Err(Stop::Xml(message)) => {
            let place = reader.buffer_position();
            Err(source.wrong_format(EXPECTED, format!("{message} (at byte {place})")))
        }
    }
}

/// Why no more is read.
enum Stop {
    Enough,
    Refused(Refusal),
    Xml(String),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

struct Log<'a, 'e> {
    source: &'a Source,
    options: &'a Options,
    taken: Rc<Shared<u64>>,
    rows: u64,
    each: &'a mut EachRecord<'e>,
}

/// Where in the log the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Log,
    Case,
    Event,
}

impl Log<'_, '_> {
    fn read(&mut self, reader: &mut Reader<BufReader<Bounded>>) -> Result<(), Stop> {
        let mut buffer = Vec::new();
        let (mut place, mut inside) = (Place::Outside, 0_usize);
        let (mut case, mut events, mut bytes) = (Record::new(), Vec::<Record>::new(), 0_u64);
        loop {
            buffer.clear();
            let event = reader.read_event_into(&mut buffer).map_err(|error| Stop::Xml(error.to_string()))?;
            let (tag, is_open) = match &event {
                Event::Start(tag) => (tag, true),
                Event::Empty(tag) => (tag, false),
                Event::End(tag) => {
                    if inside > 0 {
                        inside -= 1;
                        continue;
                    }
                    match (place, tag.local_name().as_ref()) {
                        (Place::Event, "event") => place = Place::Case,
                        (Place::Case, "trace") => {
                            self.hand_on(&std::mem::take(&mut case), std::mem::take(&mut events))?;
                            (place, bytes) = (Place::Log, 0);
                        }
                        (Place::Log, "log") => place = Place::Outside,
                        _ => {}
                    }
                    continue;
                }
                Event::Eof if place == Place::Outside && self.rows > 0 => return Ok(()),
                Event::Eof if place == Place::Outside => {
                    return Err(Stop::Xml("there is no `log` in it, or no case".to_owned()));
                }
                Event::Eof => return Err(Stop::Xml("it ends in the middle".to_owned())),
                _ => continue,
            };
            if inside > 0 {
                inside += usize::from(is_open);
                continue;
            }
            match (place, tag.local_name().as_ref()) {
                (Place::Outside, "log") => place = Place::Log,
                (Place::Log, "trace") if is_open => place = Place::Case,
                (Place::Log, "trace") => self.hand_on(&Record::new(), Vec::new())?,
                (Place::Case, "event") => {
                    bytes += EVENT_BYTES;
                    self.within(bytes)?;
                    events.push(Record::new());
                    place = if is_open { Place::Event } else { Place::Case };
                }
                (Place::Case | Place::Event, kind) => {
                    let record = if place == Place::Event { events.last_mut() } else { Some(&mut case) };
                    let (key, cell) = attribute(kind, tag).map_err(Stop::Xml)?;
                    if let (Some(record), false) = (record, key.is_empty()) {
                        bytes += 32
                            + key.len() as u64
                            + if let OwnedCell::Text(text) = &cell { text.len() as u64 } else { 8 };
                        record.push((if place == Place::Case { format!("case:{key}") } else { key }, cell));
                    }
                    self.within(bytes)?;
                    inside += usize::from(is_open);
                }
                // Extensions, globals, classifiers, attributes of the log.
                _ => inside += usize::from(is_open),
            }
        }
    }

    /// Refuses a case that takes more memory than a record may.
    fn within(&self, bytes: u64) -> Result<(), Stop> {
        let limit = self.options.max_record_bytes;
        if bytes > limit {
            return Err(self.source.wrong_format(EXPECTED, format!("a case has more than {limit} bytes")).into());
        }
        Ok(())
    }

    fn hand_on(&mut self, case: &Record, events: Vec<Record>) -> Result<(), Stop> {
        let rows = if events.is_empty() { vec![Record::new()] } else { events };
        for event in rows {
            self.rows += 1;
            let row = case.iter().cloned().chain(event).collect();
            if let ControlFlow::Break(()) = (self.each)(self.rows, row, self.taken.get())? {
                return Err(Stop::Enough);
            }
        }
        Ok(())
    }
}

/// An attribute's key and value, by its kind; no key where it is none.
fn attribute(kind: &str, tag: &BytesStart<'_>) -> Result<(String, OwnedCell), String> {
    let (mut key, mut value) = (String::new(), String::new());
    for found in tag.attributes() {
        let found = found.map_err(|error| error.to_string())?;
        let into = match found.key.as_ref() {
            "key" => &mut key,
            "value" => &mut value,
            _ => continue,
        };
        let text = found.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
        *into = text.into_owned();
    }
    let cell = match kind {
        "int" => value.parse().ok().map(|number| OwnedCell::Plain(Cell::Int(number))),
        "boolean" => value.parse().ok().map(|yes| OwnedCell::Plain(Cell::Bool(yes))),
        "list" | "container" => Some(OwnedCell::Plain(Cell::Empty)),
        _ => None,
    };
    Ok((key, cell.unwrap_or_else(|| OwnedCell::Text(value.into()))))
}

/// Counts the bytes of the file itself.
struct Counted {
    inner: File,
    taken: Rc<Shared<u64>>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.taken.set(self.taken.get() + read as u64);
        Ok(read)
    }
}

struct Bounded {
    inner: Box<dyn Read>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(TOO_LARGE))?;
        Ok(read)
    }
}
