//! `plumb tenant`.

use plumb_server::AdminCommand;
use serde_json::Value;

use crate::administer::administer;
use crate::arguments::Common;
use crate::arguments::access::Tenant as Arguments;
use crate::exit::Exit;
use crate::{context, print};

pub(crate) fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    let folder = context::data(common)?;
    match arguments {
        Arguments::Create { name, retention_days, max_concurrent_scans } => {
            let command = AdminCommand::TenantCreate { name, retention_days, max_concurrent_scans };
            let made = administer(&folder, &command)?;
            print::out(print::field(&made, "id"))?;
        }
        Arguments::List(json) => {
            let tenants = administer(&folder, &AdminCommand::TenantList {})?;
            if json.json { print::json(&tenants)? } else { list(&tenants)? }
        }
    }
    Ok(Exit::Success)
}

fn list(tenants: &Value) -> anyhow::Result<()> {
    let mut table = print::table(&["name", "id", "created", "retention", "scans at a time"]);
    for tenant in tenants.as_array().into_iter().flatten() {
        let text = |field: &str| tenant[field].as_str().unwrap_or_default();
        let number =
            |field: &str, none: &str| tenant[field].as_u64().map_or_else(|| none.to_owned(), |n| n.to_string());
        let (days, scans) = (number("retention_days", "all"), number("max_concurrent_scans", "the server's"));
        table.add_row(print::row([text("name"), text("id"), text("created_at"), &days, &scans]));
    }
    print::out(&table.to_string())?;
    Ok(())
}
