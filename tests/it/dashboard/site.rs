//! A visitor without a browser.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::support::World;
use crate::support::worker::Worker;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The first cookie that is set, as `name=value`.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    /// What the forms of the page bring back.
    pub fn csrf(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"csrf\" value=\"").expect("the page has a form");
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The dashboard of a worker, and the cookie of who visits it.
pub struct Site {
    pub origin: String,
    pub cookie: String,
    client: reqwest::Client,
}

impl Site {
    /// The dashboard of this worker.
    pub async fn of(world: &World, worker: &Worker) -> Self {
        let origin = world
            .eventually(Duration::from_secs(30), "the dashboard is answered", async || {
                let log = worker.log();
                let (_, rest) = log.split_once("answered at http://").ok_or("the log does not say so")?;
                Ok(format!("http://{}", rest.split('/').next().unwrap()))
            })
            .await;
        let tls =
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { origin, cookie: String::new(), client }
    }

    /// Another visitor of the same dashboard.
    pub fn other(&self) -> Self {
        Self { origin: self.origin.clone(), cookie: String::new(), client: self.client.clone() }
    }

    async fn send(&self, request: reqwest::RequestBuilder, headers: &[(&str, &str)]) -> Answer {
        let mut all = HeaderMap::new();
        if !self.cookie.is_empty() {
            all.insert("cookie", self.cookie.parse().unwrap());
        }
        for (name, value) in headers {
            all.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let answer = request.headers(all).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, text: answer.text().await.unwrap() }
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.origin)), headers).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// The data of a page.
    pub async fn data(&self, path: &str) -> Value {
        let answer = self.get_with(path, &[("accept", "application/json")]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        serde_json::from_str::<Value>(&answer.text).expect("JSON")["data"].take()
    }

    /// Sends a form as it is, with no more headers than these.
    pub async fn post_with(&self, path: &str, pairs: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self
            .client
            .post(format!("{}{path}", self.origin))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        self.send(request, headers).await
    }

    /// Sends a form as a browser does from a page that carries `csrf`.
    pub async fn post(&self, path: &str, csrf: &str, pairs: &[(&str, &str)]) -> Answer {
        let pairs: Vec<(&str, &str)> = pairs.iter().copied().chain([("csrf", csrf)]).collect();
        self.post_with(path, &pairs, &[("origin", &self.origin)]).await
    }

    /// Logs in; panics when that is refused.
    pub async fn log_in(&mut self, name: &str, password: &str) {
        let answer = self.try_log_in(name, password).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.cookie = answer.cookie();
    }

    pub async fn try_log_in(&self, name: &str, password: &str) -> Answer {
        let page = self.get("/login").await;
        let fresh = Self { cookie: page.cookie(), ..self.other() };
        fresh.post("/login", &page.csrf(), &[("name", name), ("password", password), ("next", "/")]).await
    }
}

/// A users file of these names and roles; everybody's password is `password of NAME`. The hashes are cheap ones.
pub fn users_file(world: &World, users: &[(&str, &str)]) -> String {
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    let line = |(name, role): &(&str, &str)| {
        let hash = cheap.hash_password(format!("password of {name}").as_bytes()).unwrap();
        format!("{name}:{role}:{hash}\n")
    };
    let path = world.logs().join("users");
    std::fs::write(&path, users.iter().map(line).collect::<String>()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A port of this host that is free.
pub const ANY_PORT: (&str, &str) = ("ORRERY_DASHBOARD_LISTEN", "127.0.0.1:0");
