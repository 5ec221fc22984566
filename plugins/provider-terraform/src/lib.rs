//! Reads Terraform states and plans.
