//! Text in a stream, with a bound on what one record of it may have.

use std::cell::Cell as Shared;
use std::io::{self, Read};
use std::rc::Rc;

use super::encoding::Utf8Reader;

/// Said by [`Bounded`] when a record does not end.
pub(super) const TOO_LONG: &str = "record too long";

/// Counts what a record took, so that one that never ends is noticed before it fills the memory.
#[derive(Debug, Default)]
pub(super) struct Meter {
    pub(super) limit: Shared<u64>,
    pub(super) handed: Shared<u64>,
    since: Shared<u64>,
    pub(super) taken: Shared<u64>,
}

impl Meter {
    pub(super) fn begin_record(&self) {
        self.since.set(self.handed.get());
    }
}

pub(super) struct Bounded<R> {
    pub(super) inner: Utf8Reader<R>,
    pub(super) meter: Rc<Meter>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // What was handed over before this record began may still lie in the reader's buffer; so a record
        // may be longer by one buffer than the limit, and is never refused below it.
        if self.meter.handed.get() - self.meter.since.get() > self.meter.limit.get() {
            return Err(io::Error::other(TOO_LONG));
        }
        let read = self.inner.read(out)?;
        self.meter.handed.set(self.meter.handed.get() + read as u64);
        self.meter.taken.set(self.inner.taken);
        Ok(read)
    }
}
