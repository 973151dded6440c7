//! Normal forms of any text, and the marks by which two texts that look alike differ after all.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The text as people compare it: width and compatibility forms (NFKC), lower case, accents of Latin letters dropped,
/// Latin twins for look-alike letters, controls and runs of spaces as one space, none at the ends.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        for byte in text.bytes() {
            push_spaced(&mut out, char::from(byte.to_ascii_lowercase()));
        }
    } else {
        let unmasked = unmasked(text);
        let plain = unmasked.nfkd().filter(|letter| !is_accent(*letter)).nfkc();
        for letter in plain.flat_map(char::to_lowercase) {
            match plain_twin(letter) {
                Some(twin) => out.push_str(twin),
                None => push_spaced(&mut out, letter),
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_spaced(out: &mut String, letter: char) {
    if letter.is_whitespace() || (letter.is_control() && letter != '\u{7f}') {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    } else if !is_invisible(letter) {
        out.push(letter);
    }
}

/// Marks above and below Latin letters; those of other scripts (kana, Hebrew) are letters' parts and stay.
const fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// What prints nothing: soft hyphen, zero-width spaces and joiners, the byte order mark.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{7f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// Latin letters that have no accent to drop, as they are written without them.
const fn plain_twin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

/// [`folded`], letters and digits alone.
#[must_use]
pub fn squashed(text: &str) -> String {
    let mut text = folded(text);
    text.retain(char::is_alphanumeric);
    text
}

/// The Latin letter that a Cyrillic or Greek one looks like.
const fn latin_twin(letter: char) -> Option<char> {
    Some(match letter {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'Χ' => 'X',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        'а' | 'α' => 'a',
        'с' => 'c',
        'е' => 'e',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ν' => 'v',
        'к' | 'κ' => 'k',
        _ => return None,
    })
}

const fn is_cyrillic_or_greek(letter: char) -> bool {
    matches!(letter, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{4ff}')
}

/// Whether a word is a Latin code with foreign letters in it: every foreign letter looks like a Latin one, and there is
/// a Latin letter or a digit beside them. A word that is wholly Cyrillic or Greek is that language.
fn is_masked(word: &str) -> bool {
    let mut beside = false;
    let mut foreign = false;
    for letter in word.chars() {
        if is_cyrillic_or_greek(letter) {
            if latin_twin(letter).is_none() {
                return false;
            }
            foreign = true;
        } else {
            beside |= letter.is_ascii_alphanumeric();
        }
    }
    foreign && beside
}

/// Whether a word of the text mixes Latin letters or digits with Cyrillic or Greek ones that look like Latin ones:
/// `АB-100` with a Cyrillic `А`, which no search for `AB-100` finds.
#[must_use]
pub fn has_lookalikes(text: &str) -> bool {
    !text.is_ascii() && text.split_whitespace().any(is_masked)
}

/// The text with Latin letters in place of those that only look like them, see [`has_lookalikes`].
#[must_use]
pub fn unmasked(text: &str) -> Cow<'_, str> {
    if !has_lookalikes(text) {
        return Cow::Borrowed(text);
    }
    let twin = |letter| latin_twin(letter).unwrap_or(letter);
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| if is_masked(word) { word.chars().map(twin).collect() } else { word.to_owned() }).collect()
}

/// Whether a character is written in Han ideographs, where one character is a word or a part of one.
#[must_use]
pub(crate) const fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Digit of a Chinese numeral, so that `一期` and `1期` have one mark.
const fn numeral(letter: char) -> Option<char> {
    Some(match letter {
        '〇' | '零' => '0',
        '一' | '壹' => '1',
        '二' | '贰' | '两' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// Ideographs that tell places, ranks, states and opposites apart: where one differs, the values differ.
const TELLING: &str = "十百千甲乙丙丁戊己庚辛壬癸东西南北中上下左右前后内外新旧老男女大小高低有无是否未已不非正负增减进出买卖收付借贷升降\
省市区县乡镇";

/// Latin words, and parts of words, that do the same.
const TELLING_LATIN: [&str; 8] = ["north", "south", "east", "west", "plus", "minus", "upper", "lower"];

/// What two spellings of one value must share, in its order: numbers with their signs and separators, single letters
/// that stand alone, signs that carry meaning (`A+`, `C#`, `50%`), places and opposites (`东`, `north`). `GTX 100` and
/// `GTX 200`, `Plan A` and `Plan B`, `华东` and `华南` have different marks.
#[must_use]
pub fn marks(text: &str) -> String {
    marks_of(&folded(text))
}

/// [`marks`] of a text that is folded.
pub(crate) fn marks_of(folded: &str) -> String {
    let letters: Vec<char> = folded.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().copied().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1).copied();
        if letter.is_ascii_digit() || numeral(letter).is_some() {
            let runs_on = before.is_some_and(|before| before.is_ascii_digit() && letter.is_ascii_digit());
            if !runs_on && out.ends_with(|last: char| last.is_ascii_digit()) {
                out.push(' ');
            }
            out.push(numeral(letter).unwrap_or(letter));
        } else if is_sign(letter, before, after) || TELLING.contains(letter) || stands_alone(letter, before, after) {
            out.push(letter);
        } else if letter.is_ascii_lowercase() {
            let begun = TELLING_LATIN.iter().find(|word| begins(&letters[at..], word));
            out.push_str(begun.map_or("", |word| word));
        }
    }
    out
}

fn begins(letters: &[char], word: &str) -> bool {
    letters.len() >= word.len() && letters.iter().copied().zip(word.chars()).all(|(a, b)| a == b)
}

/// A sign that changes what is meant; `-` does before a number at the start and at the end (`-5`, `A-`).
fn is_sign(letter: char, before: Option<char>, after: Option<char>) -> bool {
    match letter {
        '+' | '#' | '%' | '<' | '>' | '=' | '±' | '≥' | '≤' | '‰' | '°' => true,
        '-' | '−' => after.is_none() || (before.is_none() && after.is_some_and(|after| after.is_ascii_digit())),
        _ => false,
    }
}

/// A Latin letter that is a word by itself, or that follows a number or an ideograph at the end (`3b`, `方案b`).
fn stands_alone(letter: char, before: Option<char>, after: Option<char>) -> bool {
    let part = |side: Option<char>| side.is_some_and(|side| side.is_alphabetic() && !is_han(side) || side == '\'');
    letter.is_ascii_lowercase() && !part(before) && !part(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_accents_spaces_and_invisible_letters_do_not_matter() {
        for (text, expected) in [
            (" ACME  Ltd.\t", "acme ltd."),
            ("ＡＣＭＥ　１２", "acme 12"),
            ("Société Générale", "societe generale"),
            ("Straße Łódź Ørsted", "strasse lodz orsted"),
            ("上海\u{200b}华信\u{feff}", "上海华信"),
            ("㈱ﾄﾖﾀ", "(株)トヨタ"),
            ("ガ 한국", "ガ 한국"),
            ("\u{1}\u{7f}", ""),
            ("", ""),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
            assert_eq!(folded(&folded(text)), expected, "again: {text:?}");
        }
        assert_eq!(squashed("G.T.X - Pro（上海）"), "gtxpro上海");
    }

    #[test]
    fn look_alikes_are_found_in_latin_codes_and_languages_are_left_alone() {
        // А, В, С and О here are Cyrillic, Α and Β Greek.
        for (text, masked, plain) in [
            ("АB-100", true, "AB-100"),
            ("СО-77", true, "CO-77"),
            ("ΑΒ12", true, "AB12"),
            ("Роснефть 2020", false, "Роснефть 2020"),
            ("СТО", false, "СТО"),
            ("Ω-3 омега", false, "Ω-3 омега"),
            ("plain", false, "plain"),
            ("заказ АB1", true, "заказ AB1"),
        ] {
            assert_eq!((has_lookalikes(text), unmasked(text).as_ref()), (masked, plain), "{text}");
        }
        assert_eq!(folded("АB-100"), "ab-100");
    }

    #[test]
    fn marks_tell_apart_what_only_looks_alike() {
        for (one, other) in [
            ("GTX 100", "GTX 200"),
            ("Plan A", "Plan B"),
            ("Q1", "Q2"),
            ("项目一期", "项目二期"),
            ("华东大区", "华南大区"),
            ("A+", "A"),
            ("A-", "A"),
            ("-5", "5"),
            ("1.5", "15"),
            ("50%", "50"),
            ("C++", "C#"),
            ("northeast", "northwest"),
            ("合格", "不合格"),
            ("方案B", "方案C"),
            ("江苏省", "江苏市"),
        ] {
            assert_ne!(marks(one), marks(other), "{one} / {other}");
        }
        for (one, other) in [
            ("GTX 100", "gtx-100"),
            ("一期", "1期"),
            ("technolgy", "technology"),
            ("Type-C cable", "type c cable"),
            ("O'Neill's", "o'neills"),
        ] {
            assert_eq!(marks(one), marks(other), "{one} / {other}");
        }
    }
}
