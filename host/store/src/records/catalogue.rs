//! The checks a scan ran with, under the digest of this record's own bytes.

use std::collections::BTreeMap;

use plumb_model::outcome::ControlRef;
use plumb_model::scan::Catalogue;
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::check::CheckRecord;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CatalogueRecord {
    /// In the order of their ids, which is the order their positions count in.
    checks: Vec<CheckRecord>,
    controls: BTreeMap<String, Vec<ControlRefRecord>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ControlRefRecord {
    framework: String,
    control: String,
}

impl NamedRecord for CatalogueRecord {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl From<&Catalogue> for CatalogueRecord {
    fn from(catalogue: &Catalogue) -> CatalogueRecord {
        let record = |reference: &ControlRef| ControlRefRecord {
            framework: reference.framework.clone(),
            control: reference.control.clone(),
        };
        let controls = catalogue.controls.iter();
        CatalogueRecord {
            checks: catalogue.checks.values().map(CheckRecord::from).collect(),
            controls: controls.map(|(id, list)| (id.clone(), list.iter().map(record).collect())).collect(),
        }
    }
}

impl From<CatalogueRecord> for Catalogue {
    fn from(record: CatalogueRecord) -> Catalogue {
        let reference = |record: ControlRefRecord| ControlRef { framework: record.framework, control: record.control };
        let controls = record.controls.into_iter();
        Catalogue {
            checks: record.checks.into_iter().map(|check| (check.id.clone(), check.into())).collect(),
            controls: controls.map(|(id, list)| (id, list.into_iter().map(reference).collect())).collect(),
        }
    }
}
