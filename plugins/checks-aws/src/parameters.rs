//! Parameter groups of databases: what they set, looked up by name.

use std::collections::HashMap;

use plumbline::prelude::*;

use crate::inventory::{self, Lookup};

/// What the parameter groups of some kinds set themselves.
pub(crate) struct ParameterGroups<'a> {
    account: &'a Account<'a>,
    /// Kind, region and name → parameter → value.
    groups: Lookup<(String, String, String), HashMap<String, String>>,
}

impl<'a> ParameterGroups<'a> {
    pub(crate) fn of(account: &'a Account<'a>, kinds: &[&str]) -> ParameterGroups<'a> {
        let key = |group: &Resource<'_>| {
            let name = group.text("name")?;
            Ok(name.map(|name| (group.kind.to_owned(), group.region.to_owned(), name.to_owned())))
        };
        ParameterGroups { account, groups: inventory::lookup(account, kinds, key, parameters) }
    }

    /// The value of a parameter that a group itself sets; `None` also for AWS's default groups, which need not be listed. `Err` where
    /// the group is not known.
    pub(crate) fn setting(
        &self,
        kind: &str,
        region: &str,
        group: &str,
        parameter: &str,
    ) -> Result<Option<&str>, Unread> {
        let key = (kind.to_owned(), region.to_owned(), group.to_owned());
        match inventory::of_key(&self.groups, &key)?.last() {
            Some(own) => Ok(own.as_ref().map_err(Unread::clone)?.get(parameter).map(String::as_str)),
            None if group.starts_with("default.") => Ok(None),
            None => {
                self.account.complete(kind)?;
                Err(Unread { path: kind.to_owned(), reason: format!("the group {group} was not found") })
            }
        }
    }
}

fn parameters(group: &Resource<'_>) -> Result<HashMap<String, String>, Unread> {
    let mut own = HashMap::new();
    for parameter in group.list("parameter")? {
        if let (Some(name), Some(value)) = (parameter.text("name")?, parameter.text("value")?) {
            own.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(own)
}
