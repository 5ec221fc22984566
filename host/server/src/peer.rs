//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::extract::Request;

/// The address of the connection. Behind a proxy that is the proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl Peer {
    /// Of a request; one that came over no network has none. Of an IPv6 address only the network counts: whoever has one address
    /// of it has them all.
    pub(crate) fn of(request: &Request) -> IpAddr {
        match request.extensions().get::<Peer>().map(|peer| peer.0.to_canonical()) {
            Some(IpAddr::V6(address)) if !address.is_loopback() => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            Some(address) => address,
            None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        }
    }
}
