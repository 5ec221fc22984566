//! The view of a whole account, for rules that no single resource can answer: "a trail covers all regions".

use crate::bindings::checks::plumbline::plugin::snapshot;
use crate::bindings::checks::plumbline::plugin::types::Document;
use crate::document::Value;
use crate::encode::encode;
use crate::resource::{OwnedResource, Resource, Unread};

/// How many resources a page holds: the host's own bound.
const PAGE: u32 = 256;

/// What an outcome of an account check is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Account,
    /// By resource id.
    Resource(String),
}

/// All resources of one scan and account.
#[derive(Debug)]
pub struct Account<'a>(Source<'a>);

#[derive(Debug)]
enum Source<'a> {
    Host,
    Fixture { resources: &'a [OwnedResource], gaps: &'a [(&'a str, &'a str)] },
}

impl<'a> Account<'a> {
    /// The account that the host is asking about. Only inside a plugin; natively it has no resources to give.
    #[must_use]
    pub fn of_the_scan() -> Account<'static> {
        Account(Source::Host)
    }

    /// For tests: these resources, and these `(kind, reason)` gaps.
    #[must_use]
    pub fn of(resources: &'a [OwnedResource], gaps: &'a [(&'a str, &'a str)]) -> Account<'a> {
        Account(Source::Fixture { resources, gaps })
    }

    /// Calls `visit` with each resource of a kind. `Err` where the kind, or a part of it, could not be listed: absence then
    /// proves nothing. Use [`Account::each_listed`] for rules that one good resource satisfies.
    pub fn each(&self, kind: &str, visit: impl FnMut(&Resource<'_>) -> Result<(), Unread>) -> Result<(), Unread> {
        self.each_listed(kind, visit)?;
        self.complete(kind)
    }

    /// `Err` where the kind, or a part of it, could not be listed.
    pub fn complete(&self, kind: &str) -> Result<(), Unread> {
        let reason = match &self.0 {
            Source::Host => snapshot::gaps(kind).into_iter().next().map(|gap| gap.reason),
            Source::Fixture { gaps, .. } => {
                gaps.iter().find(|(gap, _)| *gap == kind).map(|(_, reason)| (*reason).to_owned())
            }
        };
        reason.map_or(Ok(()), |reason| Err(Unread { path: kind.to_owned(), reason }))
    }

    /// Calls `visit` with each resource of a kind that could be listed, whether or not some could not.
    pub fn each_listed(
        &self,
        kind: &str,
        mut visit: impl FnMut(&Resource<'_>) -> Result<(), Unread>,
    ) -> Result<(), Unread> {
        self.documents(kind, |document| visit(&Resource::new(document)))
    }

    /// Copies of the resources of a kind that could be listed: for kinds of which an account has few.
    #[must_use]
    pub fn listed(&self, kind: &str) -> Vec<OwnedResource> {
        let mut copies = Vec::new();
        // The visit refuses nothing.
        _ = self.documents(kind, |document| {
            copies.push(OwnedResource::copy(document));
            Ok(())
        });
        copies
    }

    fn documents(&self, kind: &str, mut visit: impl FnMut(Value<'_>) -> Result<(), Unread>) -> Result<(), Unread> {
        match &self.0 {
            Source::Host => {
                let cursor = snapshot::open(kind);
                while let Some(page) = cursor.next(PAGE) {
                    let bytes = match page {
                        Document::Msgpack(bytes) => bytes,
                        Document::Json(text) => {
                            let json = serde_json::from_str(&text).unwrap_or_default();
                            let mut bytes = Vec::new();
                            encode(&json, &mut bytes);
                            bytes
                        }
                    };
                    Value::new(&bytes).elements().try_for_each(&mut visit)?;
                }
                Ok(())
            }
            Source::Fixture { resources, .. } => {
                let mut own = resources.iter().filter(|resource| resource.view().kind == kind);
                own.try_for_each(|resource| visit(resource.document()))
            }
        }
    }
}
