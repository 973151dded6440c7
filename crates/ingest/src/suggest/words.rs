//! Headings and values in the words of two languages: which field a heading means, and what a stage's name tells.
//!
//! Adding a word here is all it takes to have it recognised.

use domain::Kind;

/// Field names and the headings that mean them, one behind the other, the likeliest first. Headings are compared without case, spaces, signs
/// and what stands in brackets.
pub(super) const HEADINGS: &[(&str, &str)] = &[
    (
        "id",
        "opportunityid dealid id oppid opportunitynumber \
         opportunityno dealnumber recordid opportunitycode dealcode \
         opportunitykey opportunityseq crmid 商机编号 商机id 商机号 项目编号 机会编号 \
         商机编码 项目编码 商机代码 编号 编码 单号 项目号",
    ),
    (
        "name",
        "dealname opportunityname opportunity deal name \
         opportunitytitle dealtitle title projectname project subject \
         商机名称 商机 项目名称 机会名称 销售机会 商机主题 商机标题 项目 名称 主题 标题",
    ),
    (
        "account",
        "accountname account customername customer company \
         companyname client clientname organization organisation \
         organizationname associatedcompany buyer accountid \
         customerid companyid accountseq accountkey 客户名称 客户 公司名称 公司 \
         企业名称 客户全称 单位名称 客户公司 客户单位 企业 甲方 最终客户 客户编号",
    ),
    (
        "amount_minor",
        "amount dealamount opportunityamount dealvalue value \
         opportunityvalue closevalue estimatedvalue productrevenue \
         revenue totalamount contractvalue contractamount acv tcv \
         dealsize totalprice 商机金额 金额 预计金额 预计销售金额 预计成交金额 项目金额 合同金额 合同额 \
         预算 成交金额 销售金额 预计合同金额 商机预计金额 签约金额 订单金额 预计收入 销售额 预算金额 报价金额 总金额 \
         价税合计",
    ),
    (
        "currency",
        "currency currencycode currencyisocode transactioncurrency 币种 \
         货币 币别 货币单位",
    ),
    (
        "stage",
        "stage dealstage salesstage stagename opportunitystage \
         pipelinestage currentstage phase salesphase stageid \
         salesstageid pipelinestep 销售阶段 商机阶段 阶段 当前阶段 项目阶段 跟进阶段 所处阶段 \
         商机进展 销售进程 进展阶段 项目进展 销售进度",
    ),
    (
        "outcome",
        "outcome status result dealstatus opportunitystatus winloss \
         wonlost state closestatus 结果 商机状态 状态 输赢 赢单状态 项目状态 成交状态 商机结果 \
         跟单状态 输赢状态 是否赢单 是否成交",
    ),
    (
        "created",
        "createdate createddate createdon createdat created \
         datecreated creationdate opportunitycreatedon opendate \
         openeddate dateopened startdate engagedate addtime dateadded \
         begindate firstcontactdate entrydate 创建时间 创建日期 商机创建时间 新建时间 \
         新建日期 建立日期 录入时间 录入日期 登记日期 登记时间 立项日期 立项时间 发现日期 发现时间 开始日期 开始时间 \
         建档日期 首次接触日期 线索日期",
    ),
    (
        "closed",
        "closedate closeddate closedon dateclosed actualclosedate \
         closedat wondate wontime actualclose enddate windate 成交日期 \
         实际成交日期 成交时间 关闭日期 关闭时间 结单日期 实际结单日期 赢单日期 签约日期 签约时间 签单日期 签单时间 \
         实际签约日期 合同签订日期 结束日期 实际关闭日期 结束时间 实际成交时间",
    ),
    (
        "expected_close_on",
        "expectedclosedate expectedclose estimatedclosedate \
         estimatedclose forecastclosedate targetclosedate \
         anticipatedclosedate projectedclosedate plannedclosedate \
         closingdate 预计成交日期 预计成交时间 预计签约日期 预计签约时间 预计签单日期 预计签单时间 预计结单日期 \
         预计结单时间 预计关闭日期 预计关单日期 计划成交日期 预计成单日期 预计成单时间 预计落单日期 预计签订日期 \
         预测成交日期 预计完成日期 计划签约日期 预计成交 预计签约 预计签单 预计结单 计划签约",
    ),
    (
        "owner",
        "owner dealowner opportunityowner ownername salesrep \
         salesperson rep salesagent accountexecutive accountmanager \
         salesrepresentative assignedto salesowner seller agent ae \
         ownerid userid systemuserseq salesrepname 负责人 商机负责人 销售负责人 \
         销售代表 销售人员 销售员 业务员 客户经理 销售经理 跟进人 所有人 销售 商机所有人 业务经理 责任人 跟进人员 \
         销售顾问 归属人 项目负责人 负责销售",
    ),
    (
        "team",
        "team salesteam department teamname salesgroup regionaloffice \
         businessunit office division ownerteam 团队 销售团队 部门 所属部门 销售部门 \
         所属团队 事业部 小组 负责部门 归属部门 负责人部门 业务部门 分公司 销售组",
    ),
    (
        "region",
        "region salesregion area territory regionname geography geo \
         salesarea 区域 大区 销售区域 所属区域 地区 省份 所在地区 片区 客户区域 所在区域 区域名称 省区 \
         所属大区 所在省份 城市",
    ),
    (
        "industry",
        "industry sector vertical industryname businesssegment \
         industrytype 行业 所属行业 客户行业 行业类别 行业分类 所在行业 行业名称 客户所属行业",
    ),
    (
        "product",
        "product productname productline productid productseq \
         productfamily productinterest sku 产品 产品名称 意向产品 产品线 产品类别 主要产品 \
         产品型号 关注产品 销售产品 产品大类",
    ),
    (
        "channel",
        "channel leadsource source opportunitysource dealsource \
         origin originalsource sourcechannel partner partnerid \
         partnername 渠道 商机来源 来源 线索来源 客户来源 来源渠道 销售渠道 渠道名称 获客渠道 信息来源",
    ),
    (
        "campaign",
        "campaign campaignname campaignid campaignseq \
         primarycampaignsource marketingcampaign landingpage 市场活动 营销活动 活动名称 来源活动 \
         市场活动名称",
    ),
    (
        "probability_ppm",
        "probability winprobability closeprobability dealprobability \
         likelihood chance 赢率 成交概率 概率 赢单概率 赢单率 成功率 成单概率 可能性 成交可能性 \
         预计赢率 把握度",
    ),
    (
        "reason",
        "lossreason lostreason closedlostreason closereason reason \
         reasonlost wonlostreason 输单原因 丢单原因 失败原因 输赢原因 赢输原因 丢失原因 战败原因 \
         关闭原因 未成交原因",
    ),
    ("next_step", "nextstep nextsteps nextaction 下一步 下一步计划 下一步行动 后续计划 下步计划"),
    ("next_step_on", "nextstepdate nextactiondate 下一步日期 下一步时间 下一步计划日期"),
    (
        "next_contact_on",
        "nextcontactdate nextfollowupdate followupdate 下次联系日期 下次跟进时间 \
         下次跟进日期 下次联系时间",
    ),
    (
        "forecast_category",
        "forecastcategory forecastcategoryname forecast 预测类别 预测分类 \
         预测类型 销售预测",
    ),
];

