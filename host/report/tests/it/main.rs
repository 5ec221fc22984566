//! Every format over one scan that has some of everything, hostile names included.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on says so and ends")]

mod fixture;
mod looks;
mod snapshots;
mod streaming;
mod validators;
