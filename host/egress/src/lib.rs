//! What leaves the program for the network. In reading order:
//!
//! - [`guard`]: which URLs and which addresses may be reached at all.
//! - [`client`]: sends one request and takes one bounded answer; nothing follows redirects, nothing knows a proxy.
//! - [`environment`]: the variables of the program's environment; nothing else reads them.
//! - `secrets`: those that are alive, shown nowhere and struck everywhere.
//! - [`pace`] and `sending`: how many at once, how often again, how long.
//! - [`aws`]: what may be asked of AWS, for whom it is signed, where it is sent.
//! - [`recording`]: calls and answers as files.
//!
//! Nothing here writes to a cloud but the steps of a remediation that was granted, and no credential ever leaves but as a signature,
//! or to the service that exchanges it.

pub mod aws;
pub mod client;
pub mod environment;
pub mod guard;
pub mod pace;
mod percent;
pub mod recording;
mod secrets;
mod sending;

pub use aws::{Aws, Options};
pub use client::{Answer, Trust, WebClient, WebError};
pub use environment::Environment;
pub use guard::{Allowed, Endpoint};
pub use pace::Pace;
pub use recording::Recording;
