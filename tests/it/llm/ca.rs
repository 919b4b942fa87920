//! Providers behind a certificate that only the operator knows.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use orrery::config::Config;
use orrery::llm::{Kind, Provider};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use uuid::Uuid;

use super::client::{KEY, ask, hasty, provider};
use super::listener::Reply;
use crate::secure::certificates::Certificates;
use crate::support::rows::says;

/// What the model says.
const WORDS: &str = "{\"text\":\"a\"}";

/// Starts a model behind the server's certificate, which answers until the tests end; returns its address.
fn encrypted(certificates: &Certificates) -> String {
    let chain = CertificateDer::pem_file_iter(&certificates.server).unwrap();
    let key = PrivateKeyDer::from_pem_file(&certificates.server_key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.collect::<Result<_, _>>().unwrap(), key)
        .unwrap();
    let config = Arc::new(config);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://127.0.0.1:{}/v1", socket.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in socket.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // Who does not trust the certificate hangs up.
            let _ = answer(StreamOwned::new(connection, stream));
        }
    });
    url
}

/// Reads one request and answers it.
fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>) -> io::Result<()> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    while !is_whole(&bytes) {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
    let Reply::Bytes(reply) = Reply::text(WORDS) else { unreachable!("a text is bytes") };
    stream.write_all(reply.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// Whether head and body of a request are there.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}

fn trusting(file: &Path) -> String {
    format!("ca_file = {:?}", file.to_str().unwrap())
}

#[tokio::test]
async fn a_provider_behind_an_own_authority_is_asked_with_ca_file_and_without_it_the_error_names_it() {
    let folder = std::env::temp_dir().join(format!("orrery-ca-{}", Uuid::new_v4().simple()));
    std::fs::create_dir_all(&folder).unwrap();
    let certificates = Certificates::make(&folder);
    let url = encrypted(&certificates);
    let with = |lines: &str| hasty(vec![provider("p", "openai", &url, lines)]);

    let asked = ask(&with(&trusting(&certificates.authority)), "Say a.").await.unwrap();
    assert_eq!(asked.answer.text, WORDS);
    for lines in [String::new(), trusting(&certificates.stranger)] {
        let error = ask(&with(&lines), "Say a.").await.unwrap_err();
        assert_eq!(error.kind, Kind::Connect, "{error}");
        says(&error.to_string(), &["invalid peer certificate", "look at ca_file of the provider"]);
    }

    // Told when the configuration is read, before anybody is asked.
    for (file, problem) in
        [(folder.join("missing.pem"), "cannot be read"), (certificates.server_key, "holds no certificate")]
    {
        let text = format!(
            "[[llm.provider]]\nname = \"p\"\nwire = \"openai\"\nbase_url = {url:?}\nmodel = \"m-1\"\nkey_env = \"K\"\n{}\n",
            trusting(&file)
        );
        let config = Config::of_text(Path::new("test.toml"), &text).unwrap();
        let error = Provider::of(&config.llm.provider[0], &|_| Some(KEY.to_owned())).unwrap_err();
        says(&error.to_string(), &["llm.provider", "ca_file", file.to_str().unwrap(), problem]);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
