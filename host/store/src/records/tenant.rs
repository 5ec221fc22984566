//! One tenant.

use plumb_model::tenant::{Tenant, TenantId};
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TenantRecord {
    pub(crate) name: String,
    created_at: String,
    retention_days: Option<u32>,
    max_concurrent_scans: Option<u32>,
}

impl NamedRecord for TenantRecord {
    const VERSION: u8 = 1;
}

impl From<&Tenant> for TenantRecord {
    fn from(tenant: &Tenant) -> TenantRecord {
        TenantRecord {
            name: tenant.name.clone(),
            created_at: tenant.created_at.clone().unwrap_or_default(),
            retention_days: tenant.retention_days,
            max_concurrent_scans: tenant.max_concurrent_scans,
        }
    }
}

impl TenantRecord {
    pub(crate) fn tenant(self, id: &TenantId) -> Tenant {
        Tenant {
            id: *id,
            name: self.name,
            created_at: Some(self.created_at).filter(|at| !at.is_empty()),
            retention_days: self.retention_days,
            max_concurrent_scans: self.max_concurrent_scans,
        }
    }
}
