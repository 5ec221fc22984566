//! `plumb token`.

use plumb_server::AdminCommand;
use serde_json::Value;

use crate::administer::administer;
use crate::arguments::Common;
use crate::arguments::access::Token as Arguments;
use crate::exit::Exit;
use crate::{context, print};

pub(crate) fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    let folder = context::data(common)?;
    match arguments {
        Arguments::Create { tenant, role, scope, name, expires } => {
            let command = AdminCommand::TokenCreate {
                tenant,
                name,
                role: role.map(|role| role.as_str().to_owned()),
                scopes: scope.iter().map(|scope| scope.as_str().to_owned()).collect(),
                expires_in_seconds: expires.map(|time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX)),
            };
            // The token alone, for scripts.
            print::out(print::field(&administer(&folder, &command)?, "token"))?;
        }
        Arguments::List { tenant, json } => {
            let tokens = administer(&folder, &AdminCommand::TokenList { tenant })?;
            if json.json { print::json(&tokens)? } else { list(&tokens)? }
        }
        Arguments::Revoke { token } => {
            let revoked = administer(&folder, &AdminCommand::TokenRevoke { token })?;
            eprintln!(
                "revoked {} ({})",
                print::plain(print::field(&revoked, "prefix")),
                print::plain(print::field(&revoked, "name"))
            );
        }
    }
    Ok(Exit::Success)
}

fn list(tokens: &Value) -> anyhow::Result<()> {
    let mut table = print::table(&["token", "id", "tenant", "name", "may", "expires", "last used", "state"]);
    print::keep_whole(&mut table, 1);
    for entry in tokens.as_array().into_iter().flatten() {
        let about = &entry["about"];
        let scopes: Vec<&str> = about["scopes"].as_array().into_iter().flatten().map(text).collect();
        let may = about["role"].as_str().map_or_else(|| scopes.join(" "), str::to_owned);
        let state = if about["revoked_at"].is_null() { "" } else { "revoked" };
        table.add_row(print::row([
            text(&about["prefix"]),
            text(&about["id"]),
            text(&entry["tenant"]),
            text(&about["name"]),
            &may,
            about["expires_at"].as_str().unwrap_or("never"),
            about["last_used_at"].as_str().unwrap_or("never"),
            state,
        ]));
    }
    print::out(&table.to_string())?;
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
