//! Functions over texts that the engine does not have, or not as people write.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::action::Case;
use crate::room::{Growth, Share, StepRoom};

/// A text would be longer than it may be.
#[derive(Debug)]
pub(crate) struct TooLong;

/// A change of one text; nothing stays nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Change {
    Trim,
    Width,
    Lookalikes,
    Case(Case),
    Replace {
        from: String,
        to: String,
    },
    Regex {
        pattern: Pattern,
        to: String,
    },
    /// The part of this place between signs; the last one takes what is left over.
    Part {
        by: String,
        at: usize,
        of: usize,
    },
    Map {
        values: Vec<(String, String)>,
        otherwise: Option<String>,
    },
    /// A text for what is nothing.
    Fill(String),
}

/// How many times the longest text the groups of one replacement may be, before it is known what they come to.
const GROUPS_AT_ONCE: usize = 16;

/// A regular expression, which is what it was written as.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    pub(crate) fn new(text: &str) -> std::result::Result<Self, String> {
        Regex::new(text).map(Self).map_err(|error| error.to_string())
    }

    fn replaced(&self, text: &str, to: &str, most: usize) -> std::result::Result<String, TooLong> {
        // A group is part of what was found: all that one stands for is at most the text.
        let groups = to.matches('$').count();
        let worst = (text.len() + 1).saturating_mul(to.len()).saturating_add(text.len().saturating_mul(groups + 1));
        if worst <= most {
            return Ok(self.0.replace_all(text, to).into_owned());
        }
        let (mut out, mut behind) = (String::new(), 0);
        for found in self.0.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            out.push_str(&text[behind..whole.start()]);
            let worst = whole.len().saturating_mul(groups).saturating_add(to.len());
            if out.len() > most || worst > most.saturating_mul(GROUPS_AT_ONCE) {
                return Err(TooLong);
            }
            found.expand(to, &mut out);
            behind = whole.end();
        }
        out.push_str(&text[behind..]);
        if out.len() > most { Err(TooLong) } else { Ok(out) }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

impl Change {
    /// The text that becomes of one, which is at most so long; none where nothing is left.
    fn of(&self, text: &str, most: usize) -> std::result::Result<Option<String>, TooLong> {
        let changed = match self {
            Self::Trim => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Width => half_width(text),
            Self::Lookalikes => matching::unmasked(text).into_owned(),
            Self::Case(Case::Lower) => text.to_lowercase(),
            Self::Case(Case::Upper) => text.to_uppercase(),
            Self::Case(Case::Title) => title(text),
            Self::Replace { from, to } => {
                if text.len().saturating_mul(to.len()) > most {
                    let times = text.matches(from.as_str()).count();
                    if (text.len() - times * from.len()).saturating_add(times.saturating_mul(to.len())) > most {
                        return Err(TooLong);
                    }
                }
                text.replace(from.as_str(), to)
            }
            Self::Regex { pattern, to } => pattern.replaced(text, to, most)?,
            Self::Part { by, at, of } => text.splitn(*of, by.as_str()).nth(*at).unwrap_or_default().trim().to_owned(),
            Self::Map { values, otherwise } => {
                match values.binary_search_by(|(from, _)| from.as_str().cmp(text.trim())) {
                    Ok(at) => values[at].1.clone(),
                    Err(_) => otherwise.clone().unwrap_or_else(|| text.to_owned()),
                }
            }
            Self::Fill(_) => return Ok(Some(text.to_owned())),
        };
        if changed.len() > most {
            return Err(TooLong);
        }
        Ok((!changed.is_empty()).then_some(changed))
    }

    /// The change of what an expression comes to.
    pub(crate) fn call(self, of: Expr, room: &StepRoom) -> Expr {
        let signature = Signature::any(1, Volatility::Immutable);
        ScalarUDF::new_from_impl(Function { change: self, share: room.share(), signature }).call(vec![of])
    }
}

/// Full-width letters, figures, signs and space as their half-width twins; other texts stay as they are.
fn half_width(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let is_wide = matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}' | '\u{ffe0}'..='\u{ffe6}');
            let folded: Vec<char> = if is_wide { std::iter::once(c).nfkc().collect() } else { vec![c] };
            folded
        })
        .collect()
}

