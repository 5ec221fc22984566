//! `plumb mute`.

use std::path::Path;

use anyhow::Context as _;
use jiff::civil::Date;
use plumb_model::mute::Mute;
use serde_json::json;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::arguments::{Common, Mute as Arguments, MuteRule};
use crate::exit::{Exit, usage};
use crate::{mutes, print};

pub(crate) fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments {
        Arguments::Add(rule) => {
            let path = mutes::path(common, rule.file.file.as_ref())?;
            add(&path, &rule)?;
        }
        Arguments::List { file, json } => {
            let path = mutes::path(common, file.file.as_ref())?;
            list(&mutes::read(&path, file.file.is_some())?, json.json)?;
        }
        Arguments::Remove { number, file } => {
            let path = mutes::path(common, file.file.as_ref())?;
            remove(&path, number)?;
        }
    }
    Ok(Exit::Success)
}

fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn add(path: &Path, rule: &MuteRule) -> anyhow::Result<()> {
    if rule.reason.trim().is_empty() || rule.owner.trim().is_empty() {
        return Err(usage("a reason and an owner are required; somebody must answer for what is accepted"));
    }
    if rule.expires.is_some_and(|last| last < today()) {
        return Err(usage("--expires lies in the past"));
    }
    let patterns =
        [("check", &rule.check), ("resource", &rule.resource), ("account", &rule.account), ("region", &rule.region)];
    if patterns.iter().all(|(_, pattern)| *pattern == "*") {
        return Err(usage(
            "this would accept everything; name at least one of --check, --resource, --account, --region",
        ));
    }
    let mut document = read(path)?;
    let mut entry = Table::new();
    for (field, pattern) in patterns.into_iter().filter(|(_, pattern)| *pattern != "*") {
        entry.insert(field, value(pattern.as_str()));
    }
    entry.insert("reason", value(rule.reason.as_str()));
    entry.insert("owner", value(rule.owner.as_str()));
    if let Some(date) = rule.expires {
        entry.insert("expires", value(date.to_string()));
    }
    let entries = document.entry("mute").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    entries
        .as_array_of_tables_mut()
        .ok_or_else(|| usage(format!("{}: `mute` is no list", path.display())))?
        .push(entry);
    write(path, &document)?;
    eprintln!("accepted, in {}", path.display());
    Ok(())
}

fn remove(path: &Path, number: usize) -> anyhow::Result<()> {
    let mut document = read(path)?;
    let entries = document.get_mut("mute").and_then(Item::as_array_of_tables_mut);
    match entries.filter(|entries| (1..=entries.len()).contains(&number)) {
        Some(entries) => entries.remove(number - 1),
        None => return Err(usage(format!("{} has no entry {number}", path.display()))),
    };
    write(path, &document)
}

/// The file as its owner wrote it, comments and all; empty where there is none.
fn read(path: &Path) -> anyhow::Result<DocumentMut> {
    mutes::read(path, false)?;
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.with_context(|| path.display().to_string())?,
    };
    text.parse().with_context(|| path.display().to_string())
}

fn write(path: &Path, document: &DocumentMut) -> anyhow::Result<()> {
    let named = || path.display().to_string();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(named)?;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    std::fs::write(&part, document.to_string()).with_context(named)?;
    std::fs::rename(&part, path).with_context(named)
}

fn list(mutes: &[Mute], as_json: bool) -> anyhow::Result<()> {
    let today = today().to_string();
    if as_json {
        let row = |(number, mute): (usize, &Mute)| {
            json!({
                "number": number, "check": mute.check, "resource": mute.resource, "account": mute.account,
                "region": mute.region, "reason": mute.reason, "owner": mute.owner, "expires": mute.expires,
                "holds": mute.holds_on(&today),
            })
        };
        let rows: Vec<serde_json::Value> = (1..).zip(mutes).map(row).collect();
        return print::json(&json!({ "mutes": rows }));
    }
    if mutes.is_empty() {
        print::out("Nothing is accepted.")?;
        return Ok(());
    }
    let mut table = print::table(&["", "CHECK", "RESOURCE", "ACCOUNT", "REGION", "REASON", "OWNER", "UNTIL"]);
    for (number, mute) in (1..).zip(mutes) {
        let until = match &mute.expires {
            Some(last) if mute.holds_on(&today) => last.clone(),
            Some(last) => format!("{last} (over)"),
            None => String::new(),
        };
        let number: i32 = number;
        let row = [
            &number.to_string(),
            &mute.check,
            &mute.resource,
            &mute.account,
            &mute.region,
            &mute.reason,
            &mute.owner,
            &until,
        ];
        table.add_row(print::row(row.map(String::as_str)));
    }
    print::out(&table.to_string())?;
    Ok(())
}
