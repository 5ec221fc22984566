//! Glacier: vaults of the older API.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{document, text};
use crate::kind::{Kind, Listing, Service};

/// The service refuses requests that do not name its version.
static API: Api =
    Api { headers: &[("x-amz-glacier-version", "2012-06-01")], ..Api::regional("glacier", Protocol::RestJson) };

pub const SERVICE: Service = Service {
    name: "glacier",
    global: false,
    listings: &[Listing {
        steps: &[API.get("/-/vaults", "ListVaults").items("VaultList").paged("marker", "Marker")],
        details: &[&[API
            .get("/-/vaults/{vaultName}/access-policy", "GetVaultAccessPolicy")
            .given(&[("vaultName", Given::Of("VaultName"))])
            .absent(&["ResourceNotFoundException"])]],
        kinds: &[Kind::new(
            "aws_glacier_vault",
            "{VaultARN}",
            "VaultName",
            &[text("name", "VaultName"), document("access_policy", "GetVaultAccessPolicy.policy.Policy")],
        )
        .tagged("glacier:vaults")],
    }],
};
