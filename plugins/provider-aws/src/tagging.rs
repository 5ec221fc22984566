//! Tags of kinds that no call of their own service tells together with them: one list for each kind and region, of the API that
//! knows the tags of all services, instead of a call for each resource. What it does not name has no tags.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use crate::answer::Failure;
use crate::api::{Api, Protocol};
use crate::call::{Call, Given};
use crate::session::{Session, items_of};
use crate::value;

static API: Api =
    Api::regional("tagging", Protocol::Json("1.1", "ResourceGroupsTaggingAPI_20170126")).with_actions("tag");

/// Asked of an item that names a `Type`, as [`of`] makes it.
pub static GET_RESOURCES: Call = API
    .call("GetResources")
    .given(&[("ResourceTypeFilters", Given::OneOf("Type"))])
    .items("ResourceTagMappingList")
    .paged("PaginationToken", "PaginationToken");

/// What the call is asked about.
pub fn of(resource_type: &str) -> Json {
    json!({"Type": resource_type})
}

/// The tags of all resources of a type in the session's region, by ARN.
pub fn read(session: &Session<'_>, resource_type: &str) -> Result<HashMap<String, Map<String, Json>>, Failure> {
    let mut tags = HashMap::new();
    let mut failed = None;
    let asked = session.ask(&[(&GET_RESOURCES, 0)], &[of(resource_type)], &|_| None, &mut |_, page| {
        match page {
            Ok(answer) => {
                for entry in answer.into_iter().flat_map(|answer| items_of(&GET_RESOURCES, answer)) {
                    tags.extend(
                        value::text(&entry, "ResourceARN").map(|arn| (arn, crate::collect::tags(&entry, "Tags"))),
                    );
                }
            }
            Err(failure) => failed = failed.take().or(Some(failure)),
        }
        Ok(())
    });
    match (asked, failed) {
        (Ok(()), None) => Ok(tags),
        (_, failed) => Err(failed.unwrap_or_default()),
    }
}
