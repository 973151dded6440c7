//! Telephone numbers: digits without how they are grouped, country and trunk prefixes only where they are told.

use crate::text::folded;

/// The fewest digits that a number has, and by which two numbers are held to be one.
const FEWEST: usize = 7;

/// A telephone number in its normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    /// Digits: with the country's code where it was written, without leading zeros.
    pub digits: String,
    /// The extension behind a switchboard.
    pub extension: Option<String>,
}

impl Phone {
    /// Whether both ring at one place: one is the other with area or country before it, and neither has another
    /// extension. The same switchboard with an unknown extension is the same place.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let (short, long) = if self.digits.len() <= other.digits.len() { (self, other) } else { (other, self) };
        let differ = matches!((&self.extension, &other.extension), (Some(one), Some(other)) if one != other);
        !differ && long.digits.ends_with(&short.digits)
    }

    /// The last digits, which every writing of the number has: numbers that are the same share them.
    #[must_use]
    pub fn tail(&self) -> &str {
        &self.digits[self.digits.len() - FEWEST.min(self.digits.len())..]
    }
}

/// The numbers in a cell, which may hold several. What is no number (too short, one digit again and again, `1234567`)
/// is left out.
#[must_use]
pub fn phones(text: &str) -> Vec<Phone> {
    let folded = folded(text).replace("(0)", "");
    let mut out: Vec<Phone> = Vec::new();
    for piece in folded.split(['/', ';', ',', '、', '|', '，', '；', '\\']) {
        if let Some(phone) = phone(piece)
            && !out.contains(&phone)
        {
            out.push(phone);
        }
    }
    out
}

fn phone(text: &str) -> Option<Phone> {
    let marks = ["ext.", "ext", "extension", "转", "轉", "分机", "x", "#"];
    let at = marks.iter().filter_map(|mark| text.find(mark).map(|at| (at, at + mark.len()))).min();
    let (number, extension) = at.map_or((text, ""), |(from, to)| (&text[..from], &text[to..]));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (all, extension) = (digits(number), digits(extension));
    let number = all.trim_start_matches('0');
    // China's code before a mobile number is written with and without a plus.
    let number = match number.strip_prefix("86") {
        Some(rest) if rest.len() >= 10 => rest.trim_start_matches('0'),
        _ => number,
    };
    (number.len() >= FEWEST && number.len() <= 15 && !is_placeholder(number))
        .then(|| Phone { digits: number.to_owned(), extension: (!extension.is_empty()).then_some(extension) })
}

fn is_placeholder(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let steps = |by: i16| bytes.windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == by);
    steps(0) || steps(1) || steps(-1) || bytes[1..].iter().all(|byte| *byte == bytes[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writings_of_one_number_meet() {
        for (one, other) in [
            ("+86 138-0013-8000", "13800138000"),
            ("0086 13800138000", "138 0013 8000"),
            ("８６１３８００１３８０００", "13800138000"),
            ("010-6255 3811", "+86 (10) 62553811"),
            ("021-52340000转801", "(021)5234 0000 ext. 801"),
            ("+1 (415) 555-2671", "415.555.2671"),
            ("+44 (0)20 7946 0958", "020 7946 0958"),
            ("62553811", "010-62553811"),
            ("+49 30 901820 x12", "030 901820"),
        ] {
            let (one, other) = (&phones(one), &phones(other));
            let meet = one.iter().any(|one| other.iter().any(|other| one.same(other) && one.tail() == other.tail()));
            assert!(meet, "{one:?} / {other:?}");
        }
    }

    #[test]
    fn other_numbers_do_not() {
        for (one, other) in [
            ("13800138000", "13800138001"),
            ("021-52340000转801", "021-52340000转802"),
            ("+1 415 555 2671", "+1 212 555 2671"),
        ] {
            assert!(!phones(one)[0].same(&phones(other)[0]), "{one} / {other}");
        }
        for none in ["", "n/a", "12345", "0000000", "11111111", "12345678", "00000000000", "1888888888"] {
            assert_eq!(phones(none), [], "{none}");
        }
        let two: Vec<_> = phones("13800138000 / 010-62553811").into_iter().map(|phone| phone.digits).collect();
        assert_eq!(two, ["13800138000", "1062553811"]);
    }
}
