//! Headings, and names of files and sheets, in the words of two languages: what kind of records a table holds, and which
//! of their fields a heading means.
//!
//! Words before a `|` tell the kind as well; those behind it mean the field in many a table. Adding a word here is all it
//! takes to have it recognised. What fields of deals are called is in [`super::words`], and holds for fields of the same
//! name here.

use domain::Kind;

/// The words of one kind.
#[derive(Debug)]
pub(super) struct KindWords {
    pub(super) kind: Kind,
    /// What a file or a sheet of them is called, and what stands before their headings.
    pub(super) table: &'static str,
    /// Headings of what tells one from another; in other tables they refer to one.
    pub(super) id: &'static str,
    /// Fields and the headings that mean them.
    pub(super) fields: &'static [(&'static str, &'static str)],
    /// Fields that few other tables have.
    pub(super) telling: &'static [&'static str],
}

/// The words of a kind; of deals those that tell a table of them.
pub(super) fn of(kind: Kind) -> Option<&'static KindWords> {
    KINDS.iter().find(|words| words.kind == kind)
}

pub(super) const KINDS: &[KindWords] = &[
    KindWords {
        kind: Kind::Opportunity,
        table: "opportunities opportunity deals deal pipeline funnel 商机 销售机会 机会 漏斗 项目",
        id: "opportunityid dealid oppid opportunitynumber opportunityno dealnumber opportunitycode dealcode 商机编号 商机id \
             商机号 机会编号 商机编码 商机代码 项目编号 项目号",
        fields: &[],
        telling: &[
            "stage",
            "expected_close_on",
            "probability_ppm",
            "forecast_category",
            "outcome",
            "next_step",
            "next_step_on",
        ],
    },
    KindWords {
        kind: Kind::Lead,
        table: "leads lead mqls prospects 线索 潜客 询盘",
        id: "leadid leadno leadnumber leadcode mqlid prospectid 线索编号 线索id 线索号 线索编码",
        fields: &[
            ("name", "leadname 线索名称 线索联系人 | contactname fullname name 姓名 联系人 联系人姓名 名称"),
            // Who is behind a lead is no customer yet.
            ("company", "company companyname 公司 公司名称 企业名称 单位 单位名称 客户公司 客户名称 客户"),
            ("status", "leadstatus 线索状态 | status state 状态 跟进状态"),
            (
                "first_contact_on",
                "firstcontactdate firstcontact firstcontacton firstcontactat 首次联系 首次联系日期 首次联系时间 \
                首次接触日期 首次接触时间 线索日期 线索时间 线索创建时间 线索创建日期 获取日期 获取时间 | createddate createdat createdon \
                created createdate date 创建时间 创建日期 录入时间 录入日期 登记日期 日期",
            ),
            (
                "verified_on",
                "verifieddate verifiedon qualifieddate qualifiedon mqldate sqldate 验证日期 核实日期 确认日期 有效日期",
            ),
            (
                "closed_on",
                "converteddate conversiondate convertedon disqualifieddate 转化日期 转化时间 转商机日期 转商机时间 | closeddate \
                closedon 关闭日期 关闭时间",
            ),
            ("reason", "disqualifiedreason 无效原因 | reason 原因 关闭原因"),
            ("phone", "phone mobile telephone phonenumber mobilephone 电话 手机 手机号 联系电话 手机号码"),
            ("email", "email emailaddress mail 邮箱 电子邮件 电子邮箱"),
        ],
        telling: &["first_contact_on", "verified_on", "status", "closed_on"],
    },
    KindWords {
        kind: Kind::Account,
        table: "accounts account customers customer companies clients 客户 公司 企业",
        id: "accountid customerid customerno customernumber customercode accountnumber accountno accountcode companyid clientid \
             客户编号 客户编码 客户id 客户代码 客户号",
        fields: &[
            (
                "name",
                "accountname customername companyname clientname 客户名称 客户全称 公司名称 企业名称 单位名称 | account customer \
                company client name 客户 公司 企业 名称 全称",
            ),
            ("country", "country billingcountry officelocation 国家"),
            ("grade", "grade customergrade customerlevel tier 客户等级 客户级别 | level 等级 级别"),
            ("tax_number", "taxnumber taxid vatnumber vatid 税号 纳税人识别号 统一社会信用代码 信用代码"),
            ("employees", "employees numberofemployees headcount 员工数 员工人数 人员规模"),
            ("revenue_minor", "annualrevenue companyrevenue 年营业额 年收入 年营收 | revenue turnover 营业额 营收"),
            ("parent", "parentaccount parentcompany subsidiaryof 母公司 上级客户 集团"),
            ("domain", "domain website web 网址 网站 官网 域名"),
            ("phone", "phone telephone phonenumber 电话 联系电话 公司电话"),
            ("address", "address billingaddress street 地址 公司地址 客户地址 详细地址"),
            ("segment", "segment customersegment customertype accounttype 客户类型 客户分类 客户类别 | type 类型"),
        ],
        telling: &["name", "grade", "tax_number", "employees", "revenue_minor", "domain", "address", "segment"],
    },
    KindWords {
        kind: Kind::Contact,
        table: "contacts contact 联系人 通讯录",
        id: "contactid contactno contactnumber 联系人编号 联系人id",
        fields: &[
            ("name", "contactname contactperson 联系人 联系人姓名 | name fullname 姓名 名称"),
            ("phone", "phone mobile telephone phonenumber mobilephone 电话 手机 手机号 联系电话 手机号码"),
            ("email", "email emailaddress mail 邮箱 电子邮件 电子邮箱"),
            ("post", "post jobtitle position 职务 职位 岗位 | title"),
            ("role", "buyingrole 决策角色 购买角色 | role 角色"),
        ],
        telling: &["name", "post", "role"],
    },
    KindWords {
        kind: Kind::Contract,
        table: "contracts contract agreements 合同 协议",
        id: "contractid contractno contractnumber contractcode 合同编号 合同号 合同编码 合同id 协议编号",
        fields: &[
            ("number", "paperno 纸质合同号 | number no 编号"),
            (
                "amount_minor",
                "contractamount contractvalue contracttotal 合同金额 合同额 合同总额 合同总金额 签约金额 | amount value total \
                totalamount 金额 总金额 总额",
            ),
            (
                "signed_on",
                "signeddate signdate signedon signingdate datesigned contractdate 签订日期 签约日期 签署日期 合同日期 合同签订日期 \
                签订时间 签约时间 签署时间 签单日期 | date 日期",
            ),
            (
                "begins_on",
                "effectivedate contractstartdate 生效日期 合同开始日期 | startdate begindate validfrom 开始日期 起始日期 生效时间",
            ),
            (
                "ends_on",
                "expirydate expirationdate contractenddate 合同结束日期 合同到期日期 合同到期日 | enddate validuntil 结束日期 到期日期 到期日 \
                截止日期 终止日期",
            ),
            ("status", "contractstatus 合同状态 | status state 状态"),
            ("signed_with", "signedwith 签约方 签约主体 签约公司"),
        ],
        telling: &["amount_minor", "signed_on", "begins_on", "ends_on", "status"],
    },
    KindWords {
        kind: Kind::OrderLine,
        table: "orderitems orderlines orderdetails orderline orderitem orderdetail lineitems 订单明细 订单行 订单产品 订单商品 销售明细",
        id: "orderlineid orderitemid orderlineno 订单行号 订单明细编号 明细编号",
        fields: &[
            (
                "amount_minor",
                "lineamount linetotal subtotal 小计 行金额 明细金额 | amount total price totalprice 金额 总价 销售金额",
            ),
            ("freight_minor", "freight freightvalue shippingcost 运费"),
            ("quantity_milli", "quantity qty units 数量 件数 订购数量"),
            ("product", "productname productid sku itemname 产品编号 产品编码 商品名称 商品 商品编号 品名 物料"),
        ],
        telling: &["freight_minor", "quantity_milli", "product"],
    },
    KindWords {
        kind: Kind::Order,
        table: "orders order salesorders 订单 销售订单",
        id: "orderid orderno ordernumber ordercode salesorderno 订单号 订单编号 订单编码 订单id 销售订单号",
        fields: &[
            ("number", "customerpo pono 客户订单号 | number no 编号"),
            (
                "ordered_on",
                "orderdate ordereddate orderedon orderedat purchasedate orderpurchasetimestamp 下单日期 下单时间 订单日期 订货日期 \
                订购日期 | date createdat createddate 日期 创建时间 创建日期",
            ),
            (
                "amount_minor",
                "orderamount ordervalue ordertotal 订单金额 订单总额 订单总金额 | amount total totalamount value 金额 总金额 价税合计",
            ),
            ("freight_minor", "freight freightvalue shippingcost 运费"),
            ("tax_minor", "tax taxamount vat 税额 税金"),
            ("status", "orderstatus 订单状态 | status state 状态"),
            (
                "promised_on",
                "promiseddate promisedon requesteddeliverydate estimateddeliverydate orderestimateddeliverydate \
                shippinglimitdate 交货日期 承诺交付日期 要求交货日期 约定交货日期 计划交货日期 预计交付日期 预计交货日期 交期 | duedate",
            ),
            (
                "delivered_on",
                "delivereddate deliveredon deliverydate shippeddate shippedon 交付日期 实际交付日期 发货日期 发货时间 签收日期 \
                实际交货日期",
            ),
        ],
        telling: &["ordered_on", "amount_minor", "status", "promised_on", "delivered_on"],
    },
    KindWords {
        kind: Kind::Invoice,
        table: "invoices invoice billing 发票 开票",
        id: "invoiceid invoiceno invoicenumber 发票号 发票号码 发票编号 票号",
        fields: &[
            ("number", "number no 编号"),
            (
                "issued_on",
                "invoicedate issuedate issueddate issuedon billingdate 开票日期 开票时间 发票日期 开具日期 | date 日期",
            ),
            (
                "due_on",
                "paymentduedate dueon 应付日期 付款截止日期 应收日期 应回款日期 最迟付款日 | duedate 到期日 到期日期 截止日期",
            ),
            (
                "amount_minor",
                "invoiceamount invoicetotal 开票金额 发票金额 | amount total totalamount 金额 价税合计 总金额",
            ),
            ("status", "invoicestatus 发票状态 开票状态 | status state 状态"),
        ],
        telling: &["issued_on", "due_on", "amount_minor", "status"],
    },
    KindWords {
        kind: Kind::Payment,
        table: "payments payment receipts receipt collections 回款 收款 付款 到款 收款记录 回款记录",
        id: "paymentid paymentno paymentnumber receiptid receiptno receiptnumber transactionid 回款编号 回款单号 收款单号 收款编号 \
             回款id 付款编号 流水号 交易流水号",
        fields: &[
            ("number", "number no 编号"),
            (
                "paid_on",
                "paymentdate paiddate paidon paidat datepaid receiptdate receiveddate receivedon 回款日期 回款时间 收款日期 \
                收款时间 到账日期 到账时间 付款日期 付款时间 到款日期 支付时间 支付日期 | date 日期",
            ),
            (
                "amount_minor",
                "paymentamount paymentvalue paidamount amountpaid amountreceived receivedamount 回款金额 收款金额 到账金额 \
                付款金额 实收金额 到款金额 支付金额 | amount value total 金额",
            ),
            (
                "method",
                "paymentmethod paymenttype paymentmode 收款方式 付款方式 支付方式 回款方式 结算方式 | method 方式",
            ),
            ("installments", "installments paymentinstallments 分期数 期数"),
        ],
        telling: &["paid_on", "amount_minor", "method", "installments"],
    },
    KindWords {
        kind: Kind::ServiceRequest,
        table: "servicerequests servicerequest tickets ticket cases case complaints support 工单 服务请求 服务单 售后 投诉 报修",
        id: "ticketid ticketno ticketnumber caseid caseno casenumber servicerequestid 工单号 工单编号 工单id 服务单号 服务编号",
        fields: &[
            ("number", "number no 编号"),
            ("type", "tickettype casetype requesttype 工单类型 服务类型 问题类型 | type category 类型 类别"),
            (
                "subject",
                "ticketsubject 工单标题 工单主题 问题描述 故障描述 服务内容 | subject title summary 主题 标题 问题",
            ),
            ("status", "ticketstatus casestatus 工单状态 服务状态 | status state 状态"),
            (
                "opened_on",
                "openeddate openedon openedat opendate dateopened 受理日期 受理时间 报修时间 报修日期 提交时间 提交日期 \
                | createddate createdat createdon created date 创建时间 创建日期 日期",
            ),
            (
                "closed_on",
                "resolveddate resolvedon resolvedat 解决时间 解决日期 结单时间 办结时间 | closeddate closedon closedat dateclosed 关闭时间 \
                关闭日期 完成时间 完成日期",
            ),
            ("person", "assignee handler 处理人 受理人 服务工程师 服务人员 | agent owner 工程师 负责人"),
            ("satisfaction", "satisfaction csat customersatisfaction 满意度 客户满意度 | rating score 评分 评价"),
        ],
        telling: &["type", "subject", "status", "opened_on", "closed_on", "person", "satisfaction"],
    },
    KindWords {
        kind: Kind::Expense,
        table: "expenses expense costs spend adspend 费用 花费 投放 推广费 营销费用",
        id: "expenseid expenseno 费用编号 费用单号 报销单号",
        fields: &[
            ("type", "expensetype costtype 费用类型 费用类别 费用科目 | type category 类型 类别"),
            (
                "amount_minor",
                "expenseamount costamount spend adspend 费用金额 花费金额 投放金额 花费 费用 消耗 | amount cost expense 金额 成本",
            ),
            (
                "spent_on",
                "expensedate spentdate spenton costdate 费用日期 发生日期 投放日期 花费日期 报销日期 | date day month 日期 月份",
            ),
            ("person", "spentby 报销人 经办人 申请人 | person employee 人员 员工 负责人"),
        ],
        telling: &["type", "amount_minor", "spent_on", "person"],
    },
    KindWords {
        kind: Kind::Target,
        table: "targets target quotas quota 目标 销售目标 业绩目标 定额 任务",
        id: "targetid 目标编号",
        fields: &[
            (
                "from_on",
                "periodstart fromdate periodbegin 期初 目标开始日期 | from startdate month quarter period 开始日期 起始日期 月份 季度 期间",
            ),
            ("to_on", "periodend todate 期末 目标结束日期 | to enddate 结束日期 截止日期"),
            ("person", "person salesperson salesrep rep employee 人员 销售 销售人员 员工 负责人 姓名"),
            (
                "amount_minor",
                "target targetamount quota quotaamount 目标金额 销售目标 业绩目标 目标额 任务金额 定额 目标 | amount 金额",
            ),
            ("deals", "targetdeals targetcount 目标数量 目标个数 目标单数"),
        ],
        telling: &["from_on", "to_on", "amount_minor", "deals"],
    },
    KindWords {
        kind: Kind::Activity,
        table: "activities activity followups followup visits calls tasks meetings 跟进记录 跟进 拜访记录 拜访 活动记录 联系记录",
        id: "activityid activityno taskid 跟进编号 拜访编号 活动编号",
        fields: &[
            (
                "type",
                "activitytype followuptype calltype 跟进方式 跟进类型 拜访方式 拜访类型 联系方式 | type 类型 方式",
            ),
            (
                "at",
                "activitydate activityat followupdate visitdate calldate 跟进时间 跟进日期 拜访日期 拜访时间 联系时间 联系日期 活动时间 活动日期 \
                | date time at 时间 日期",
            ),
            ("done", "done completed isclosed isdone 是否完成 已完成"),
            (
                "note",
                "activitynote 跟进内容 跟进记录 拜访内容 沟通内容 拜访纪要 | note notes content description comment comments 内容 备注 记录",
            ),
            ("person", "visitor caller 跟进人 拜访人 跟进人员 | person owner rep assignedto 人员 负责人 销售"),
        ],
        telling: &["type", "at", "done", "note", "person"],
    },
    KindWords {
        kind: Kind::DealLine,
        table: "dealproducts deallines opportunityproducts opportunitylineitems dealline opportunityproduct opportunitylineitem 商机产品明细 \
                商机产品 商机明细 报价明细",
        id: "deallineid opportunitylineitemid 商机明细编号",
        fields: &[
            ("amount_minor", "lineamount linetotal subtotal 小计 行金额 | amount total price totalprice 金额 总价"),
            ("quantity_milli", "quantity qty units 数量 件数"),
            ("is_primary", "isprimary primary mainproduct 主要产品 是否主产品"),
            ("product", "productname productid sku 产品编号 产品编码 商品 品名"),
        ],
        telling: &["quantity_milli", "is_primary", "product"],
    },
    KindWords {
        kind: Kind::Product,
        table: "products product productlist 产品 商品 物料",
        id: "productid productcode productno productseq sku 产品编号 产品编码 产品id 料号 物料编码 商品编号 商品编码",
        fields: &[
            ("name", "productname 产品名称 商品名称 品名 物料名称 | product name 产品 商品 名称"),
            ("code", "code 编码 代码"),
            (
                "category",
                "productcategory productfamily productline 产品类别 产品分类 产品线 产品系列 | category series family 类别 分类 系列",
            ),
            ("price_minor", "listprice unitprice salesprice suggestedretailprice 标价 单价 售价 产品价格 | price 价格"),
        ],
        telling: &["name", "category", "price_minor"],
    },
    KindWords {
        kind: Kind::Person,
        table: "people persons users user employees employee salesreps salesteams salesteam staff 人员 员工 销售人员 用户",
        id: "userid employeeid employeeno personid salesrepid systemuserseq 员工编号 工号 人员编号 用户id",
        fields: &[
            (
                "name",
                "employeename salesagent salesrep ownername username 员工姓名 人员姓名 销售姓名 | name fullname owner 姓名 名称 负责人",
            ),
            ("email", "email emailaddress mail 邮箱 电子邮件 电子邮箱"),
            ("team", "manager"),
            ("manager", "managerid reportsto supervisor 上级 直属上级 主管 汇报对象 直接上级"),
            ("role", "jobrole 岗位 职务 职位 | role title 角色"),
            ("active", "isactive active 在职 是否在职 | enabled 启用"),
        ],
        telling: &["name", "manager", "role", "active"],
    },
    KindWords {
        kind: Kind::Team,
        table: "teams team departments department 团队 部门",
        id: "teamid teamno departmentid 团队编号 部门编号 部门id",
        fields: &[
            ("name", "teamname departmentname 团队名称 部门名称 | team department name 团队 部门 名称"),
            ("parent", "parentteam parentdepartment 上级团队 上级部门 | parent 上级"),
        ],
        telling: &["name", "parent"],
    },
    KindWords {
        kind: Kind::Campaign,
        table: "campaigns campaign 市场活动 营销活动",
        id: "campaignid campaignno campaignseq 活动编号 活动编码 活动id 市场活动编号",
        fields: &[
            ("name", "campaignname 活动名称 市场活动 市场活动名称 营销活动 | campaign name 名称"),
            ("type", "campaigntype 活动类型 | type 类型"),
            ("cost_minor", "campaigncost actualcost budgetedcost 活动费用 活动花费 活动成本 | cost 费用 成本"),
        ],
        telling: &["name", "type", "cost_minor"],
    },
    KindWords {
        kind: Kind::Channel,
        table: "channels channel partners partner 渠道 合作伙伴",
        id: "channelid channelno partnerid 渠道编号 渠道编码 渠道id",
        fields: &[
            ("name", "channelname partnername 渠道名称 | channel partner name 渠道 名称"),
            ("trusted", "trusted 可信"),
            ("type", "channeltype 渠道类型 | type 类型"),
        ],
        telling: &["name", "type"],
    },
    KindWords {
        kind: Kind::Region,
        table: "regions region territories territory 区域 大区",
        id: "regionid regioncode territoryid territoryseq 区域编号 区域编码 大区编号",
        fields: &[
            ("name", "regionname territoryname 区域名称 大区名称 | region territory name 区域 大区 名称"),
            ("parent", "parentregion 上级区域 所属大区 | parent 上级"),
            ("country", "country 国家"),
        ],
        telling: &["name", "parent"],
    },
    KindWords {
        kind: Kind::Industry,
        table: "industries industry 行业",
        id: "industryid industrycode 行业编号 行业编码 行业代码",
        fields: &[
            ("name", "industryname 行业名称 | industry name 行业 名称"),
            ("parent", "parentindustry 上级行业 行业大类 | parent 上级"),
        ],
        telling: &["name", "parent"],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use domain::field;

    use super::super::words::folded;
    use super::*;
    use crate::mapping::mappable;

    #[test]
    fn words_are_of_fields_that_are_there_and_mean_one_of_a_kind() {
        for words in KINDS.iter().filter(|words| words.kind != Kind::Opportunity) {
            let mut seen = HashMap::new();
            for (name, headings) in words.fields.iter().chain(&[("id", words.id)]) {
                let is_there = *name == "id" || mappable(words.kind).any(|def| def.name == *name);
                assert!(is_there, "{}: {name}", words.kind.as_str());
                for heading in headings.split_whitespace().filter(|word| *word != "|") {
                    assert_eq!(heading, folded(heading), "{}: {name}", words.kind.as_str());
                    let before = seen.insert(heading, *name);
                    // The number on the paper may be the id; a product's is.
                    assert_eq!(before, None, "{}: `{heading}` stands twice", words.kind.as_str());
                }
            }
            for name in words.telling {
                assert!(field::named(words.kind, name).is_some(), "{}: {name}", words.kind.as_str());
            }
        }
    }

    #[test]
    fn every_kind_but_numbers_of_ones_own_has_words() {
        let lacking: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| of(*kind).is_none()).collect();
        assert_eq!(lacking, [Kind::MetricValue]);
    }
}
