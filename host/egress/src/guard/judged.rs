//! The addresses of a name, all of them judged.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::timeout;

use super::address::not_public;
use super::connect::ConnectError;
use super::resolve::Resolve;
use super::{Allowed, Endpoint, Url};

/// How long a resolver may take. A cloud's own names take some milliseconds.
const RESOLVE_TIME: Duration = Duration::from_secs(10);

impl Allowed {
    /// For whoever opens a connection by other means: where it may lead, and nowhere else.
    pub async fn addresses(&self, url: &Url, resolver: &dyn Resolve) -> Result<Vec<IpAddr>, String> {
        self.check(&url.endpoint)?;
        judged(self, resolver, &url.endpoint).await.map_err(|error| error.to_string())
    }
}

pub(super) async fn judged(
    allowed: &Allowed,
    resolver: &dyn Resolve,
    endpoint: &Endpoint,
) -> Result<Vec<IpAddr>, ConnectError> {
    let host = endpoint.host();
    let failed = |error: String| ConnectError::Failed(format!("{host} has no address: {error}"));
    let addresses = match endpoint.address() {
        Some(address) => vec![address],
        None => timeout(RESOLVE_TIME, resolver.resolve(&host))
            .await
            .map_err(|_| failed("the resolver does not answer".to_owned()))?
            .map_err(|error| failed(error.to_string()))?,
    };
    if addresses.is_empty() {
        return Err(failed("the resolver knows none".to_owned()));
    }
    // One address that is not public condemns the others: nobody who means well mixes them.
    addresses.iter().try_for_each(|address| judge(allowed, endpoint, *address))?;
    Ok(addresses)
}

pub(super) fn judge(allowed: &Allowed, endpoint: &Endpoint, address: IpAddr) -> Result<(), ConnectError> {
    match not_public(address) {
        Some(what) if !allowed.exempts(endpoint) => {
            Err(ConnectError::Refused(format!("{} is at {address}, which is {what}", endpoint.host())))
        }
        _ => Ok(()),
    }
}
