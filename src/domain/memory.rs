//! What was made lately and may be asked for again soon, within a bound.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Mutex, PoisonError};

/// Two halves: when the young one is full it becomes the old one, and what was old is forgotten.
#[derive(Debug)]
struct Halves<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

/// A bounded memory of values that depend on their key alone, so that nothing in it can be stale.
#[derive(Debug)]
pub struct Memory<K, V> {
    half: usize,
    known: Mutex<Halves<K, V>>,
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    /// Remembers up to `limit` values; below 2 it remembers none.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let known = Mutex::new(Halves { young: HashMap::new(), old: HashMap::new() });
        Self { half: limit / 2, known }
    }

    /// The value of this key, made if it is not remembered.
    ///
    /// # Errors
    /// Those of `make`; they are not remembered.
    pub fn get_or_try<E>(&self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        if self.half == 0 {
            return make();
        }
        if let Some(value) = self.remembered(&key) {
            return Ok(value);
        }
        // Outside the lock: two threads may do the same work once, nobody waits for it.
        let value = make()?;
        self.keep(key, value.clone());
        Ok(value)
    }

    /// How many values are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.young.len() + known.old.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn remembered(&self, key: &K) -> Option<V> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = known.old.remove_entry(key)?;
        known.keep(self.half, key, value.clone());
        Some(value)
    }

    fn keep(&self, key: K, value: V) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).keep(self.half, key, value);
    }
}

impl<K: Eq + Hash, V> Halves<K, V> {
    fn keep(&mut self, half: usize, key: K, value: V) {
        if self.young.len() >= half {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use super::*;

    fn get(memory: &Memory<i32, Arc<i32>>, key: i32) -> Arc<i32> {
        let Ok(value) = memory.get_or_try(key, || Ok::<_, Infallible>(Arc::new(key * 2)));
        value
    }

    #[test]
    fn what_is_asked_for_often_is_made_once_and_the_rest_is_forgotten_within_the_limit() {
        let memory = Memory::new(8);
        let first = get(&memory, 1);
        for key in 2..50 {
            get(&memory, key);
            assert!(Arc::ptr_eq(&first, &get(&memory, 1)), "asked for again before it was forgotten");
            assert!(memory.len() <= 8);
        }
        for key in 50..60 {
            get(&memory, key);
        }
        assert!(!Arc::ptr_eq(&first, &get(&memory, 1)), "forgotten");
    }

    #[test]
    fn a_memory_without_room_makes_everything_anew() {
        let memory = Memory::new(0);
        assert!(!Arc::ptr_eq(&get(&memory, 1), &get(&memory, 1)));
        assert!(memory.is_empty());
    }

    #[test]
    fn a_failure_is_not_remembered() {
        let memory: Memory<i32, i32> = Memory::new(8);
        assert_eq!(memory.get_or_try(1, || Err("broken")), Err("broken"));
        assert_eq!(memory.get_or_try(1, || Ok::<_, &str>(5)), Ok(5));
    }
}
