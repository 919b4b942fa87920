//! Who asks, and what he may do.
//!
//! Three ways in, chosen by the configuration: a user of the users file with a session, a name that a trusted proxy vouches for,
//! and, where neither is configured, whoever can reach the loopback address.

mod sessions;
mod throttle;
mod users;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use serde::Serialize;
use tokio::sync::Semaphore;
use uuid::Uuid;

use self::sessions::Sessions;
use self::throttle::Throttle;
pub use self::users::{Users, UsersError, hash};
use crate::config::{Dashboard, Net};

/// Name of the cookie that holds a session.
pub const SESSION: &str = "orrery_session";

/// Passwords that are checked at the same time: each takes 19 MiB and a core.
const CHECKS: usize = 2;

/// Longest name that a proxy may give.
const LONGEST_NAME: usize = 200;

/// Most names of a proxy whose tokens are kept.
const MOST_NAMES: usize = 10_000;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees; personal data stays hidden.
    Viewer,
    /// Sees, acts, and reveals personal data.
    Operator,
}

impl Role {
    /// The word in the users file and on the pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        }
    }
}

/// Somebody who may see the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Name in the audit.
    pub name: String,
    /// What he may do.
    pub role: Role,
    /// What every form of his must bring back. No other site can read it.
    pub csrf: String,
    /// Whether he can log out.
    pub session: bool,
}

/// Why a login failed.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// Name or password is wrong; which of them is not told.
    Wrong,
    /// Too many tries; seconds until the next.
    TooMany(u64),
}

/// The door.
pub struct Access {
    users: Option<Users>,
    header: Option<String>,
    proxies: Vec<Net>,
    operators: Vec<String>,
    hosts: Vec<String>,
    sessions: Sessions,
    throttle: Throttle,
    checks: Semaphore,
    /// Tokens of those who have no session, by name.
    tokens: Mutex<HashMap<String, String>>,
}

/// A random word of 244 bits.
pub(super) fn secret() -> String {
    // Ids of version 4 come from the generator of the operating system.
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Compares without telling by its time how much is equal.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |wrong, (a, b)| wrong | (a ^ b)) == 0
}

impl Access {
    /// Opens the door that the configuration describes.
    ///
    /// # Errors
    /// When the users file cannot be used.
    pub fn of(config: &Dashboard) -> Result<Self, UsersError> {
        let users =
            if config.users_file.is_empty() { None } else { Some(Users::read(config.users_file.as_ref())?) };
        let session = Duration::from_secs(u64::from(config.session_h) * 3600);
        Ok(Self {
            users,
            header: Some(config.trusted_proxy_header.to_lowercase()).filter(|name| !name.is_empty()),
            proxies: config.proxies(),
            operators: config.operators.clone(),
            hosts: config.hosts.iter().map(|host| host.to_lowercase()).collect(),
            sessions: Sessions::new(session),
            throttle: Throttle::default(),
            checks: Semaphore::new(CHECKS),
            tokens: Mutex::default(),
        })
    }

    /// Whether people can log in.
    #[must_use]
    pub const fn has_login(&self) -> bool {
        self.users.is_some()
    }

    /// Who asks; `None` for somebody who has to log in.
    #[must_use]
    pub fn who(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<Visitor> {
        if let Some(name) = self.vouched(peer, headers) {
            let operator = self.operators.iter().any(|known| known == name);
            let role = if operator { Role::Operator } else { Role::Viewer };
            return Some(Visitor { name: name.to_owned(), role, csrf: self.token(name), session: false });
        }
        if let Some(users) = &self.users {
            let session = self.sessions.find(cookie(headers, SESSION)?, Instant::now())?;
            let role = users.role(&session.name)?;
            return Some(Visitor { name: session.name, role, csrf: session.csrf, session: true });
        }
        // Nothing asks who he is: the configuration allows that at a loopback address only.
        let local = self.header.is_none() && peer.ip().to_canonical().is_loopback();
        local.then(|| Visitor {
            name: "local".to_owned(),
            role: Role::Operator,
            csrf: self.token("local"),
            session: false,
        })
    }

    /// The name that a trusted proxy vouches for.
    fn vouched<'a>(&self, peer: SocketAddr, headers: &'a HeaderMap) -> Option<&'a str> {
        let header = self.header.as_ref().filter(|_| self.trusts(peer.ip()))?;
        // A second header of the name would be one that the proxy has passed on.
        let mut values = headers.get_all(header).iter();
        let name = values.next().filter(|_| values.next().is_none())?.to_str().ok()?.trim();
        (!name.is_empty() && name.len() <= LONGEST_NAME).then_some(name)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|net| net.contains(address))
    }

    /// Where a request comes from: behind a trusted proxy the last address that it names.
    #[must_use]
    pub fn origin(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let named = || {
            let last = headers.get_all("x-forwarded-for").iter().next_back()?;
            last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
        };
        let peer = peer.ip().to_canonical();
        if self.trusts(peer) { named().unwrap_or(peer) } else { peer }
    }

    /// Whether the way to the browser is encrypted, as a trusted proxy says.
    #[must_use]
    pub fn encrypted(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        let scheme = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
        self.trusts(peer.ip()) && scheme == Some("https")
    }

    /// Whether the pages may be reached under this `Host`, with or without a port: an address, localhost, or a name of the
    /// configuration. Rebinding a name to an address needs a name of the attacker's own.
    #[must_use]
    pub fn is_host(&self, host: &str) -> bool {
        let name = without_port(host).to_lowercase();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || address.parse::<IpAddr>().is_ok() || self.hosts.contains(&name)
    }

    /// Whether a form was sent from a page of this place.
    #[must_use]
    pub fn is_origin(&self, origin: &str, host: &str) -> bool {
        let Some((scheme, place)) = origin.split_once("://") else { return false };
        matches!(scheme, "http" | "https")
            && (place.eq_ignore_ascii_case(host) || self.hosts.contains(&without_port(place).to_lowercase()))
    }

    /// Checks a password and begins a session; returns its cookie's value.
    ///
    /// # Errors
    /// When name or password is wrong, or there were too many tries.
    pub async fn log_in(&self, from: IpAddr, name: &str, password: &str) -> Result<String, Refused> {
        let keys = [format!("address {from}"), format!("name {name}")];
        // Counted before it is checked: tries that run at the same time count too.
        self.throttle.count(&keys, Instant::now()).map_err(Refused::TooMany)?;
        let users = self.users.as_ref().ok_or(Refused::Wrong)?;
        let _turn = self.checks.acquire().await.map_err(|_| Refused::Wrong)?;
        let known = users.check(name, password).await;
        if !known {
            return Err(Refused::Wrong);
        }
        self.throttle.forgive(&keys);
        Ok(self.sessions.begin(name, Instant::now()))
    }

    /// Ends a session.
    pub fn log_out(&self, headers: &HeaderMap) {
        if let Some(session) = cookie(headers, SESSION) {
            self.sessions.end(session);
        }
    }

    fn token(&self, name: &str) -> String {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MOST_NAMES {
            tokens.clear();
        }
        tokens.entry(name.to_owned()).or_insert_with(secret).clone()
    }
}

/// `name:port` and `[::1]:port` without the port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests;