fn title(text: &str) -> String {
    let mut begins = true;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if begins {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        begins = !c.is_alphanumeric() && c != '\'' && c != '’';
    }
    out
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Function {
    change: Change,
    share: Share,
    signature: Signature,
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        match self.change {
            Change::Trim => "text_trim",
            Change::Width => "text_width",
            Change::Lookalikes => "text_lookalikes",
            Change::Case(_) => "text_case",
            Change::Replace { .. } => "text_replace",
            Change::Regex { .. } => "text_regex",
            Change::Part { .. } => "text_part",
            Change::Map { .. } => "text_map",
            Change::Fill(_) => "text_fill",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let texts = texts_of(&args, 0, &self.share)?;
        let texts = texts.as_string::<i32>();
        let is_new = matches!(self.change, Change::Part { .. });
        let mut growth = Growth::new(&self.share);
        let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
        for text in texts {
            let before = text.map_or(0, str::len);
            let after = match (text, &self.change) {
                (Some(text), change) => {
                    change.of(text, self.share.cell_bytes(before)).map_err(|TooLong| self.share.too_long())?
                }
                (None, Change::Fill(with)) => Some(with.clone()),
                (None, _) => None,
            };
            growth.add(after.as_deref().map_or(0, str::len), if is_new { 0 } else { before })?;
            out.append_option(after);
        }
        growth.close();
        Ok(ColumnarValue::Array(Arc::new(out.finish())))
    }
}

/// An argument as an array of texts.
pub(crate) fn texts_of(args: &ScalarFunctionArgs, at: usize, share: &Share) -> Result<ArrayRef> {
    share.texts(&args.args[at].to_array(args.number_rows)?)
}

/// Texts joined to one, without those that are empty.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Merge {
    by: String,
    share: Share,
    signature: Signature,
}

/// Joins what expressions come to.
pub(crate) fn merged(parts: Vec<Expr>, by: &str, room: &StepRoom) -> Expr {
    let signature = Signature::variadic_any(Volatility::Immutable);
    ScalarUDF::new_from_impl(Merge { by: by.to_owned(), share: room.share(), signature }).call(parts)
}

impl ScalarUDFImpl for Merge {
    fn name(&self) -> &'static str {
        "text_merge"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let parts: Vec<ArrayRef> =
            (0..args.args.len()).map(|at| texts_of(&args, at, &self.share)).collect::<Result<_>>()?;
        let mut growth = Growth::new(&self.share);
        let mut out = StringBuilder::new();
        for row in 0..args.number_rows {
            let filled = parts.iter().map(AsArray::as_string::<i32>).filter(|part| !part.is_null(row));
            let texts: Vec<&str> = filled.map(|part| part.value(row)).filter(|text| !text.is_empty()).collect();
            let signs = texts.len().saturating_sub(1).saturating_mul(self.by.len());
            let after = texts.iter().map(|text| text.len()).fold(signs, usize::saturating_add);
            if after > self.share.cell_bytes(texts.iter().map(|text| text.len()).max().unwrap_or(0)) {
                return Err(self.share.too_long());
            }
            growth.add(after, 0)?;
            out.append_option((!texts.is_empty()).then(|| texts.join(&self.by)));
        }
        growth.close();
        Ok(ColumnarValue::Array(Arc::new(out.finish())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_what_people_mean() {
        let part = |at| Change::Part { by: "-".to_owned(), at, of: 2 };
        let map = Change::Map {
            values: vec![("GTXPro".to_owned(), "GTX Pro".to_owned()), ("n/a".to_owned(), String::new())],
            otherwise: None,
        };
        for (change, text, expected) in [
            (Change::Trim, "  a \t b ", Some("a b")),
            (Change::Trim, " \u{3000} ", None),
            (Change::Width, "ＡＢＣ１２３　（㈱）￥５", Some("ABC123 (㈱)¥5")),
            (Change::Lookalikes, "А-100 и Москва", Some("A-100 и Москва")),
            (Change::Case(Case::Title), "o'neil AND sons-LTD", Some("O'neil And Sons-Ltd")),
            (Change::Case(Case::Upper), "straße", Some("STRASSE")),
            (Change::Replace { from: "a".to_owned(), to: String::new() }, "aa", None),
            (
                Change::Regex { pattern: Pattern::new(r"(\d+)\s*件").expect("one"), to: "$1 pcs".to_owned() },
                "12件、3 件",
                Some("12 pcs、3 pcs"),
            ),
            (part(0), "A-B-C", Some("A")),
            (part(1), "A-B-C", Some("B-C")),
            (part(1), "A", None),
            (map.clone(), " GTXPro ", Some("GTX Pro")),
            (map.clone(), "n/a", None),
            (map, "MG", Some("MG")),
        ] {
            assert_eq!(change.of(text, 100).expect("it is short").as_deref(), expected, "{change:?} of {text}");
        }
        assert!(Pattern::new("(").is_err());
    }
}
