//! A live account without a cloud: a server with the answers of a generated one, which counts what it is asked, and a client that
//! asks the same again and does nothing with what it gets.
//!
//! The account's lists and details have the shapes that provider-aws's recordings have; what it does not have is answered with an
//! empty list.

mod account;
mod bare;
mod dependent;
mod following;
mod lists;
mod server;
mod traffic;

pub(crate) use bare::repeat;
pub(crate) use server::serve;
