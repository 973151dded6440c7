//! Numbers that the state gives: one company, one number.

use crate::text::folded;

/// A tax or registration number in its normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxNumber {
    /// Capital letters and digits.
    pub code: String,
    /// Whether it is a unified social credit code whose check digit holds: then it is no slip of the pen.
    pub checked: bool,
}

/// The number in a text; absent where it has fewer than six digits or letters, or only one of them again and again.
#[must_use]
pub fn tax_number(text: &str) -> Option<TaxNumber> {
    let mut code: String = folded(text).to_uppercase();
    code.retain(|letter| letter.is_ascii_alphanumeric());
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let first = code.bytes().next()?;
    if code.len() < 6 || digits < 4 || code.bytes().all(|byte| byte == first) {
        return None;
    }
    if code.len() == 18 && !credit_code_holds(&code) {
        // The code has no I, O, S, V and Z, since they look like digits: whoever wrote one meant the digit.
        let mended = code.replace('I', "1").replace('O', "0").replace('S', "5").replace('Z', "2");
        if credit_code_holds(&mended) {
            code = mended;
        }
    }
    Some(TaxNumber { checked: credit_code_holds(&code), code })
}

/// Whether a text is a unified social credit code (统一社会信用代码) whose check character holds.
///
/// GB 32100-2015: eighteen characters of thirty-one, the last is `31 − Σ cᵢ·3ⁱ mod 31`.
#[must_use]
pub fn credit_code_holds(code: &str) -> bool {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut sum = 0;
    let mut weight = 1;
    if code.len() != 18 {
        return false;
    }
    for (at, byte) in code.bytes().enumerate() {
        let Some(value) = LETTERS.iter().position(|letter| *letter == byte) else { return false };
        if at == 17 {
            return value == (31 - sum % 31) % 31;
        }
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_codes_have_a_check_character() {
        // Published codes: Tencent, Alibaba (China), Huawei.
        for code in ["9144030071526726XG", "91330100799655058B", "914403001922038216"] {
            assert!(credit_code_holds(code), "{code}");
            let mut wrong = code.to_owned();
            wrong.replace_range(4..5, if &code[4..5] == "1" { "2" } else { "1" });
            assert!(!credit_code_holds(&wrong), "{wrong}");
        }
        assert!(!credit_code_holds("91440300"));
    }

    #[test]
    fn writings_of_one_number_meet() {
        for (text, code, checked) in [
            ("9144 0300 7152 6726 xg", "9144030071526726XG", true),
            ("９１４４０３００７１５２６７２６ＸＧ", "9144030071526726XG", true),
            ("9I44O3OO71526726XG", "9144030071526726XG", true),
            ("DE 123.456.789", "DE123456789", false),
        ] {
            assert_eq!(tax_number(text), Some(TaxNumber { code: code.to_owned(), checked }), "{text}");
        }
        for none in ["", "无", "000000000000000", "12345", "ABCDEFGH"] {
            assert_eq!(tax_number(none), None, "{none}");
        }
    }
}
