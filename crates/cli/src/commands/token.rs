//! `loudou token`: new, list, revoke.

use std::collections::BTreeSet;

use app::access::{Caller, NewToken};
use app::answer::{Answer, Cell, Column, Terms, Unit};
use app::{AppError, Result};
use domain::people::May;
use serde_json::json;

use super::user::door;
use crate::args::{TokenCommand, TokenNewArgs};
use crate::context::Context;

pub(crate) async fn run(context: &Context, command: TokenCommand) -> Result<()> {
    match command {
        TokenCommand::New(args) => new(context, args).await,
        TokenCommand::List => list(context).await,
        TokenCommand::Revoke { id } => {
            door(context).await?.revoke_token(&Caller::machine(), id, context.now()).await?;
            if context.common.json {
                return context.show_json(&json!({"terms": {}, "rows": [{"id": id}]}));
            }
            context.print(&format!("{} {id}\n", context.pick("已撤销", "Revoked")))
        }
    }
}

async fn new(context: &Context, args: TokenNewArgs) -> Result<()> {
    let (access, machine) = (door(context).await?, Caller::machine());
    let user = access.user_named(&machine, &args.user).await?.user.id;
    let may = if args.may.is_empty() { None } else { Some(may(&args.may)?) };
    let new = NewToken { user, name: args.name, may, days: args.days };
    let (seen, secret) = access.new_token(&machine, new, context.now()).await?;
    if context.common.json {
        let row = json!({
            "id": seen.token.id,
            "name": seen.token.name,
            "expires_at": seen.token.expires_at.to_string(),
            "token": secret,
        });
        return context.show_json(&json!({"terms": {}, "rows": [row]}));
    }
    context.print(&format!("{secret}\n"))
}

async fn list(context: &Context) -> Result<()> {
    let columns = vec![
        Column::new("id", "编号", "id", Unit::Count),
        Column::new("user", "用户", "user", Unit::Text),
        Column::new("name", "用途", "for", Unit::Text),
        Column::new("may", "权限", "may", Unit::Text),
        Column::new("expires_at", "到期", "ends", Unit::Text),
        Column::new("last_used_at", "上次使用", "last used", Unit::Text),
    ];
    let mut answer = Answer::new("令牌", "Tokens", Terms::default(), columns);
    for seen in door(context).await?.tokens(&Caller::machine(), true).await? {
        let token = seen.token;
        let words = |may: BTreeSet<May>| may.iter().map(|may| may.as_str()).collect::<Vec<_>>().join(" ");
        let all =
            Cell::Name { zh: "用户的全部权限".into(), en: "all that the user may".into(), key: "all".into() };
        answer.push(vec![
            Cell::Int(token.id),
            Cell::Text(seen.user_name),
            Cell::Text(token.name),
            token.may.map_or(all, |may| Cell::Text(words(may))),
            Cell::Text(token.expires_at.to_string()),
            Cell::Text(token.last_used_at.map(|at| at.to_string()).unwrap_or_default()),
        ]);
    }
    context.show(&answer)
}

fn may(words: &[String]) -> Result<BTreeSet<May>> {
    let one = |word: &String| {
        May::parse(word).ok_or_else(|| {
            let all: Vec<_> = May::ALL.iter().map(|may| may.as_str()).collect();
            AppError::input((format!("没有权限“{word}”"), format!("there is no right `{word}`")))
                .hint((format!("权限有：{}", all.join("、")), format!("rights are {}", all.join(", "))))
        })
    };
    words.iter().map(one).collect()
}
