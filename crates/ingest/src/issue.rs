//! What can be wrong: with a row ([`Issue`]), or with the input as a whole ([`Refusal`]).
//!
//! Every case has a stable code, the place, and what to do about it; docs/importing.md lists them all.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// What becomes of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The row goes in.
    Warning,
    /// The row stays out.
    Reject,
}

impl Severity {
    /// The word in files and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Reject => "reject",
        }
    }
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $remedy:literal, $meaning_zh:literal, $remedy_zh:literal;)+) => {
        /// What a row broke. The codes are stable: reject files and scripts rely on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule { $($(#[doc = $doc])+ $name,)+ }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What to do about it.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)+ }
            }

            /// What is wrong, in Chinese, without the value.
            #[must_use]
            pub const fn meaning_zh(self) -> &'static str {
                match self { $(Self::$name => $meaning_zh,)+ }
            }

            /// What to do about it, in Chinese.
            #[must_use]
            pub const fn remedy_zh(self) -> &'static str {
                match self { $(Self::$name => $remedy_zh,)+ }
            }
        }
    };
}

rules! {
    /// The row has more or fewer fields than the header.
    RaggedRow = "ragged-row", "quote fields that hold the delimiter, or set `delimiter` for the table in a profile",
        "字段数与表头不一致", "给含有分隔符的字段加引号，或在配置文件里为该表设置 `delimiter`";
    /// A row without the key of its record.
    MissingKey = "missing-key", "fill the key column, or leave the row out of the export",
        "编号为空", "填写编号列，或从导出里去掉这一行";
    /// A value that has to be there is not.
    MissingValue = "missing-value", "fill the cell",
        "必填的单元格为空", "填写这个单元格";
    /// The key was seen before.
    DuplicateKey = "duplicate-key", "make the key unique, or choose `duplicates` for the table in a profile",
        "编号已经出现过", "让编号唯一，或在配置文件里为该表选择 `duplicates`";
    /// No such day, or not written in any of the formats.
    ImpossibleDate = "impossible-date", "correct the date, or add how it is written (Dates in the form, `dates` in a profile)",
        "不是存在的日期，或写法不在所列格式之中", "改正日期，或加上它的写法（表单里的“日期”，配置文件里的 `dates`）";
    /// Not a number.
    NotANumber = "not-a-number", "write the number in digits; where a comma parts the decimals, say so (Numbers in the form, `decimal` in a profile)",
        "不是数字", "用数字书写；小数用逗号时请说明（表单里的“数字”，配置文件里的 `decimal`）";
    /// An expression of a step that a row's values do not allow.
    FailedExpression = "failed-expression", "correct the value, or let the expression do without it (CASE WHEN, NULLIF, TRY_CAST)",
        "步骤的表达式在这一行无法计算", "改正该值，或让表达式避开它（CASE WHEN、NULLIF、TRY_CAST）";
    /// A number outside of what the field can hold.
    OutOfRange = "out-of-range", "correct the number or its unit",
        "数值超出字段能容纳的范围", "改正数值或单位";
    /// A number below nothing where that cannot be.
    Negative = "negative", "correct the sign; a credit or a return is no deal of its own",
        "不能为负数", "改正符号；冲销或退货不是单独的商机";
    /// More decimals than the currency has.
    TooManyDecimals = "too-many-decimals", "nothing, if half-to-even rounding is right; otherwise correct the amount",
        "小数位多于该币种", "若四舍六入五成双合适则无需处理，否则改正金额";
    /// Not among the values that a field of one's own takes.
    NotAChoice = "not-a-choice", "correct the word, map it in a profile, or add it to the field's values",
        "不在字段的选项之中", "改正这个词，在配置文件里映射它，或把它加为字段的选项";
    /// Not yes or no.
    NotYesOrNo = "not-yes-or-no", "write true or false, or map the word in a profile",
        "不是“是”或“否”", "写“是”或“否”，或在配置文件里映射这个词";
    /// A currency that is none.
    NotACurrency = "not-a-currency", "write the three-letter code, or map the word in a profile",
        "不是币种代码", "写三个字母的代码，或在配置文件里映射这个词";
    /// Text that should be JSON and is not.
    NotJson = "not-json", "write valid JSON, or set `split` for a plain list in a profile",
        "不是有效的 JSON", "写有效的 JSON，或在配置文件里为普通列表设置 `split`";
    /// A stage the process does not have.
    UnknownStage = "unknown-stage", "map the stage, or add it to the process",
        "流程里没有这个阶段", "把它映射到一个阶段，或在流程里加上它";
    /// An outcome that is none.
    UnknownOutcome = "unknown-outcome", "map the word to open, won, lost, cancelled or parked",
        "不知道这个结果是什么意思", "把它映射为在途、赢单、丢单、取消或培育";
    /// A reference to a record that no file holds.
    UnknownReference = "unknown-reference", "add the record to its file, or set `missing` for the field in a profile",
        "没有文件包含所指的记录", "把记录加入它的文件，或在配置文件里为该字段设置 `missing`";
    /// A change of a deal that the deals table does not hold.
    UnknownDeal = "unknown-deal", "export the deal as well, or set `unknown_deals = \"create\"` in a profile",
        "商机表里没有这个商机", "一并导出该商机，或在配置文件里设置 `unknown_deals = \"create\"`";
    /// A change of a field that the profile does not map.
    UnknownChange = "unknown-change", "map the field under `changes.values` in a profile, or list it under `ignore`",
        "配置没有说明这种字段变更", "在配置文件的 `changes.values` 里映射它，或列入 `ignore`";
    /// The deal closed before it was created.
    ClosedBeforeCreated = "closed-before-created", "correct one of the dates; the deal is taken to begin when it closed",
        "关闭日期早于创建日期", "改正其中一个日期；现按关闭之日开始";
    /// The deal's first change lies before its creation.
    ChangedBeforeCreated = "changed-before-created", "correct one of the dates; the deal is taken to begin with the change",
        "首次变更早于创建日期", "改正其中一个日期；现按首次变更开始";
    /// Two days of one record in the wrong order.
    DaysOutOfOrder = "days-out-of-order", "correct one of the days; the record stays as it was told",
        "两个日期的先后不合理", "改正其中一个日期；记录按原样保留";
    /// The deal was created or closed after the export.
    AfterExport = "after-export", "correct the date, or the day of the export (`exported_on` in a profile)",
        "日期晚于导出日", "改正日期，或改正导出日（配置文件里的 `exported_on`）";
    /// A closed deal without the date of its close.
    ClosedWithoutDate = "closed-without-date", "fill the date; the deal is taken to close on the day of the export",
        "已关闭，但没有日期", "填写日期；现按导出日关闭";
    /// A consistency check of the profile failed.
    CheckFailed = "check-failed", "see the check's note in the profile",
        "不符合配置里的一致性检查", "见该检查的说明";
    /// A text where bytes are not of the declared encoding, a formula's error value, or a number that lost digits.
    BadCell = "bad-cell", "correct the cell in the source",
        "单元格里是出错的公式，或丢失了末位的长数字", "在来源里改正这个单元格；长编号请存为文本";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Something wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The file's name.
    pub file: Arc<str>,
    /// The row as a spreadsheet numbers it: the header is row 1 (Parquet has no header: its first row is 1).
    pub row: u64,
    /// The column, or the several that belong together.
    pub column: Arc<str>,
    /// The value as it stands in the file.
    pub value: Box<str>,
    /// The rule it broke.
    pub rule: Rule,
    /// What becomes of the row.
    pub severity: Severity,
    /// What is wrong, in a sentence.
    pub message: Box<str>,
}

