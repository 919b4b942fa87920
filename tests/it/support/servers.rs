//! Where the servers are.

use std::net::TcpListener;

/// URL of the PostgreSQL server, with any database.
pub fn postgres_url() -> String {
    variable("ORRERY_POSTGRES_URL")
}

/// URI of the MongoDB server, a replica set.
pub fn mongodb_uri() -> String {
    variable("ORRERY_MONGODB_URI")
}

fn variable(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!(
            "{name} is not set: these tests need PostgreSQL and MongoDB; run them with `make test`, which starts both"
        ),
    }
}

/// The URL of another database on the same server.
pub fn with_database(url: &str, name: &str) -> String {
    let (address, options) =
        url.split_once('?').map_or((url, None), |(address, options)| (address, Some(options)));
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let server = address[after_scheme..].find('/').map_or(address, |slash| &address[..after_scheme + slash]);
    options.map_or_else(|| format!("{server}/{name}"), |options| format!("{server}/{name}?{options}"))
}

/// A port below the range for outgoing connections: nobody takes it while the server is down.
pub fn free_port() -> u16 {
    std::iter::repeat_with(|| fastrand::u16(20_000..32_000))
        .take(100)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a port is free")
}

#[test]
fn the_database_of_a_url_is_replaced_and_its_options_stay() {
    assert_eq!(
        with_database("postgres://u@h:1/a?sslmode=disable", "b"),
        "postgres://u@h:1/b?sslmode=disable"
    );
    assert_eq!(with_database("postgres://u@h", "b"), "postgres://u@h/b");
}
