//! Answers remembered by partition.
//!
//! A page asks the same question again after one deal moved: only the partition that changed is counted
//! again. A remembered value belongs to the terms of a question and to one version of one partition; the
//! least recently used terms go first when the bytes run out. Must not know what is remembered.

use std::any::Any;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// The terms of a question, compared whole.
trait Terms: Send {
    fn same(&self, other: &dyn Any) -> bool;
}

struct Exactly<K>(K);

impl<K: Eq + Send + 'static> Terms for Exactly<K> {
    fn same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<K>().is_some_and(|other| *other == self.0)
    }
}

struct Held {
    version: u64,
    bytes: usize,
    value: Arc<dyn Any + Send + Sync>,
}

struct Answers {
    terms: Box<dyn Terms>,
    used: u64,
    parts: HashMap<usize, Held>,
}

#[derive(Default)]
struct Inner {
    answers: HashMap<u64, Vec<Answers>>,
    bytes: usize,
    tick: u64,
}

/// A bounded memory.
pub(crate) struct Memory {
    limit_bytes: usize,
    inner: Mutex<Inner>,
}

impl Memory {
    /// A memory of at most this many bytes; 0 remembers nothing.
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, inner: Mutex::default() }
    }

    /// Whether anything is remembered at all.
    pub(crate) const fn remembers(&self) -> bool {
        self.limit_bytes > 0
    }

    /// Bytes held.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// What is remembered of partitions (by place and version) under these terms.
    pub(crate) fn recall<K, V>(&self, terms: &K, parts: impl Iterator<Item = (usize, u64)>) -> Vec<Option<Arc<V>>>
    where
        K: Hash + Eq + Send + 'static,
        V: Send + Sync + 'static,
    {
        let mut inner = self.lock();
        inner.tick += 1;
        let tick = inner.tick;
        let found = inner.answers.get_mut(&hash(terms));
        let found = found.and_then(|same| same.iter_mut().find(|answers| answers.terms.same(terms)));
        let Some(answers) = found else { return parts.map(|_| None).collect() };
        answers.used = tick;
        let held = |(at, version): (usize, u64)| {
            let held = answers.parts.get(&at).filter(|held| held.version == version)?;
            Arc::clone(&held.value).downcast::<V>().ok()
        };
        parts.map(held).collect()
    }

    /// Remembers values of partitions: place, version, bytes, value.
    pub(crate) fn keep<K, V>(&self, terms: K, values: Vec<(usize, u64, usize, Arc<V>)>)
    where
        K: Hash + Eq + Send + 'static,
        V: Send + Sync + 'static,
    {
        if self.limit_bytes == 0 || values.is_empty() {
            return;
        }
        let mut inner = self.lock();
        inner.tick += 1;
        let (tick, key) = (inner.tick, hash(&terms));
        let same = inner.answers.entry(key).or_default();
        let place = same.iter().position(|answers| answers.terms.same(&terms)).unwrap_or_else(|| {
            same.push(Answers { terms: Box::new(Exactly(terms)), used: tick, parts: HashMap::new() });
            same.len() - 1
        });
        let answers = &mut same[place];
        answers.used = tick;
        let (mut added, mut freed) = (0, 0);
        for (at, version, bytes, value) in values {
            let bytes = bytes + size_of::<Held>();
            added += bytes;
            freed += answers.parts.insert(at, Held { version, bytes, value }).map_or(0, |before| before.bytes);
        }
        inner.bytes = inner.bytes + added - freed;
        while inner.bytes > self.limit_bytes && inner.forget_one() {}
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Forgets the terms that were used the longest ago; `false` where there are none.
    fn forget_one(&mut self) -> bool {
        let oldest = self.answers.iter().flat_map(|(key, same)| same.iter().map(|answers| (answers.used, *key))).min();
        let Some((used, key)) = oldest else { return false };
        let same = self.answers.entry(key).or_default();
        if let Some(at) = same.iter().position(|answers| answers.used == used) {
            let gone = same.swap_remove(at);
            self.bytes -= gone.parts.values().map(|held| held.bytes).sum::<usize>();
        }
        if same.is_empty() {
            self.answers.remove(&key);
        }
        true
    }
}

fn hash<K: Hash>(key: &K) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_or_other_terms_are_not_recalled() {
        let memory = Memory::new(10_000);
        memory.keep("terms", vec![(0, 7, 10, Arc::new(1_u32)), (3, 8, 10, Arc::new(2))]);
        let recall = |terms: &'static str, parts: Vec<(usize, u64)>| -> Vec<Option<u32>> {
            memory
                .recall(&terms, parts.into_iter())
                .into_iter()
                .map(|held: Option<Arc<u32>>| held.map(|v| *v))
                .collect()
        };
        assert_eq!(recall("terms", vec![(0, 7), (3, 8), (3, 9), (1, 7)]), [Some(1), Some(2), None, None]);
        assert_eq!(recall("others", vec![(0, 7)]), [None]);
        memory.keep("terms", vec![(3, 9, 10, Arc::new(5_u32))]);
        assert_eq!(recall("terms", vec![(3, 8), (3, 9)]), [None, Some(5)]);
    }

    #[test]
    fn the_least_recently_used_go_first_and_bytes_stay_bounded() {
        let memory = Memory::new(1000);
        for terms in 0..20_u32 {
            memory.keep(terms, vec![(0, 1, 200, Arc::new(terms))]);
            let first: Vec<Option<Arc<u32>>> = memory.recall(&0_u32, [(0, 1)].into_iter());
            assert!(first[0].is_some(), "used all the time");
        }
        assert!(memory.bytes() <= 1000);
        let middle: Vec<Option<Arc<u32>>> = memory.recall(&5_u32, [(0, 1)].into_iter());
        assert!(middle[0].is_none());
        let nothing = Memory::new(0);
        nothing.keep(1_u32, vec![(0, 1, 1, Arc::new(1_u32))]);
        assert_eq!(nothing.bytes(), 0);
    }
}
