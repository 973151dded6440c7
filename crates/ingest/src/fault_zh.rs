//! What is wrong with an input as a whole, and what to do about it, in Chinese. Reasons of a system or a library stay as
//! they are.

use crate::issue::Fault;

impl Fault {
    /// What is wrong, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Profile { profile, line, message } => {
                let line = line.map(|line| format!("第 {line} 行")).unwrap_or_default();
                format!("配置“{profile}”{line}：{message}")
            }
            Self::NoSuchProfile { name, known } => format!("没有配置“{name}”；现有：{}", known.join("、")),
            Self::NoSuchStage { profile, stage, process, known } => {
                format!("配置“{profile}”：流程“{process}”没有阶段“{stage}”；现有：{}", known.join("、"))
            }
            Self::MissingFile { table, patterns, folder } => {
                format!("{folder} 里没有表“{table}”的文件：应为 {}", patterns.join(" 或 "))
            }
            Self::Unreadable { file, message } => format!("{file} 无法读取：{message}"),
            Self::Empty { file } => format!("{file} 是空的"),
            Self::MissingColumn { file, columns, found } => {
                format!("{file} 没有列{}；现有：{}", quoted(columns), quoted(found))
            }
            Self::RepeatedColumn { file, column, called } => {
                format!("{file} 有多列都叫“{column}”；区分为{}", quoted(called))
            }
            Self::UnsupportedColumn { file, column, found } => {
                format!("{file} 的列“{column}”：{found} 类型的值无法读取")
            }
            Self::Undecodable { file, encoding, byte } => {
                format!("{file} 在第 {byte} 字节附近不是有效的 {encoding} 文本")
            }
            Self::UncertainEncoding { file, guess } => {
                format!("{file}：文本不是 UTF-8、UTF-16 或 GB18030；可能是 {guess}")
            }
            Self::NoSuchEncoding { name } => format!("没有名为“{name}”的编码"),
            Self::RecordTooLong { file, row, limit_bytes } => {
                format!("{file} 第 {row} 行：这条记录超过 {limit_bytes} 字节")
            }
            Self::ArchiveTooLarge { file, part, packed_bytes, limit_bytes } => {
                format!("{file}：其中的“{part}”解压后超过 {limit_bytes} 字节（压缩后 {packed_bytes} 字节）")
            }
            Self::WrongFormat { file, expected, found } => {
                let found = if found.is_empty() { String::new() } else { format!("：{found}") };
                format!("{file} 不是可读的 {expected}{found}")
            }
            Self::MissingSheet { file, sheet, found } => {
                format!("{file} 没有工作表“{sheet}”；现有：{}", quoted(found))
            }
            Self::TooManyRejects { limit, first } => format!("被退回的行超过 {limit} 行；第一行：{first}"),
            Self::Stopped => "读取已停止".to_owned(),
        }
    }

    /// What to do about it, in Chinese.
    #[must_use]
    pub const fn hint_zh(&self) -> &'static str {
        match self {
            Self::Profile { .. } => "请改正配置；docs/importing.md 说明每一项",
            Self::NoSuchProfile { .. } => "请选择其中之一，或给出自己的配置文件的路径",
            Self::NoSuchStage { .. } => "请改正配置里的阶段，或在流程里加上它",
            Self::MissingFile { .. } => "请按该名称放入文件，或修改配置里的 `files`",
            Self::Unreadable { .. } => "请检查文件是否存在、是否可读",
            Self::Empty { .. } => "请重新导出文件",
            Self::MissingColumn { .. } => {
                "请检查是否是正确的文件；如果表头连成一个单元格，请设置 `delimiter`；可能没有的列请标为 `optional`"
            }
            Self::RepeatedColumn { .. } => "请按这里的叫法指明是哪一列，或在文件里改名",
            Self::UnsupportedColumn { .. } => "请把该列导出为文本、数字、日期或时间",
            Self::Undecodable { .. } => "请在配置里为该表设置 `encoding`，或把文件存为 UTF-8",
            Self::UncertainEncoding { .. } => "请把文件存为 UTF-8，或在配置里用 `encoding` 说明",
            Self::NoSuchEncoding { .. } => "请使用 utf-8、utf-16le、gb18030、windows-1252 之类的名称",
            Self::RecordTooLong { .. } => "请检查该行附近的引号和换行：没有闭合的引号会吞掉文件的其余部分",
            Self::ArchiveTooLarge { .. } => "请确认工作簿来源可靠；大表请导出为 CSV 或 Parquet",
            Self::WrongFormat { .. } => "请重新导出文件，或在配置里为该表设置 `format`",
            Self::MissingSheet { .. } => "请在配置里用 `sheet` 指明其中之一",
            Self::TooManyRejects { .. } => "配置多半与文件不符：请改正后先试运行",
            Self::Stopped => "请重新开始",
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join("、")
}