/// Words before a heading that say nothing about which field it is.
pub(super) const PREFIXES: &str = "opportunity property deal opp hs crm sales 商机 项目 销售";

/// Words behind a heading that make it a key of, or a word for, the same thing.
pub(super) const SUFFIXES: &str = "name id seq key code no 名称 编号 编码 id 代码 c";

/// Headings that look like an amount or a date of a deal and are something else.
pub(super) const NOT_MEANT: &str = "ownership factored weighted expectedrevenue 加权 折算 lastmodified \
    lastactivity modified updated 更新 修改 raw bins fiscal \
    lastviewed lastreferenced synced quantity 数量 discount 折扣 回款 \
    已收 开票 创建人 修改人 createdby modifiedby 成本 利润 毛利";

/// Headings that look like a field of other records and are something else.
pub(super) const NOT_MEANT_OF_RECORDS: &str = "ownership lastmodified lastactivity modified updated 更新 修改 lastviewed synced 创建人 修改人 createdby modifiedby";

/// Headings that name a record in the tables of others, beside its id.
pub(super) const REFERRED: &[(Kind, &str)] = &[
    (Kind::Opportunity, "opportunityname dealname opportunity deal 商机名称 商机 项目名称 关联商机 所属商机"),
    (Kind::Contact, "contactname contact contactperson 联系人 联系人姓名"),
    (Kind::Contract, "contract contractname 合同 合同名称 关联合同 所属合同"),
    (Kind::Order, "order 订单 关联订单 所属订单"),
    (Kind::Invoice, "invoice 发票 关联发票 所属发票"),
];

/// Units in a heading, and what they multiply by.
pub(super) const UNITS: &[(&str, i64)] = &[
    ("亿元", 100_000_000),
    ("百万", 1_000_000),
    ("千万", 10_000_000),
    ("万", 10_000),
    ("千元", 1_000),
    ("亿", 100_000_000),
    ("million", 1_000_000),
    ("mn", 1_000_000),
    ("thousand", 1_000),
    ("in k", 1_000),
];

