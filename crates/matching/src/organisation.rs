//! Names of organisations, taken apart: what is their own, what many share, what only the law asks for.

use crate::text::{folded, is_han, marks_of};
use crate::words::{
    GENERIC, HAN_BRANCH, HAN_GENERIC, HAN_LEGAL, HAN_LEGAL_END, HAN_PLACE_ENDS, HAN_PLACES, LEGAL, LEGAL_BEFORE,
    LEGAL_PHRASES, SHORT,
};

/// A part of an organisation's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// Its letters, folded.
    pub text: String,
    /// Whether many names have it (`科技`, `international`), so that it tells little.
    pub generic: bool,
}

/// A name of an organisation in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Letters and digits without legal forms; empty only where the name has none at all.
    pub core: String,
    /// The parts without legal forms and places, in their order.
    pub parts: Vec<Part>,
    /// Places that the name begins with or has in brackets: `上海`, `江苏` and `苏州`.
    pub places: Vec<&'static str>,
    /// [`crate::marks`] of the parts, and the whole name of a branch (`分公司`), which is none but itself.
    pub marks: String,
}

impl Organisation {
    /// The letters of the parts that are its own; of all parts where none is.
    #[must_use]
    pub fn brand(&self) -> String {
        let own: String = self.parts.iter().filter(|part| !part.generic).map(|part| part.text.as_str()).collect();
        if own.is_empty() { self.whole() } else { own }
    }

