//! Who sends requests for a target. The engine only asks for one: what it opens, and with which credentials, is decided where the
//! program is put together.

use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use plumb_runtime::egress::Egress;

use crate::request::TargetRequest;

/// Opens what sends the requests of a target's provider.
pub trait EgressSource: Debug + Send + Sync {
    /// An error says what is missing, and what to do.
    fn open(&self, target: &TargetRequest) -> Result<Arc<dyn Egress>, String>;

    /// Where a repository may be fetched from: the addresses of its host. None where whoever named it runs this program, and may fetch
    /// what they like. An error names the rule that refuses it.
    fn addresses<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Option<Vec<IpAddr>>, String>>;
}
