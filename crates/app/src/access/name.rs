//! Names to sign in with: `Ada`, `ＡＤＡ` and ` ada ` are one.

use unicode_normalization::UnicodeNormalization;

use crate::{AppError, Result};

/// Characters of a name at most.
const LONGEST: usize = 100;

/// The name as it is compared, without regard to case, width and space; nothing where no user can be called so.
pub(super) fn key(name: &str) -> Option<String> {
    let folded: String = name.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let folded = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = !folded.is_empty() && folded.chars().count() <= LONGEST && !folded.chars().any(char::is_control);
    fits.then_some(folded)
}

/// A name as it is kept, and as it is compared.
pub(crate) fn check(name: &str) -> Result<(String, String)> {
    let fits = |name: &str| name.chars().count() <= LONGEST && !name.chars().any(char::is_control);
    let key = key(name).filter(|_| fits(name.trim())).ok_or_else(|| {
        AppError::input((
            format!("名称须为 1 到 {LONGEST} 个字符，且不含控制字符"),
            format!("a name has 1 to {LONGEST} characters, and none of them is a control character"),
        ))
    })?;
    Ok((name.trim().to_owned(), key))
}

/// Text from outside that is only ever shown: without control characters, and not longer than it may be.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    text.chars().filter(|character| !character.is_control()).take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_in_several_spellings() {
        for same in ["ada", "Ada", " ADA ", "ＡＤＡ", "ａｄａ"] {
            assert_eq!(key(same).as_deref(), Some("ada"), "{same}");
        }
        assert_eq!(key("王　伟").as_deref(), Some("王 伟"));
        for none in ["", "  ", "a\0b", &"x".repeat(101)] {
            assert_eq!(key(none), None, "{none:?}");
            assert!(check(none).is_err());
        }
        assert!(check(&format!("a{}b", " ".repeat(99))).is_err(), "as it is kept it may not be longer either");
        assert_eq!(check(" 王伟 ").expect("a name"), ("王伟".to_owned(), "王伟".to_owned()));
        assert_eq!(shown("a\u{1b}[31mb", 4), "a[31");
    }
}