impl Issue {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        self.rule.remedy()
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, row, column, value, rule, message, .. } = self;
        write!(f, "{file}, row {row}, column `{column}`, value `{value}`: {message} [{rule}]")
    }
}

/// Why an input is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The profile itself is wrong.
    #[error("profile `{profile}`{}: {message}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Profile {
        /// The profile's name or file.
        profile: String,
        /// Where in it, 1-based.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// There is no bundled profile of this name.
    #[error("there is no profile `{name}`; there are: {}", known.join(", "))]
    NoSuchProfile {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// A stage that the profile speaks of is not in the process.
    #[error("profile `{profile}`: `{stage}` is no stage of the process `{process}`, which has: {}", known.join(", "))]
    NoSuchStage {
        /// The profile's name.
        profile: String,
        /// The stage key in the profile.
        stage: String,
        /// The process's key.
        process: String,
        /// The stage keys it has.
        known: Vec<String>,
    },
    /// A table's file is not there.
    #[error("no file for the table `{table}` in {folder}: expected {}", patterns.join(" or "))]
    MissingFile {
        /// The table in the profile.
        table: String,
        /// The file names that would do.
        patterns: Vec<String>,
        /// Where they were looked for.
        folder: String,
    },
    /// The file cannot be read.
    #[error("{file} cannot be read: {message}")]
    Unreadable {
        /// The file.
        file: String,
        /// The system's reason.
        message: String,
    },
    /// The file has nothing in it, not even a header.
    #[error("{file} is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// Columns that the profile needs are not in the file.
    #[error("{file} has no column {}; it has: {}", quoted(columns), quoted(found))]
    MissingColumn {
        /// The file.
        file: String,
        /// The columns that are missing.
        columns: Vec<String>,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// A column that the profile needs is there twice.
    #[error("{file} has the column `{column}` more than once; they are called {}", quoted(called))]
    RepeatedColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// What tells them apart.
        called: Vec<String>,
    },
    /// A column of a type that holds no single values.
    #[error("{file}, column `{column}`: values of type {found} cannot be read")]
    UnsupportedColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// Bytes that the encoding does not allow.
    #[error("{file}, near byte {byte}: the text is not valid {encoding}")]
    Undecodable {
        /// The file.
        file: String,
        /// The encoding that was declared or found.
        encoding: String,
        /// The offset of the first bad byte, 0-based, to within one buffer.
        byte: u64,
    },
    /// Text that is neither UTF-8, UTF-16 nor GB18030, in a profile that does not say what it is.
    #[error("{file}: the text is neither UTF-8, UTF-16 nor GB18030; it may be {guess}")]
    UncertainEncoding {
        /// The file.
        file: String,
        /// What it looks like.
        guess: String,
    },
    /// The encoding's name is not known.
    #[error("`{name}` is not an encoding that can be read")]
    NoSuchEncoding {
        /// The name in the profile.
        name: String,
    },
    /// One record is longer than allowed.
    #[error("{file}, row {row}: the record is longer than {limit_bytes} bytes")]
    RecordTooLong {
        /// The file.
        file: String,
        /// The row as a spreadsheet numbers it.
        row: u64,
        /// The limit.
        limit_bytes: u64,
    },
    /// The archive unpacks to more than allowed.
    #[error("{file}: its part `{part}` unpacks to more than {limit_bytes} bytes (packed: {packed_bytes})")]
    ArchiveTooLarge {
        /// The file.
        file: String,
        /// The part inside.
        part: String,
        /// Its size in the file.
        packed_bytes: u64,
        /// What it may unpack to.
        limit_bytes: u64,
    },
    /// The file is none of the formats, or not the one its name tells.
    #[error("{file} is not {expected}{}", if found.is_empty() { String::new() } else { format!(": {found}") })]
    WrongFormat {
        /// The file.
        file: String,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The workbook has no such sheet.
    #[error("{file} has no sheet `{sheet}`; it has: {}", quoted(found))]
    MissingSheet {
        /// The file.
        file: String,
        /// The sheet asked for.
        sheet: String,
        /// The sheets there are.
        found: Vec<String>,
    },
    /// More rows were rejected than allowed.
    #[error("more than {limit} rows were rejected; the first: {first}")]
    TooManyRejects {
        /// The limit.
        limit: u64,
        /// The first of them, in words.
        first: String,
    },
    /// Whoever asked for the reading stopped it.
    #[error("the reading was stopped")]
    Stopped,
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Fault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Profile { .. } => "profile",
            Self::NoSuchProfile { .. } => "no-such-profile",
            Self::NoSuchStage { .. } => "no-such-stage",
            Self::MissingFile { .. } => "missing-file",
            Self::Unreadable { .. } => "unreadable",
            Self::Empty { .. } => "empty-file",
            Self::MissingColumn { .. } => "missing-column",
            Self::RepeatedColumn { .. } => "repeated-column",
            Self::UnsupportedColumn { .. } => "unsupported-column",
            Self::Undecodable { .. } => "undecodable",
            Self::UncertainEncoding { .. } => "uncertain-encoding",
            Self::NoSuchEncoding { .. } => "no-such-encoding",
            Self::RecordTooLong { .. } => "record-too-long",
            Self::ArchiveTooLarge { .. } => "archive-too-large",
            Self::WrongFormat { .. } => "wrong-format",
            Self::MissingSheet { .. } => "missing-sheet",
            Self::TooManyRejects { .. } => "too-many-rejects",
            Self::Stopped => "stopped",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Profile { .. } => "correct the profile; docs/importing.md describes every key",
            Self::NoSuchProfile { .. } => "choose one of them, or give the path of a profile of your own",
            Self::NoSuchStage { .. } => "correct the stage in the profile, or add it to the process",
            Self::MissingFile { .. } => "put the file there under that name, or change `files` in the profile",
            Self::Unreadable { .. } => "check that the file exists and may be read",
            Self::Empty { .. } => "export the file again",
            Self::MissingColumn { .. } => {
                "check that it is the right file; set `delimiter` if the header is one piece; mark columns that may \
                 be missing as `optional`"
            }
            Self::RepeatedColumn { .. } => {
                "name the one that is meant as it is called here, or rename one of them in the file"
            }
            Self::UnsupportedColumn { .. } => "export the column as text, number, date or timestamp",
            Self::Undecodable { .. } => "set `encoding` for the table in the profile, or save the file as UTF-8",
            Self::UncertainEncoding { .. } => {
                "save the file as UTF-8, or say what it is with `encoding` for the table in the profile"
            }
            Self::NoSuchEncoding { .. } => "use a name such as utf-8, utf-16le, gb18030 or windows-1252",
            Self::RecordTooLong { .. } => {
                "check the quotes and line ends near that row: one that is never closed swallows the rest of the file"
            }
            Self::ArchiveTooLarge { .. } => {
                "make sure that the workbook is genuine; export large tables as CSV or Parquet"
            }
            Self::WrongFormat { .. } => "export the file again, or set `format` for the table in the profile",
            Self::MissingSheet { .. } => "name one of them as `sheet` in the profile",
            Self::TooManyRejects { .. } => "the profile probably does not fit the file: correct it and try a dry run",
            Self::Stopped => "begin it again",
        }
    }
}

/// The input as a whole is wrong and nothing came of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Refusal {
    /// Everything that was found, at least one.
    pub faults: Vec<Fault>,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { faults: vec![fault] }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_the_guide_lists_every_one() {
        let guide = include_str!("../../../docs/importing.md");
        let codes: HashSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        for code in codes {
            assert!(guide.contains(&format!("`{code}`")), "docs/importing.md does not explain `{code}`");
        }
    }
}
