//! Where a list goes on, as an opaque word: the last value and id, and what it was a list of.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{AppError, Result};

/// Writes a cursor.
pub(crate) fn write(content: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(content).unwrap_or_default())
}

/// Reads a cursor.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let content = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    content.ok_or_else(|| {
        let hint = ("请原样使用 next_cursor，或不带游标从头开始", "take next_cursor as it came, or begin without one");
        AppError::input(("游标不属于这个列表", "the cursor is none of this list")).hint(hint)
    })
}
