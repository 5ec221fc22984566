//! How a provider mends what checks found: it plans, and the host shows and sends. See `wit/v0.1/remediation.wit`.

use serde_json::Value as Json;

use crate::provider::{Error, read_document};

pub use crate::bindings::remediation::exports::plumbline::plugin::remediation as wire;
pub use wire::{Step, Violation};

/// A provider that knows how to mend. Make it a plugin with [`provider_with_remediation!`](crate::provider_with_remediation!).
pub trait Remediation {
    /// The steps that mend a violation; none where this plugin does not know how.
    ///
    /// # Errors
    /// Where it knows how and cannot plan it, for example because something could not be read.
    fn plan(violation: &Violation) -> Result<Option<Vec<Step>>, Error>;
}

/// The resource of a violation with all its keys; none where the violation is of the account itself.
///
/// # Errors
/// Where the host sent no batch.
pub fn resource(violation: &Violation) -> Result<Option<Json>, Error> {
    match read_document(&violation.resource)? {
        Json::Array(resources) => Ok(resources.into_iter().next()),
        _ => Err(Error::Invalid("a batch is an array".to_owned())),
    }
}

/// Makes the crate a provider plugin that knows how to mend. Takes a type that is a [`Provider`](crate::provider::Provider) and
/// [`Remediation`].
#[macro_export]
macro_rules! provider_with_remediation {
    ($provider:ty) => {
        $crate::provider!($provider);

        impl $crate::remediation::wire::Guest for PlumblinePlugin {
            fn plan(
                violation: $crate::remediation::Violation,
            ) -> Result<Option<Vec<$crate::remediation::Step>>, $crate::provider::Error> {
                <$provider as $crate::remediation::Remediation>::plan(&violation)
            }
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::remediation::export!(PlumblinePlugin with_types_in $crate::bindings::remediation);
    };
}
