//! A page of JSON: the list in it, and its objects as rows.
//!
//! Numbers stay the text that they were written as, so that no digit is lost; an object inside of a row becomes columns
//! with a dotted name, as in JSON files; a list inside of a row stays the JSON that it is. Rows are handed on one by one:
//! a page of millions of empty objects takes no more memory than its text.

use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::failure::Failure;

/// How deep objects are taken apart.
const DEEPEST: usize = 8;
/// Members that an object may have, with those inside of it.
const MOST_MEMBERS: usize = 10_000;

type Row = Vec<(String, Option<String>)>;

/// A page.
pub(crate) struct Page<'a> {
    whole: &'a RawValue,
    number: u64,
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
                    if members.len() >= MOST_MEMBERS {
                        return Err(A::Error::custom("too many members"));
                    }
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A list whose items are handed on one by one. What comes back is how many there were, or why no more were wanted.
struct Each<'f, F>(&'f mut F);

impl<'de, F: FnMut(u64, &'de RawValue) -> Result<bool, Failure>> DeserializeSeed<'de> for Each<'_, F> {
    type Value = Result<u64, Failure>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(u64, &'de RawValue) -> Result<bool, Failure>> Visitor<'de> for Each<'_, F> {
    type Value = Result<u64, Failure>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let (mut count, mut done) = (0, Ok(true));
        while matches!(done, Ok(true)) {
            let Some(item) = list.next_element::<&'de RawValue>()? else { break };
            count += 1;
            done = (self.0)(count, item);
        }
        // A reader of JSON wants the list to its end.
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(done.map(|_| count))
    }
}

impl<'a> Page<'a> {
    /// # Errors
    /// It is no JSON.
    pub(crate) fn read(body: &'a [u8], number: u64) -> Result<Self, Failure> {
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
        Ok(Self { whole, number })
    }

    /// Hands on the rows of the list at a place, until `row` wants no more. Tells how many it was given.
    ///
    /// # Errors
    /// There is no list of objects, or `row`'s own.
    pub(crate) fn each_row(
        &self,
        list: &str,
        mut row: impl FnMut(&Row) -> Result<bool, Failure>,
    ) -> Result<u64, Failure> {
        let found = at(self.whole, list).ok_or_else(|| self.no_list(list))?.get();
        if found == "null" {
            return Ok(0);
        }
        let mut each = |place: u64, item: &RawValue| row(&self.row(place, item)?);
        let mut reader = serde_json::Deserializer::from_str(found);
        Each(&mut each).deserialize(&mut reader).map_err(|_| self.no_list(list))?
    }

    fn row(&self, place: u64, item: &RawValue) -> Result<Row, Failure> {
        let number = self.number;
        if !item.get().starts_with('{') {
            return Err(Failure::source(
                format!("第 {number} 页的第 {place} 项不是对象"),
                format!("item {place} of page {number} is no object"),
            ));
        }
        let mut row = Row::new();
        let members = serde_json::from_str::<Members<'_>>(item.get());
        for (name, value) in members.as_ref().map(|Members(members)| members.as_slice()).unwrap_or_default() {
            put(name.clone(), value, 1, &mut row);
        }
        // What is no object of a reader's was looked at above: there are too many.
        if members.is_err() || row.len() > MOST_MEMBERS {
            return Err(Failure::too_much(
                format!("第 {number} 页的第 {place} 项超过 {MOST_MEMBERS} 个字段"),
                format!("item {place} of page {number} has more than {MOST_MEMBERS} members"),
            ));
        }
        Ok(row)
    }

    fn no_list(&self, at: &str) -> Failure {
        let number = self.number;
        let (zh, en) = if at.is_empty() {
            ("回答本身".to_owned(), "the answer itself".to_owned())
        } else {
            (format!("“{at}”"), format!("`{at}`"))
        };
        Failure::source(format!("第 {number} 页中，{zh}不是列表"), format!("on page {number}, {en} is no list")).hint(
            "请在 http.list 中写明行的列表在回答中的位置，如 data.items",
            "say in http.list where the list of rows is in an answer, such as data.items",
        )
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
        Member(part).deserialize(&mut serde_json::Deserializer::from_str(value.get())).ok()?
    })
}

/// The member of an object that has a name, if there is one; of several the last.
struct Member<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
            if name == self.0 {
                found = Some(value);
            }
        }
        Ok(found)
    }
}

fn put(name: String, value: &RawValue, depth: usize, row: &mut Row) {
    if row.len() > MOST_MEMBERS {
        return;
    }
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

    fn rows_of(page: &Page<'_>, list: &str) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        let count = page.each_row(list, |row| {
            rows.push(row.clone());
            Ok(true)
        })?;
        assert_eq!(count, rows.len() as u64);
        Ok(rows)
    }

    #[test]
    fn rows_keep_their_order_and_every_digit() {
        let body = br#"{"data":{"items":[{"id":9007199254740993123,"amount":1035.50,"owner":{"name":"\u5f20 \"a\"","team":{"id":1}},
            "tags":["a",1],"none":null,"empty":[],"ok":true}]},"meta":{"next":"c2","page":3,"end":null}}"#;
        let page = Page::read(body, 1).expect("it is a page");
        let row = rows_of(&page, "data.items").expect("it has rows").remove(0);
        let row: Vec<(&str, Option<&str>)> = row.iter().map(|(name, cell)| (name.as_str(), cell.as_deref())).collect();
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
            let read = Page::read(body.as_bytes(), 7).and_then(|page| rows_of(&page, list));
            let error = read.expect_err(body);
            assert!(error.en.contains(part), "{body}: {}", error.en);
        }
        assert_eq!(rows_of(&Page::read(b"{\"a\":null}", 1).expect("a page"), "a"), Ok(Vec::new()));
        let deep = format!("[{}1{}]", "{\"a\":".repeat(5000), "}".repeat(5000));
        // It is refused or taken, and never brings the program down.
        let _ = Page::read(deep.as_bytes(), 1).and_then(|page| rows_of(&page, ""));
    }

    #[test]
    fn rows_go_on_one_by_one_and_no_further_than_wanted() {
        let page = Page::read(b"[{\"a\":1},{\"a\":2},{\"a\":3},7]", 1).expect("a page");
        let mut seen = 0;
        let wanted = |_: &Row| {
            seen += 1;
            Ok(seen < 2)
        };
        assert_eq!(page.each_row("", wanted), Ok(2), "what is behind is not looked at");
        let enough = page.each_row("", |_| Err(Failure::too_much("够了", "enough")));
        assert_eq!(enough.map_err(|failure| failure.en), Err("enough".to_owned()));
        let wide: Vec<String> = (0..=MOST_MEMBERS).map(|at| format!("\"m{at}\":1")).collect();
        let (flat, nested) = (wide.join(","), wide[..MOST_MEMBERS].join(","));
        for body in [format!("[{{{flat}}}]"), format!("[{{\"a\":{{{nested}}},\"b\":{{{nested}}}}}]")] {
            let page = Page::read(body.as_bytes(), 2).expect("a page");
            let error = rows_of(&page, "").expect_err("too many members");
            assert!(error.en.contains("item 1 of page 2 has more than 10000 members"), "{}", error.en);
        }
    }
}
