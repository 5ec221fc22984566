//! Tenants. The default one is there without a record.

use plumb_model::tenant::{DEFAULT, Tenant, TenantId};
use redb::{Durability, ReadableTable};

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::tables::TENANTS;

impl Ledger {
    /// Writes down a tenant; its name must be free.
    pub fn create_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = TENANTS.write(transaction)?;
            let same_name = all(&table)?.into_iter().any(|known| known.name == tenant.name);
            if same_name || tenant.id == DEFAULT || table.get(&tenant.id)?.is_some() {
                return Err(StoreError::TenantExists(tenant.name.clone()));
            }
            TENANTS.put(&mut table, &&tenant.id, &tenant.into())
        })
    }

    pub fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        if *id == DEFAULT {
            return Ok(Some(Tenant::default_tenant()));
        }
        self.read(|transaction| Ok(TENANTS.get(&TENANTS.read(transaction)?, &id)?.map(|record| record.tenant(id))))
    }

    /// All tenants, the default one first, then in the order they were created in. They are few, so names are looked for here.
    pub fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.read(|transaction| all(&TENANTS.read(transaction)?))
    }

    pub fn tenant_named(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        Ok(self.tenants()?.into_iter().find(|tenant| tenant.name == name))
    }
}

fn all(table: &impl ReadableTable<&'static [u8; 16], &'static [u8]>) -> Result<Vec<Tenant>, StoreError> {
    // A name that a damaged table hides would be given twice.
    TENANTS.each_key(table, |_| ())?;
    let mut tenants = vec![Tenant::default_tenant()];
    for entry in table.iter()? {
        let (id, value) = entry?;
        tenants.push(TENANTS.decode(&id.value(), value.value())?.tenant(id.value()));
    }
    Ok(tenants)
}
