//! Whose certificates are believed: those of the system's list, and a company's own authorities.

use std::sync::Arc;

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::failure::Failure;

/// Authorities that are believed beside the system's: certificates in PEM. By itself there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorities(Option<Arc<[u8]>>);

impl Authorities {
    /// Reads a file of certificates.
    ///
    /// # Errors
    /// It holds none, or one that is none.
    pub fn read(pem: &[u8]) -> Result<Self, Failure> {
        let read = Self(Some(pem.into()));
        let found = read.add_to(RootCertStore::empty())?;
        if found.is_empty() {
            return Err(no_certificate("there is none"));
        }
        Ok(read)
    }

    /// The certificates as they were given, for drivers that read them by themselves.
    pub(crate) fn pem(&self) -> Option<Vec<u8>> {
        self.0.as_deref().map(<[u8]>::to_vec)
    }

    /// All that is believed.
    pub(crate) fn roots(&self) -> Result<RootCertStore, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        self.add_to(roots)
    }

    fn add_to(&self, mut roots: RootCertStore) -> Result<RootCertStore, Failure> {
        for certificate in CertificateDer::pem_slice_iter(self.0.as_deref().unwrap_or_default()) {
            let certificate = certificate.map_err(|error| no_certificate(&error.to_string()))?;
            roots.add(certificate).map_err(|error| no_certificate(&error.to_string()))?;
        }
        Ok(roots)
    }
}

fn no_certificate(why: &str) -> Failure {
    Failure::definition(format!("证书文件无法使用：{why}"), format!("the file of certificates is of no use: {why}"))
        .hint(
            "请给出 PEM 格式的证书（-----BEGIN CERTIFICATE-----）",
            "give certificates in PEM (-----BEGIN CERTIFICATE-----)",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_is_refused() {
        for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let refused = Authorities::read(pem.as_bytes()).expect_err(pem);
            assert!(refused.en.contains("of no use"), "{}", refused.en);
        }
    }
}
