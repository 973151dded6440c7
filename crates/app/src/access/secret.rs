//! Secrets: 256 random bits each, told once, kept as a hash.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Numbers that nobody can guess, from a generator that the composition root has seeded.
#[derive(Clone)]
pub struct Random(Arc<Mutex<ChaCha20Rng>>);

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random(…)")
    }
}

impl Random {
    /// A generator from a seed; one that the system has drawn, or the secrets are none.
    #[must_use]
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(Arc::new(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut out);
        out
    }

    /// A new secret as text.
    pub(crate) fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }
}

/// What is kept of a secret, or of anything that need only be recognised. Secrets are long and random: a plain
/// hash of one cannot be turned round.
pub(super) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_have_256_bits() {
        let random = Random::seeded([7; 32]);
        let (a, b) = (random.secret(), random.secret());
        assert_ne!(a, b);
        assert_eq!((a.len(), URL_SAFE_NO_PAD.decode(&a).map(|bytes| bytes.len())), (43, Ok(32)));
        assert_ne!(hash(&a), hash(&b));
        assert!(!format!("{random:?}").contains('7'));
    }
}
