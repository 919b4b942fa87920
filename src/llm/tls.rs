//! TLS of the clients: rustls with ring, the roots of Mozilla, and what the operator adds.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Settings that trust the usual roots and the certificates of `ca_file` (PEM), if it names a file.
pub(crate) fn client_config(ca_file: &str) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if !ca_file.is_empty() {
        let found =
            CertificateDer::pem_file_iter(ca_file).map_err(|error| format!("cannot be read: {error}"))?;
        let mut added = 0;
        for certificate in found {
            let certificate = certificate.map_err(|error| format!("is not PEM: {error}"))?;
            roots
                .add(certificate)
                .map_err(|error| format!("holds a certificate that cannot be used: {error}"))?;
            added += 1;
        }
        if added == 0 {
            return Err("holds no certificate".to_owned());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
