//! Checks for AWS resources.
