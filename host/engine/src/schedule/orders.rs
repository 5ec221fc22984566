//! What a schedule orders.

use plumb_model::schedule::{ScanConfig, ScanScope, Schedule};
use plumb_store::Fired;

use crate::service::order::{Order, OrderScope, Wanted};

/// The order of a schedule that has fired.
pub(super) fn order(schedule: &Schedule, fired: Fired) -> Order {
    let trigger = fired.trigger;
    Order {
        tenant: schedule.tenant,
        name: schedule.name.clone(),
        trigger,
        notifications: schedule.notifications.clone(),
        fired: Some(fired),
        ..Order::from(schedule.config.clone())
    }
}

/// Without a name and a tenant.
impl From<ScanConfig> for Order {
    fn from(config: ScanConfig) -> Order {
        Order {
            scan_type: config.scan_type,
            audit_name: config.audit_name,
            targets: Wanted { ids: None, environment: Some(config.environment), providers: config.cloud_providers },
            frameworks: config.frameworks,
            scope: config.scope.into(),
            timeout: config.timeout,
            serial: config.serial,
            ..Order::default()
        }
    }
}

impl From<ScanScope> for OrderScope {
    fn from(scope: ScanScope) -> OrderScope {
        let ScanScope { include_policies, exclude_policies, include_resources, exclude_resources } = scope;
        OrderScope { include_policies, exclude_policies, include_resources, exclude_resources }
    }
}