    /// The letters of all parts.
    #[must_use]
    pub fn whole(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

/// The normal form of an organisation's name.
#[must_use]
pub fn organisation(name: &str) -> Organisation {
    let folded = folded(name);
    let mut runs = runs(&folded);
    let mut places = Vec::new();
    let branch = HAN_BRANCH.iter().any(|word| folded.contains(word));
    drop_latin_forms(&mut runs);
    for run in runs.iter_mut().filter(|run| run.starts_with(is_han)) {
        drop_han_forms(run);
    }
    if runs.iter().all(String::is_empty) {
        // The name is nothing but a legal form: then that is its name.
        runs = self::runs(&folded);
    }
    runs.retain(|run| !run.is_empty());
    let core: String = runs.concat();
    drop_places(&mut runs, &mut places);
    let mut parts = Vec::new();
    for run in runs {
        if run.starts_with(is_han) { split_han(&run, &mut parts) } else { parts.push(latin_part(run)) }
    }
    let spaced: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let mut marks = marks_of(&spaced.join(" "));
    if branch {
        marks.push('/');
        marks.extend(parts.iter().map(|part| part.text.as_str()));
    }
    Organisation { core, parts, places, marks }
}

/// Words of letters and digits, ideographs apart from the rest. Dots and apostrophes inside abbreviations join.
fn runs(folded: &str) -> Vec<String> {
    let letters: Vec<char> = folded.chars().collect();
    let mut out: Vec<String> = vec![String::new()];
    for (at, letter) in letters.iter().copied().enumerate() {
        let Some(run) = out.last_mut() else { break };
        if letter.is_alphanumeric() || matches!(letter, '+' | '#') {
            let han = is_han(letter);
            if run.chars().next_back().is_some_and(|last| is_han(last) != han) {
                out.push(letter.to_string());
            } else {
                run.push(letter);
            }
        } else if letter == '&' {
            out.extend(["and".to_owned(), String::new()]);
        } else {
            let after = letters.get(at + 1).is_some_and(|after| after.is_alphanumeric());
            let single = run.chars().count() == 1 && run.chars().all(char::is_alphabetic);
            let in_a_row = letters[..at].iter().rev().nth(1) == Some(&'.') && run.chars().all(char::is_alphabetic);
            let joins = matches!(letter, '\'' | '’') || (letter == '.' && after && (single || in_a_row));
            // Between ideographs a space is only air: `有 限 公 司`.
            let air = letter == ' ' && run.chars().next_back().is_some_and(is_han);
            let joins = joins || air && letters.get(at + 1).copied().is_some_and(is_han);
            if !joins && !run.is_empty() {
                out.push(String::new());
            }
        }
    }
    out.retain(|run| !run.is_empty());
    out
}

/// Takes legal forms from the end (and few from the beginning), as long as a word is left.
fn drop_latin_forms(runs: &mut Vec<String>) {
    if runs.len() > 1 && runs[0] == "the" {
        runs.remove(0);
    }
    if runs.len() > 1 && LEGAL_BEFORE.contains(&runs[0].as_str()) {
        runs.remove(0);
    }
    while runs.len() > 1 {
        let phrase = LEGAL_PHRASES.iter().find(|phrase| {
            runs.len() > phrase.len()
                && runs[runs.len() - phrase.len()..].iter().zip(phrase.iter()).all(|(a, b)| a == b)
        });
        let many = match phrase {
            Some(phrase) => phrase.len(),
            None if runs.last().is_some_and(|last| LEGAL.contains(&last.as_str()) || last == "and") => 1,
            None => break,
        };
        runs.truncate(runs.len() - many);
    }
    let inside: Vec<bool> = runs.iter().map(|run| run == "and").collect();
    let mut inside = inside.into_iter();
    runs.retain(|_| !inside.next().unwrap_or(false));
}

/// Takes legal forms out of a run of ideographs, unless nothing would be left of the name.
fn drop_han_forms(run: &mut String) {
    for form in HAN_LEGAL {
        if let Some(at) = run.find(form) {
            run.replace_range(at..at + form.len(), "");
            break;
        }
    }
    while let Some(rest) = HAN_LEGAL_END.iter().find_map(|form| run.strip_suffix(form)) {
        run.truncate(rest.len());
    }
}

/// Takes places from both ends of the first run of ideographs, and whole runs that are places (from brackets).
/// What is left must still be a name: `北京银行` keeps its place.
fn drop_places(runs: &mut Vec<String>, places: &mut Vec<&'static str>) {
    let mut at = 0;
    while at < runs.len() {
        if runs.len() > 1 && runs[at].starts_with(is_han) {
            let mut rest = runs[at].as_str();
            let mut found = Vec::new();
            while let Some((place, after)) = leading_place(rest) {
                found.push(place);
                rest = after;
            }
            if rest.is_empty() && !found.is_empty() {
                places.extend(found);
                runs.remove(at);
                continue;
            }
        }
        at += 1;
    }
    let Some(first) = runs.iter_mut().find(|run| run.starts_with(is_han)) else { return };
    let mut rest = first.as_str();
    while let Some((place, after)) = leading_place(rest) {
        if after.chars().count() < 2 || is_all_generic(after) {
            break;
        }
        places.push(place);
        rest = after;
    }
    let ends = |place: &&&str| rest.strip_suffix(**place).is_some_and(|name| name.chars().count() >= 2);
    if let Some(place) = HAN_PLACES.iter().find(ends) {
        places.push(place);
        rest = &rest[..rest.len() - place.len()];
    }
    *first = rest.to_owned();
}

fn leading_place(text: &str) -> Option<(&'static str, &str)> {
    let place = HAN_PLACES.iter().find(|place| text.starts_with(**place))?;
    let rest = &text[place.len()..];
    let ended = HAN_PLACE_ENDS.iter().find_map(|end| rest.strip_prefix(end));
    Some((place, ended.unwrap_or(rest)))
}

fn is_all_generic(text: &str) -> bool {
    let mut rest = text;
    while let Some(next) = HAN_GENERIC.iter().find_map(|word| rest.strip_suffix(word)) {
        rest = next;
    }
    rest.is_empty()
}

/// The name itself, and what many names end with, each word apart. A name keeps two ideographs at least.
fn split_han(run: &str, parts: &mut Vec<Part>) {
    let mut rest = run;
    let mut generic = Vec::new();
    while let Some((next, word)) = HAN_GENERIC.iter().find_map(|word| rest.strip_suffix(word).map(|next| (next, *word)))
    {
        if next.chars().count() < 2 && (!next.is_empty() || parts.is_empty()) {
            break;
        }
        generic.push(Part { text: word.to_owned(), generic: true });
        rest = next;
    }
    if !rest.is_empty() {
        parts.push(Part { text: rest.to_owned(), generic: false });
    }
    parts.extend(generic.into_iter().rev());
}

fn latin_part(word: String) -> Part {
    let long = SHORT.iter().find(|(short, _)| *short == word).map(|(_, long)| (*long).to_owned());
    let text = long.unwrap_or(word);
    let generic = GENERIC.contains(&text.as_str());
    Part { text, generic }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(name: &str) -> String {
        let found = organisation(name);
        let parts: Vec<String> = found
            .parts
            .iter()
            .map(|part| if part.generic { format!("~{}", part.text) } else { part.text.clone() })
            .collect();
        format!("{} | {} | {}", found.core, parts.join(" "), found.places.join(" "))
    }

    #[test]
    fn names_are_taken_apart() {
        for (name, expected) in [
            ("上海华信科技有限公司", "上海华信科技 | 华信 ~科技 | 上海"),
            ("华信科技（上海）有限公司", "华信科技上海 | 华信 ~科技 | 上海"),
            ("江苏省苏州市恒力化工股份有限公司", "江苏省苏州市恒力化工 | 恒力 ~化工 | 江苏 苏州"),
            ("中国平安保险（集团）股份有限公司", "中国平安保险 | 平安 ~保险 | 中国"),
            ("北京银行股份有限公司", "北京银行 | 北京 ~银行 | "),
            ("万科企业集团", "万科企业 | 万科 ~企业 | "),
            ("有限公司", "有限公司 | 有限公司 | "),
            ("恒力 化工 有 限 公 司", "恒力化工 | 恒力 ~化工 | "),
            ("SAP（中国）有限公司", "sap中国 | sap | 中国"),
            ("Acme Intl. Technologies Co., Ltd.", "acmeintltechnologies | acme ~international ~technology | "),
            ("The Smith & Sons Company", "smithsons | smith sons | "),
            ("Müller GmbH & Co. KG", "muller | muller | "),
            ("Danone S.A.", "danone | danone | "),
            ("Novo Nordisk A/S", "novonordisk | novo nordisk | "),
            ("KGHM Sp. z o.o.", "kghm | kghm | "),
            ("Limited", "limited | limited | "),
            ("PT Astra Tbk", "astra | astra | "),
            ("株式会社トヨタ", "トヨタ | トヨタ | "),
            ("IBM", "ibm | ibm | "),
            ("--", " |  | "),
        ] {
            assert_eq!(shown(name), expected, "{name}");
        }
    }

    #[test]
    fn a_branch_is_none_but_itself() {
        let (head, branch) = (organisation("华信科技有限公司"), organisation("华信科技有限公司杭州分公司"));
        assert_ne!(head.marks, branch.marks);
        assert_ne!(branch.marks, organisation("华信科技有限公司宁波分公司").marks);
        assert_eq!(branch.marks, organisation("华信科技 有限公司 杭州分公司").marks);
    }

    proptest! {
        #[test]
        fn a_name_with_a_letter_never_becomes_empty(name in "[a-z集团有限公司上海科技. &()（）]{0,14}") {
            let found = organisation(&name);
            let has_letters = name.chars().any(char::is_alphanumeric);
            prop_assert_eq!(found.core.is_empty(), !has_letters && !name.contains('&'));
            prop_assert_eq!(found.parts.is_empty(), found.core.is_empty());
            prop_assert_eq!(organisation(&name.to_uppercase()), found);
        }
    }
}
