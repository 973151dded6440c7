//! A page of JSON: the list in it, and its objects as rows.
//!
//! Numbers stay the text that they were written as, so that no digit is lost; an object inside of a row becomes columns
//! with a dotted name, as in JSON files; a list inside of a row stays the JSON that it is.

use std::collections::HashMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::failure::Failure;

/// How deep objects are taken apart.
const DEEPEST: usize = 8;

type Row = Vec<(String, Option<String>)>;

/// A page.
pub(crate) struct Page<'a> {
    whole: &'a RawValue,
    pub(crate) rows: Vec<Row>,
}

/// The members of an object, in order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl<'a> Page<'a> {
    /// # Errors
    /// It is no JSON, or there is no list of objects where one should be.
    pub(crate) fn read(body: &'a [u8], list: &str, number: u64) -> Result<Self, Failure> {
        let whole: &RawValue = serde_json::from_slice(body).map_err(|error| {
            let start: String = String::from_utf8_lossy(&body[..body.len().min(200)]).chars().take(80).collect();
            Failure::source(
                format!("第 {number} 页的回答不是 JSON：{error}；开头是“{start}”"),
                format!("the answer of page {number} is no JSON: {error}; it begins with `{start}`"),
            )
            .hint(
                "请核对 http.url 是否为接口的地址，而不是网页",
                "look whether http.url is the address of the API and not of a page for people",
            )
        })?;
        let no_list = |at: &str| {
            let (zh, en) = if at.is_empty() {
                ("回答本身".to_owned(), "the answer itself".to_owned())
            } else {
                (format!("“{at}”"), format!("`{at}`"))
            };
            Failure::source(format!("第 {number} 页中，{zh}不是列表"), format!("on page {number}, {en} is no list"))
                .hint(
                    "请在 http.list 中写明行的列表在回答中的位置，如 data.items",
                    "say in http.list where the list of rows is in an answer, such as data.items",
                )
        };
        let found = at(whole, list).ok_or_else(|| no_list(list))?;
        if found.get() == "null" {
            return Ok(Self { whole, rows: Vec::new() });
        }
        let items: Vec<&RawValue> = serde_json::from_str(found.get()).map_err(|_| no_list(list))?;
        let mut rows = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let mut row = Row::new();
            let Ok(Members(members)) = serde_json::from_str::<Members<'_>>(item.get()) else {
                let place = at + 1;
                return Err(Failure::source(
                    format!("第 {number} 页的第 {place} 项不是对象"),
                    format!("item {place} of page {number} is no object"),
                ));
            };
            for (name, value) in members {
                put(name, value, 1, &mut row);
            }
            rows.push(row);
        }
        Ok(Self { whole, rows })
    }

    /// The text or number somewhere on the page; nothing where it is absent or null.
    ///
    /// # Errors
    /// It is neither.
    pub(crate) fn text_at(&self, path: &str) -> Result<Option<String>, Failure> {
        let Some(found) = at(self.whole, path) else { return Ok(None) };
        let text = found.get();
        match text.as_bytes().first() {
            Some(b'n' | b'f') => Ok(None),
            Some(b'"') => Ok(serde_json::from_str(text).ok()),
            Some(b'[' | b'{') => Err(Failure::source(format!("“{path}”不是文本"), format!("`{path}` is no text"))
                .hint("请核对 paging.at", "look at paging.at")),
            _ => Ok(Some(text.to_owned())),
        }
    }
}

/// What stands at a dotted path.
fn at<'a>(value: &'a RawValue, path: &str) -> Option<&'a RawValue> {
    path.split('.').filter(|part| !part.is_empty()).try_fold(value, |value, part| {
        let members: HashMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
        members.get(part).copied()
    })
}

fn put(name: String, value: &RawValue, depth: usize, row: &mut Row) {
    let text = value.get();
    let cell = match text.as_bytes().first() {
        Some(b'n') => None,
        Some(b'"') => serde_json::from_str(text).ok(),
        Some(b'{') if depth < DEEPEST => {
            if let Ok(Members(members)) = serde_json::from_str::<Members<'_>>(text) {
                for (inner, value) in members {
                    put(format!("{name}.{inner}"), value, depth + 1, row);
                }
                return;
            }
            Some(text.to_owned())
        }
        Some(b'[') if text[1..].trim_start() == "]" => None,
        _ => Some(text.to_owned()),
    };
    row.push((name, cell));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_order_and_every_digit() {
        let body = br#"{"data":{"items":[{"id":9007199254740993123,"amount":1035.50,"owner":{"name":"\u5f20 \"a\"","team":{"id":1}},
            "tags":["a",1],"none":null,"empty":[],"ok":true}]},"meta":{"next":"c2","page":3,"end":null}}"#;
        let page = Page::read(body, "data.items", 1).expect("it is a page");
        let row: Vec<(&str, Option<&str>)> =
            page.rows[0].iter().map(|(name, cell)| (name.as_str(), cell.as_deref())).collect();
        let expected = [
            ("id", Some("9007199254740993123")),
            ("amount", Some("1035.50")),
            ("owner.name", Some("张 \"a\"")),
            ("owner.team.id", Some("1")),
            ("tags", Some("[\"a\",1]")),
            ("none", None),
            ("empty", None),
            ("ok", Some("true")),
        ];
        assert_eq!(row, expected);
        let told = |path: &str| page.text_at(path).map_err(|failure| failure.en);
        assert_eq!((told("meta.next"), told("meta.page")), (Ok(Some("c2".into())), Ok(Some("3".into()))));
        assert_eq!((told("meta.end"), told("meta.none")), (Ok(None), Ok(None)));
        assert!(told("data").is_err());
    }

    #[test]
    fn what_is_no_page_is_told_with_its_number() {
        for (body, list, part) in [
            ("<html>", "", "page 7 is no JSON"),
            ("{\"a\":[1", "a", "page 7 is no JSON"),
            ("{\"a\":1}", "a", "`a` is no list"),
            ("{\"a\":1}", "b.c", "`b.c` is no list"),
            ("{\"a\":1}", "", "the answer itself is no list"),
            ("[{}, 1]", "", "item 2 of page 7 is no object"),
        ] {
            let error = Page::read(body.as_bytes(), list, 7).err().expect(body);
            assert!(error.en.contains(part), "{body}: {}", error.en);
        }
        assert!(Page::read(b"{\"a\":null}", "a", 1).is_ok_and(|page| page.rows.is_empty()));
        let deep = format!("[{}1{}]", "{\"a\":".repeat(5000), "}".repeat(5000));
        // It is refused or taken, and never brings the program down.
        let _ = Page::read(deep.as_bytes(), "", 1);
    }
}
