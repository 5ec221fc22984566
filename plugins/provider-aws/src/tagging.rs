//! Tags of kinds that no call of their own service tells together with them: one list for each kind and region, of the API that
//! knows the tags of all services, instead of a call for each resource. What it does not name has no tags.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use crate::answer::Failure;
use crate::api::{Api, Protocol};
use crate::call::{Call, Given};
use crate::session::{Asking, Page, items_of};
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

/// The tags of all resources of a type in one region, while they are being read.
#[derive(Debug)]
pub struct Tags {
    /// None once all pages are there.
    pub asking: Option<Asking>,
    /// By ARN, or why they are not known.
    known: Result<HashMap<String, Map<String, Json>>, Failure>,
}

impl Default for Tags {
    fn default() -> Tags {
        Tags { asking: Some(Asking::new(&GET_RESOURCES)), known: Ok(HashMap::new()) }
    }
}

impl Tags {
    pub fn keep(&mut self, page: Page) {
        match (page, &mut self.known) {
            (Err(failure), Ok(_)) => self.known = Err(failure),
            (Ok(Some(answer)), Ok(known)) => {
                known.extend(items_of(&GET_RESOURCES, answer).iter().filter_map(|entry| {
                    Some((value::text(entry, "ResourceARN")?, crate::collect::tags(entry, "Tags")))
                }));
            }
            _ => {}
        }
    }

    /// Those of one resource.
    pub fn of(&self, arn: &str) -> Result<Map<String, Json>, &Failure> {
        self.known.as_ref().map(|known| known.get(arn).cloned().unwrap_or_default())
    }
}
