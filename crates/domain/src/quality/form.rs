//! Whether a text can be what it is said to be: forms and check digits, no register is asked.

use crate::text::folded;

/// The letters and digits of a unified social credit code (统一社会信用代码, GB 32100-2015), by value.
const CREDIT: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// How much each of the first 17 counts: powers of 3, modulo 31.
const CREDIT_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// Whether a tax number can be one. In China it is a unified social credit code, with its check digit, or the 15
/// characters of before 2015. Where the country is not told, 18 characters are taken for such a code. Elsewhere letters and
/// digits in the length that tax numbers have are all that is asked.
#[must_use]
pub fn tax_number_is_sound(text: &str, country: Option<&str>) -> bool {
    let plain: String = folded(text).to_uppercase().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '/')).collect();
    if !plain.chars().all(|c| c.is_ascii_alphanumeric()) {
        return false;
    }
    let in_china = country.map(|country| {
        let country = folded(country);
        matches!(country.trim(), "cn" | "chn" | "china" | "prc" | "中国" | "中华人民共和国")
    });
    match (in_china, plain.len()) {
        (Some(true) | None, 18) => is_credit_code(&plain),
        (Some(true), length) => length == 15,
        (_, length) => (5..=20).contains(&length) && plain.chars().any(|c| c.is_ascii_digit()),
    }
}

fn is_credit_code(text: &str) -> bool {
    let values: Option<Vec<usize>> = text.chars().map(|letter| CREDIT.find(letter)).collect();
    let Some(values) = values.filter(|values| values.len() == 18) else { return false };
    let sum: usize = values.iter().zip(CREDIT_WEIGHTS).map(|(value, weight)| value * weight).sum();
    (31 - sum % 31) % 31 == values[17]
}

/// Whether a phone number can be one: 5 to 15 digits (E.164 has no more), not all the same; of several every one. Of
/// eleven digits that begin with 1 the second is above 1: neither a Chinese mobile number nor an American one is otherwise.
#[must_use]
pub fn phone_is_sound(text: &str) -> bool {
    let text = folded(text);
    let mut numbers = text.split(['/', ',', ';', '，', '、', '；']).map(str::trim).filter(|part| !part.is_empty());
    let sound = |number: &str| {
        // What follows is the extension.
        let number = ["转", "ext", "x", "#"]
            .into_iter()
            .filter_map(|mark| number.find(mark))
            .min()
            .map_or(number, |at| &number[..at]);
        let allowed =
            |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ' | '.' | '（' | '）' | '–');
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let all_alike = digits.chars().all(|c| digits.starts_with(c));
        let is_mobile = digits.len() == 11 && digits.starts_with('1') && !number.contains('+');
        number.chars().all(allowed)
            && (5..=15).contains(&digits.len())
            && !all_alike
            && (!is_mobile || digits.as_bytes()[1] >= b'2')
    };
    let first = numbers.next();
    first.is_some_and(sound) && numbers.all(sound)
}

/// Whether an e-mail address can be one: something before one `@`, and a domain of at least two parts after it.
#[must_use]
pub fn email_is_sound(text: &str) -> bool {
    let Some((local, domain)) = text.trim().rsplit_once('@') else { return false };
    let spaced =
        |text: &str| text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>'));
    let is_local = (1..=64).contains(&local.len())
        && !spaced(local)
        && !local.contains('@')
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let labels: Vec<&str> = domain.split('.').collect();
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = labels.last().copied().unwrap_or_default();
    let is_top = top.chars().count() >= 2 && (top.starts_with("xn--") || top.chars().all(char::is_alphabetic));
    is_local && domain.len() <= 253 && labels.len() >= 2 && labels.iter().all(is_label) && is_top
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_numbers() {
        for (text, country, expected) in [
            // Published codes of listed companies.
            ("91440300708461136T", None, true),
            ("91440300708461136T", Some("CN"), true),
            ("９１４４０３００７０８４６１１３６ｔ", Some("中国"), true),
            ("9144 0300 7084 6113 6T", Some("China"), true),
            ("91110000802100433B", None, true),
            ("91440300708461136X", None, false),
            ("91440300708461163T", None, false),
            ("9144030070846113OT", None, false),
            ("110108123456789", Some("CN"), true),
            ("11010812345678", Some("CN"), false),
            ("DE123456789", Some("DE"), true),
            ("DE123456789", None, true),
            ("91440300708461136X", Some("US"), true),
            ("abc", None, false),
            ("no number", None, false),
            ("12-3456789", Some("US"), true),
            ("12_345", None, false),
        ] {
            assert_eq!(tax_number_is_sound(text, country), expected, "{text} {country:?}");
        }
    }

    #[test]
    fn phones() {
        for (text, expected) in [
            ("13800138000", true),
            ("10800138000", false),
            ("+86 138-0013-8000", true),
            ("010-62781234", true),
            ("（021）6278 1234转801", true),
            ("62781234 / 62781235", true),
            ("62781234 / 12", false),
            ("+1 (202) 555-0143 x12", true),
            ("1111111", false),
            ("1234", false),
            ("1234567890123456", false),
            ("unknown", false),
            ("", false),
            ("０１０－６２７８１２３４", true),
        ] {
            assert_eq!(phone_is_sound(text), expected, "{text}");
        }
    }

    #[test]
    fn emails() {
        for (text, expected) in [
            ("a.b+c@example.com", true),
            ("王@例子.中国", true),
            ("a@b", false),
            ("a@@b.com", false),
            ("a b@c.com", false),
            ("a@b..com", false),
            ("a@-b.com", false),
            (".a@b.com", false),
            ("a..b@c.com", false),
            ("a@b.c", false),
            ("a@b.c1", false),
            ("@b.com", false),
            ("a@b.com, c@d.com", false),
        ] {
            assert_eq!(email_is_sound(text), expected, "{text}");
        }
    }
}
