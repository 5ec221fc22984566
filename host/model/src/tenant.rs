//! Who a record belongs to.

/// UUIDv7, or [`DEFAULT`].
pub type TenantId = [u8; 16];

/// The tenant that every ledger has, by the name of `default`: scans from the command line are its own.
pub const DEFAULT: TenantId = [0; 16];

/// The name of [`DEFAULT`].
pub const DEFAULT_NAME: &str = "default";
