//! Telling a certificate that is not trusted from a server that is not there, so that the message can name the setting.

/// Where to look when TLS with PostgreSQL fails.
const POSTGRES: &str = "look at postgres.url: sslrootcert=FILE names the certificates to trust, and sslmode=verify-full asks that the \
                        server's certificate is for the host of the address";

/// Where to look when TLS with MongoDB fails.
const MONGODB: &str = "look at mongodb.uri: tlsCAFile=FILE names the certificates to trust, and the server's certificate must be for \
                       the host of the address";

/// A connection that failed because of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// The setting to look at, in words.
    pub advice: &'static str,
    /// Whether only another setting helps: a certificate that has expired may be renewed while the worker tries on.
    pub is_setting: bool,
}

/// Whether a connection to PostgreSQL failed because of TLS.
#[must_use]
pub fn of_postgres(error: &sqlx::Error) -> Option<Trouble> {
    match error {
        sqlx::Error::Tls(_) => Some(Trouble { advice: POSTGRES, is_setting: true }),
        sqlx::Error::Io(_) => of_text(&error.to_string(), POSTGRES),
        _ => None,
    }
}

/// Whether a connection to MongoDB failed because of TLS. The driver tells it as text of the server that it could not select.
#[must_use]
pub fn of_mongodb(error: &mongodb::error::Error) -> Option<Trouble> {
    match *error.kind {
        mongodb::error::ErrorKind::InvalidTlsConfig { .. } => {
            Some(Trouble { advice: MONGODB, is_setting: true })
        }
        _ => of_text(&error.to_string(), MONGODB),
    }
}

/// By the words of the one TLS library that both drivers use.
fn of_text(text: &str, advice: &'static str) -> Option<Trouble> {
    let is_setting = ["UnknownIssuer", "not valid for name", "NotValidForName"];
    text.contains("invalid peer certificate")
        .then(|| Trouble { advice, is_setting: is_setting.iter().any(|word| text.contains(word)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io(certificate: rustls::CertificateError) -> sqlx::Error {
        let error = rustls::Error::InvalidCertificate(certificate);
        sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::InvalidData, error))
    }

    #[test]
    fn a_strange_certificate_is_a_setting_and_an_expired_one_may_be_renewed() {
        let trouble = |error| of_postgres(&error).expect("the certificate is to blame").is_setting;
        assert!(trouble(io(rustls::CertificateError::UnknownIssuer)));
        assert!(trouble(io(rustls::CertificateError::NotValidForName)));
        assert!(!trouble(io(rustls::CertificateError::Expired)));
        assert_eq!(of_postgres(&sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into())), None);
        assert_eq!(of_postgres(&sqlx::Error::PoolTimedOut), None);
    }
}
