//! Certificates of one test: an authority, a server's certificate by it, and another authority that nobody knows.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the files are.
pub struct Certificates {
    /// The authority that signed the server's certificate.
    pub authority: PathBuf,
    /// An authority that signed nothing.
    pub stranger: PathBuf,
    /// The server's certificate, for 127.0.0.1.
    pub server: PathBuf,
    /// Its key.
    pub server_key: PathBuf,
}

impl Certificates {
    /// Makes them in `folder` with the command `openssl`.
    pub fn make(folder: &Path) -> Self {
        let file = |name: &str| folder.join(name);
        for name in ["authority", "stranger"] {
            openssl(
                folder,
                &[
                    "-subj",
                    &format!("/CN={name}"),
                    "-keyout",
                    &format!("{name}.key"),
                    "-out",
                    &format!("{name}.pem"),
                    "-addext",
                    "basicConstraints=critical,CA:TRUE",
                    "-addext",
                    "keyUsage=critical,keyCertSign",
                ],
            );
        }
        openssl(
            folder,
            &[
                "-subj",
                "/CN=server",
                "-keyout",
                "server.key",
                "-out",
                "server.pem",
                "-CA",
                "authority.pem",
                "-CAkey",
                "authority.key",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-addext",
                "subjectAltName=IP:127.0.0.1,DNS:localhost",
                "-addext",
                "extendedKeyUsage=serverAuth,clientAuth",
            ],
        );
        Self {
            authority: file("authority.pem"),
            stranger: file("stranger.pem"),
            server: file("server.pem"),
            server_key: file("server.key"),
        }
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("openssl 3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
