//! `[dashboard]`.

use std::net::SocketAddr;

use serde::Deserialize;

use super::Net;

/// `[dashboard]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Dashboard {
    pub enabled: bool,
    pub listen: String,
    pub hosts: Vec<String>,
    pub users_file: String,
    pub trusted_proxy_header: String,
    pub trusted_proxies: Vec<String>,
    pub operators: Vec<String>,
    pub session_h: u32,
}

impl Dashboard {
    /// Where pages are answered; `None` for nowhere.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok().filter(|_| self.enabled)
    }

    /// Proxies whose headers are believed.
    #[must_use]
    pub fn proxies(&self) -> Vec<Net> {
        self.trusted_proxies.iter().filter_map(|net| net.parse().ok()).collect()
    }

    /// Whether somebody has to say who he is.
    #[must_use]
    pub const fn asks_who(&self) -> bool {
        !self.users_file.is_empty() || !self.trusted_proxy_header.is_empty()
    }

    /// The first key whose value cannot be meant, and why.
    pub(super) fn problem(&self) -> Option<(&'static str, String)> {
        if self.session_h == 0 || self.session_h > 720 {
            let problem = format!("is {}, must be from 1 to 720", self.session_h);
            return Some(("dashboard.session_h", problem));
        }
        if let Some(problem) = self.trusted_proxies.iter().find_map(|net| net.parse::<Net>().err()) {
            return Some(("dashboard.trusted_proxies", problem));
        }
        if !self.trusted_proxy_header.is_empty() {
            if !self.trusted_proxy_header.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-') {
                let problem = format!("is {:?}, must be the name of a header", self.trusted_proxy_header);
                return Some(("dashboard.trusted_proxy_header", problem));
            }
            if self.trusted_proxies.is_empty() {
                let problem = "is empty, so nobody's dashboard.trusted_proxy_header would be believed: \
                               name the addresses of the proxies"
                    .to_owned();
                return Some(("dashboard.trusted_proxies", problem));
            }
        }
        self.listen_problem().map(|problem| ("dashboard.listen", problem))
    }

    fn listen_problem(&self) -> Option<String> {
        if self.listen.is_empty() {
            return None;
        }
        let Ok(address) = self.listen.parse::<SocketAddr>() else {
            return Some(format!(
                "is {:?}, must be an address and a port such as 127.0.0.1:9479, or empty",
                self.listen
            ));
        };
        let open = self.enabled && !self.asks_who() && !address.ip().is_loopback();
        open.then(|| {
            format!(
                "is {address}, which other hosts can reach, and nothing asks them who they are: set \
                 dashboard.users_file (lines from `orrery dashboard hash-password`) or \
                 dashboard.trusted_proxy_header, or listen at 127.0.0.1"
            )
        })
    }
}
