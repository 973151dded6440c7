//! Texts as people compare them: without regard to case, to full and half width, or to control characters.
//!
//! Used wherever a person types what to find and wherever two spellings are one name. Must not know languages:
//! nothing is translated, stemmed or ordered by a locale.

/// The text in lower case, full-width forms as their ASCII twins, control characters and the ideographic space as
/// spaces.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'a'..='z' | '0'..='9' | ' ' => out.push(letter),
            '\u{3000}' => out.push(' '),
            '\u{ff01}'..='\u{ff5e}' => {
                let twin = char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter);
                out.extend(twin.to_lowercase());
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.extend(letter.to_lowercase()),
        }
    }
    out
}

/// Yes or no, in the spellings that exports use; none where it is neither.
#[must_use]
pub fn yes_or_no(text: &str) -> Option<bool> {
    match folded(text).trim() {
        "true" | "t" | "yes" | "y" | "1" | "1.0" | "是" => Some(true),
        "false" | "f" | "no" | "n" | "0" | "0.0" | "否" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_width_do_not_matter() {
        for (text, expected) in [
            ("ACME Ltd.", "acme ltd."),
            ("ＡＣＭＥ　１２", "acme 12"),
            ("上海Ａ公司", "上海a公司"),
            ("ÄÖ", "äö"),
            ("a\tb\u{1}c", "a b c"),
            ("", ""),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
            assert_eq!(folded(&folded(text)), folded(text), "folding again changes nothing");
        }
    }
}