/// Signs and words for a currency, in headings and cells.
pub(super) const CURRENCIES: &[(&str, &str)] = &[
    ("人民币", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("万元", "CNY"),
    ("千元", "CNY"),
    ("亿元", "CNY"),
    ("(元", "CNY"),
    ("\u{ff08}元", "CNY"),
    ("美元", "USD"),
    ("usd", "USD"),
    ("us$", "USD"),
    ("欧元", "EUR"),
    ("eur", "EUR"),
    ("€", "EUR"),
    ("港币", "HKD"),
    ("港元", "HKD"),
    ("hkd", "HKD"),
    ("hk$", "HKD"),
    ("英镑", "GBP"),
    ("gbp", "GBP"),
    ("£", "GBP"),
    ("日元", "JPY"),
    ("jpy", "JPY"),
    ("¥", "CNY"),
    ("￥", "CNY"),
    ("$", "USD"),
];

/// Texts that stand for nothing.
pub(super) const NOTHING: &str = "- -- — / n/a N/A NA #N/A null NULL none None nan NaN 无 暂无 未知 \
    (空) 空";

/// Values that say how a deal ended, compared like headings.
pub(super) const OUTCOMES: &[(&str, &str)] = &[
    (
        "won",
        "won closedwon win closewon 赢单 赢 已赢单 赢单关闭 中标 已中标 成功 已成交 已赢 \
         成交关闭 赢单结束 已签约 已签单 dealwon",
    ),
    (
        "lost",
        "lost closedlost lose loss closelost 输单 丢单 输 已输单 已丢单 失败 未中标 \
         战败 流失 输单关闭 丢单关闭 已流失 已失败 未成交 败单 丢失 deallost 已战败",
    ),
    (
        "cancelled",
        "cancelled canceled abandoned disqualified 取消 已取消 作废 已作废 终止 \
         已终止 无效 放弃 已放弃 中止 客户取消 项目取消 无效关闭",
    ),
    (
        "parked",
        "parked onhold hold nurture nurturing stalled 搁置 已搁置 暂停 已暂停 \
         培育 挂起 暂缓 延期",
    ),
    (
        "open",
        "open active inprogress ongoing pending opened 在途 跟进中 进行中 未结束 \
         跟进 进行 未关闭 打开 推进中 正在进行 在跟 跟踪中 activedeal 洽谈中 未完成 有效",
    ),
];

/// Values that mean won only where no plainer word does.
pub(super) const PERHAPS_WON: &str =
    "成交 签约 签单 合同签订 签订合同 合同签约 签约成交 closed 完成 已完成 signed 是 yes";

/// What a stage's name tells of its place, from the first contact to the contract: the longest word that a name holds
/// decides.
pub(super) const STAGES: &[(u32, &str)] = &[
    (5, "new unqualified 新建"),
    (6, "newlead suspect 线索"),
    (8, "prospect lead target 潜在 目标"),
    (12, "mql initial"),
    (14, "初步 初访"),
    (15, "appointment contact connect approach 接触 接洽"),
    (17, "拜访"),
    (18, "engag sql 沟通 跟进"),
    (20, "interest meeting qualif 意向 兴趣 资格"),
    (22, "discovery 验证商机"),
    (24, "商机确认"),
    (26, "立项"),
    (28, "explore"),
    (30, "need requirement investigat 需求"),
    (31, "调研"),
    (32, "analysis assess develop 分析"),
    (33, "scoping"),
    (36, "交流"),
    (38, "demo 演示 产品介绍"),
    (40, "presentation"),
    (44, "solution"),
    (45, "value 方案"),
    (46, "valueproposition 价值"),
    (50, "decisionmaker 决策人"),
    (52, "perception 试用"),
    (53, "trial evaluat 测试 评估"),
    (54, "poc proof pilot validation"),
    (58, "建议书"),
    (60, "propos rfp 报价"),
    (61, "offer"),
    (62, "quot bid tender 招标 投标 招投标"),
    (64, "shortlist"),
    (70, "商务"),
    (71, "review 议价"),
    (72, "negotiat 谈判"),
    (74, "buyin"),
    (75, "decision 决策"),
    (76, "procure"),
    (78, "legal"),
    (80, "commit 承诺"),
    (82, "verbal"),
    (83, "approv 审批"),
    (84, "finali paper 敲定"),
    (85, "contract 合同"),
    (88, "中标"),
    (90, "clos 收尾"),
    (92, "sign 签约 签订 签单"),
    (95, "成交"),
];

/// A heading or a value without what does not tell it from another: case, width, spaces, signs.
pub(super) fn folded(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(narrow).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What stands outside of brackets.
pub(super) fn outside_brackets(text: &str) -> String {
    let (mut depth, mut kept) = (0_u32, String::new());
    for c in text.chars() {
        match c {
            '(' | '\u{ff08}' | '[' | '【' => depth += 1,
            ')' | '\u{ff09}' | ']' | '】' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    if kept.trim().is_empty() { text.to_owned() } else { kept }
}

/// A stage's name without the number, letter or share before it.
pub(super) fn core(value: &str) -> &str {
    let between = |c: char| c.is_whitespace() || "%％.、-–_:\u{ff1a}()\u{ff08}\u{ff09}#".contains(c);
    let mut rest = value.trim();
    loop {
        let at = rest.trim_start_matches(between).trim_start_matches(|c: char| c.is_ascii_digit());
        // Digits that letters follow are part of a word: `3rd meeting`, `9RN9J3`.
        if at.len() == rest.len() || begins_with_letter(at) && ends_with_digit(rest, at) {
            break;
        }
        rest = at;
    }
    let rest = rest.trim_start_matches(between);
    if rest.is_empty() { value.trim() } else { rest }
}

fn begins_with_letter(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether what stands in `text` before its end `rest` ends with a digit.
fn ends_with_digit(text: &str, rest: &str) -> bool {
    text[..text.len() - rest.len()].ends_with(|c: char| c.is_ascii_digit())
}

/// The number before a stage's name.
pub(super) fn leading_number(value: &str) -> Option<u32> {
    let value = value.trim().trim_start_matches(|c: char| "Ss第Pp".contains(c));
    let rest = value.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &value[..value.len() - rest.len()];
    digits.parse().ok().filter(|_| !begins_with_letter(rest))
}

/// Whether a heading is that of the day on which deals were won.
pub(super) fn is_of_won(heading: &str) -> bool {
    ["wondate", "wontime", "wonon", "wonat", "赢单日期", "赢单时间"].contains(&folded(heading).as_str())
}

/// Whether a value stands for nothing.
pub(super) fn is_nothing(value: &str) -> bool {
    NOTHING.split_whitespace().any(|nothing| nothing == value)
}

/// The outcome that a value means by itself.
pub(super) fn outcome(value: &str) -> Option<&'static str> {
    let words = [folded(value), folded(core(&outside_brackets(value)))];
    let means = |meanings: &str| meanings.split_whitespace().any(|word| words.iter().any(|known| known == word));
    OUTCOMES.iter().find(|(_, meanings)| means(meanings)).map(|(outcome, _)| *outcome)
}

/// Whether a value means won where nothing else does.
pub(super) fn is_perhaps_won(value: &str) -> bool {
    let word = folded(core(value));
    PERHAPS_WON.split_whitespace().any(|known| known == word)
}

/// The place that a stage's name tells, from 0 to 100.
pub(super) fn rank(value: &str) -> Option<u32> {
    let name = folded(value);
    let words = STAGES.iter().flat_map(|(rank, words)| words.split_whitespace().map(move |word| (word, *rank)));
    // A Chinese sign says as much as some letters do.
    words.filter(|(word, _)| name.contains(word)).max_by_key(|(word, _)| word.len()).map(|(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_for_what_they_mean() {
        for (value, expected) in [
            ("Closed Won", Some("won")),
            ("100% 赢单", Some("won")),
            ("6-Closed Lost", Some("lost")),
            ("已丢单(价格)", Some("lost")),
            ("On Hold", Some("parked")),
            ("跟进中", Some("open")),
            ("4-Close", None),
            ("成交", None),
            ("Proposal", None),
        ] {
            assert_eq!(outcome(value), expected, "{value}");
        }
        for (value, core_expected, number) in [
            ("1-Qualify", "Qualify", Some(1)),
            ("30%方案", "方案", Some(30)),
            ("S2 需求", "S2 需求", Some(2)),
            ("5.合同(审批)", "合同(审批)", Some(5)),
            ("Lead", "Lead", None),
            ("1 2 初步接洽", "初步接洽", Some(1)),
            ("3rd meeting", "3rd meeting", None),
            ("9RN9J3", "9RN9J3", None),
        ] {
            assert_eq!((core(value), leading_number(value)), (core_expected, number), "{value}");
        }
    }

    #[test]
    fn no_heading_means_two_fields() {
        let mut seen = std::collections::HashMap::new();
        for (field, headings) in HEADINGS {
            for heading in headings.split_whitespace() {
                assert_eq!(heading, folded(heading), "{field}");
                assert!(seen.insert(heading, *field).is_none(), "`{heading}` stands twice");
            }
        }
    }
}
