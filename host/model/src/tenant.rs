//! Who a record belongs to.

/// UUIDv7, or [`DEFAULT`].
pub type TenantId = [u8; 16];

/// The tenant that every ledger has, by the name of `default`: scans from the command line are its own.
pub const DEFAULT: TenantId = [0; 16];

/// The name of [`DEFAULT`].
pub const DEFAULT_NAME: &str = "default";

/// Whose records they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    pub id: TenantId,
    /// Unique within the ledger.
    pub name: String,
    /// RFC 3339, UTC, milliseconds; none for [`DEFAULT`], which is as old as the ledger.
    pub created_at: Option<String>,
    /// Scans older than this are removed with their evidence; none keeps them.
    pub retention_days: Option<u32>,
    /// Scans that may run at a time; none leaves it to the server.
    pub max_concurrent_scans: Option<u32>,
}

impl Tenant {
    /// The tenant that needs no record.
    pub fn default_tenant() -> Tenant {
        Tenant {
            id: DEFAULT,
            name: DEFAULT_NAME.to_owned(),
            created_at: None,
            retention_days: None,
            max_concurrent_scans: None,
        }
    }
}
