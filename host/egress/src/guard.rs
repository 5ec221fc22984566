//! What may be reached: [`url`] says which texts are URLs, [`address`] which addresses are public, `judged` puts names and
//! addresses together, [`connect`] opens connections to nothing else, and [`Allowed`] holds the exceptions that the operator made.

pub mod address;
pub(crate) mod connect;
mod judged;
pub mod resolve;
pub mod url;

use std::collections::BTreeSet;

pub use url::{Endpoint, Url};

/// What may be reached: public addresses, by name, with TLS; and the endpoints that the operator named.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    endpoints: BTreeSet<Endpoint>,
    any_port: bool,
}

/// The port of everything that is not the operator's own.
const HTTPS_PORT: u16 = 443;

impl Allowed {
    /// `https` to port 443 of hosts at public addresses.
    pub fn public() -> Allowed {
        Allowed::default()
    }

    /// Other ports of hosts at public addresses too: for URLs that an operator or a tenant wrote, never for those of a plugin.
    #[must_use]
    pub fn on_any_port(mut self) -> Allowed {
        self.any_port = true;
        self
    }

    /// One endpoint that the operator configured, wherever it is: exactly this scheme, host and port.
    #[must_use]
    pub fn and(mut self, endpoint: Endpoint) -> Allowed {
        self.endpoints.insert(endpoint);
        self
    }

    /// Whether the operator named it, so that its address is not judged.
    pub(crate) fn exempts(&self, endpoint: &Endpoint) -> bool {
        self.endpoints.contains(endpoint)
    }

    /// Names the rule that refuses an endpoint, as far as it can be told before its name is resolved.
    pub fn check(&self, endpoint: &Endpoint) -> Result<(), String> {
        if self.exempts(endpoint) {
            return Ok(());
        }
        if !endpoint.is_https() {
            return Err(format!("{endpoint} is not https"));
        }
        if endpoint.port() != HTTPS_PORT && !self.any_port {
            return Err(format!("{endpoint} is not at port {HTTPS_PORT}"));
        }
        if endpoint.is_literal() {
            return Err(format!("{endpoint} is an address; hosts are reached by name"));
        }
        Ok(())
    }
}
