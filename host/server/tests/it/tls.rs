//! HTTPS.

use std::path::Path;
use std::sync::Arc;

use plumb_server::{Tls, TlsError};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::harness::Server;

struct Pair {
    folder: tempfile::TempDir,
    certificate: rcgen::Certificate,
}

impl Pair {
    fn new() -> Pair {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cert.pem"), cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
        Pair { folder, certificate: cert }
    }

    fn tls(&self) -> Result<Tls, TlsError> {
        Tls::from_files(&self.folder.path().join("cert.pem"), &self.folder.path().join("key.pem"))
    }

    /// A client that trusts the certificate and offers these protocols.
    fn client(&self, protocols: &[&[u8]]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }
}

#[tokio::test]
async fn a_server_with_a_certificate_answers_over_tls_and_in_no_other_way() {
    let pair = Pair::new();
    let server = Server::secured(pair.tls().unwrap()).await;
    let name = ServerName::try_from("localhost").unwrap();
    let connect =
        async |protocols: &[&[u8]]| pair.client(protocols).connect(name.clone(), server.connect().await).await.unwrap();
    let mut stream = connect(&[]).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    let both = connect(&[b"h2", b"http/1.1"]).await;
    assert_eq!(both.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let mut plain = server.connect().await;
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    plain.read_to_end(&mut answer).await.ok();
    assert!(!answer.starts_with(b"HTTP"));
}

#[test]
fn files_that_are_no_pair_are_refused_by_name() {
    let (pair, other) = (Pair::new(), Pair::new());
    let message = |certificate: &Path, key: &Path| Tls::from_files(certificate, key).unwrap_err().to_string();
    let (certificate, key) = (pair.folder.path().join("cert.pem"), pair.folder.path().join("key.pem"));
    assert!(message(&certificate, &other.folder.path().join("key.pem")).contains("do not fit"));
    assert!(message(&key, &key).contains("no certificate"));
    assert!(message(&certificate, &certificate).contains("cert.pem"));
    assert!(message(&pair.folder.path().join("nowhere.pem"), &key).contains("nowhere.pem"));
}
