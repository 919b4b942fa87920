//! Tests of the door.

use std::path::Path;

use super::*;
use crate::config::Config;

const NEAR: &str = "127.0.0.1:40000";
const FAR: &str = "192.0.2.7:40000";

fn access(lines: &str) -> Access {
    let config = Config::of_text(Path::new("test.toml"), &format!("[dashboard]\n{lines}\n")).unwrap();
    Access::of(&config.dashboard).unwrap()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

fn who(access: &Access, peer: &str, pairs: &[(&'static str, &str)]) -> Option<(String, Role)> {
    access.who(peer.parse().unwrap(), &headers(pairs)).map(|visitor| (visitor.name, visitor.role))
}

#[test]
fn without_login_only_this_host_is_let_in() {
    let access = access("");
    assert_eq!(who(&access, NEAR, &[]), Some(("local".to_owned(), Role::Operator)));
    assert_eq!(who(&access, "[::1]:40000", &[]), Some(("local".to_owned(), Role::Operator)));
    assert_eq!(who(&access, FAR, &[]), None);
}

#[test]
fn a_proxy_is_believed_at_its_address_only() {
    let access = access(
        "trusted_proxy_header = \"X-Forwarded-User\"\ntrusted_proxies = [\"127.0.0.1\"]\noperators = [\"anna\"]",
    );
    let anna = ("x-forwarded-user", "anna");
    assert_eq!(who(&access, NEAR, &[anna]), Some(("anna".to_owned(), Role::Operator)));
    assert_eq!(who(&access, NEAR, &[("x-forwarded-user", "otto")]), Some(("otto".to_owned(), Role::Viewer)));
    assert_eq!(who(&access, FAR, &[anna]), None);
    assert_eq!(who(&access, NEAR, &[]), None, "a proxy that names nobody vouches for nobody");
    assert_eq!(who(&access, NEAR, &[("x-forwarded-user", "")]), None);
    assert_eq!(who(&access, NEAR, &[anna, ("x-forwarded-user", "otto")]), None);
    let from =
        |peer: &str, chain| access.origin(peer.parse().unwrap(), &headers(&[("x-forwarded-for", chain)]));
    assert_eq!(
        from(NEAR, "10.0.0.1, 192.0.2.9").to_string(),
        "192.0.2.9",
        "the client may have made up the first"
    );
    assert_eq!(from(FAR, "10.0.0.1").to_string(), "192.0.2.7");
}

#[test]
fn a_token_belongs_to_a_name_and_lasts() {
    let access = access("");
    assert_eq!(access.token("a"), access.token("a"));
    assert_ne!(access.token("a"), access.token("b"));
    assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
}

#[test]
fn a_name_that_nobody_configured_is_no_host() {
    let access = access("hosts = [\"Orrery.example.com\"]");
    for host in
        ["127.0.0.1:9479", "localhost", "LOCALHOST:1", "[::1]:9479", "orrery.example.com", "192.0.2.1"]
    {
        assert!(access.is_host(host), "{host}");
    }
    for host in ["", "evil.example", "127.0.0.1.evil.example:9479", "localhost.evil.example", "orrery"] {
        assert!(!access.is_host(host), "{host}");
    }
}

#[test]
fn a_form_comes_from_a_page_of_this_place() {
    let access = access("hosts = [\"orrery.example.com\"]");
    assert!(access.is_origin("http://127.0.0.1:9479", "127.0.0.1:9479"));
    assert!(access.is_origin("https://orrery.example.com", "10.0.0.5:9479"), "a proxy may rewrite the host");
    for origin in ["null", "", "http://127.0.0.1:9999", "https://evil.example", "file://127.0.0.1:9479"] {
        assert!(!access.is_origin(origin, "127.0.0.1:9479"), "{origin}");
    }
}

#[test]
fn cookies_are_found_by_their_whole_name() {
    let headers = headers(&[("cookie", "other_orrery_session=1; orrery_session=abc; theme=dark")]);
    assert_eq!(cookie(&headers, SESSION), Some("abc"));
    assert_eq!(cookie(&headers, "theme"), Some("dark"));
    assert_eq!(cookie(&headers, "session"), None);
}

#[tokio::test]
async fn who_logs_in_is_known_until_he_logs_out() {
    let folder = std::env::temp_dir().join(format!("orrery-users-{}", Uuid::new_v4()));
    std::fs::write(&folder, format!("anna:viewer:{}", hash("correct horse").unwrap())).unwrap();
    let access = access(&format!("users_file = {:?}", folder.to_str().unwrap()));
    std::fs::remove_file(folder).unwrap();
    assert_eq!(who(&access, NEAR, &[]), None, "also this host has to log in");
    let from: IpAddr = "192.0.2.7".parse().unwrap();
    assert_eq!(access.log_in(from, "anna", "wrong").await, Err(Refused::Wrong));
    let session = access.log_in(from, "anna", "correct horse").await.unwrap();
    let cookie = format!("{SESSION}={session}");
    assert_eq!(who(&access, FAR, &[("cookie", &cookie)]), Some(("anna".to_owned(), Role::Viewer)));
    access.log_out(&headers(&[("cookie", &cookie)]));
    assert_eq!(who(&access, FAR, &[("cookie", &cookie)]), None);
}
