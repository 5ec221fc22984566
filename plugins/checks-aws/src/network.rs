//! Address ranges and ports: what a set of rules lets in.
//!
//! [`addresses`] holds sets of addresses and says when one is the internet; [`ports`] reads a rule's protocol and
//! ports.

pub mod addresses;
pub mod ports;

pub use addresses::{Addresses, Block};
pub use ports::{Traffic, Transport};
