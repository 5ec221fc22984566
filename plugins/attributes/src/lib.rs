//! What attributes of Terraform's kinds mean, for all providers that name them so.
//!
//! No plugin of its own: providers are built with it. [`hints`] is for those who compare two versions of a resource, [`sensitive`]
//! names secrets.

pub mod hints;
pub mod sensitive;
