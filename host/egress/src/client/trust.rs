//! Whose certificates are trusted.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Whose certificates are trusted.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The authorities of the system, where an operator's private ones stand too; or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    System,
    /// The authorities of a PEM file, and no others: what `AWS_CA_BUNDLE` names.
    Bundle(PathBuf),
}

impl Trust {
    pub(super) fn config(&self) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        match self {
            Trust::System => {
                // Empty is no error before something is to be secured: a program that only talks to its own host needs none.
                let found = rustls_native_certs::load_native_certs();
                let (_, unfit) = roots.add_parsable_certificates(found.certs);
                for error in found.errors {
                    tracing::warn!("certificates of the system: {error}");
                }
                tracing::debug!(trusted = roots.len(), unfit, "certificates of the system");
            }
            Trust::Bundle(path) => {
                let unreadable = |error: &dyn std::fmt::Display| {
                    format!("{}: {error}; give a PEM file of certificates", path.display())
                };
                let certificates = CertificateDer::pem_file_iter(path)
                    .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                    .map_err(|error| unreadable(&error))?;
                for certificate in certificates {
                    roots.add(certificate).map_err(|error| unreadable(&error))?;
                }
                if roots.is_empty() {
                    return Err(unreadable(&"it has no certificate"));
                }
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(config)
    }
}
