//! `orrery llm test`.

use std::process::Output;

use super::listener::{Listener, Reply};
use crate::support::servers::free_port;
use crate::support::worker::program;

async fn run(providers: &[(&str, String)]) -> (Option<i32>, String, String) {
    let list: Vec<String> = providers
        .iter()
        .map(|(name, url)| {
            format!("{{ name = \"{name}\", wire = \"openai\", base_url = \"{url}\", model = \"m-1\", key_env = \"SOME_KEY\" }}")
        })
        .collect();
    let names: Vec<&str> = providers.iter().map(|(name, _)| *name).collect();
    let mut command = program(&[
        ("ORRERY_LLM_PROVIDER".to_owned(), format!("[{}]", list.join(", "))),
        ("ORRERY_LLM_CHAIN".to_owned(), names.join(",")),
        ("SOME_KEY".to_owned(), "sk-0123456789".to_owned()),
    ]);
    command.args(["llm", "test", "--timeout", "20"]);
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_provider_has_a_line_and_the_exit_code_says_what_to_do() {
    let good = Listener::start(vec![Reply::text("{\"ready\": true}")]).await;
    let loose = Listener::start(vec![Reply::text("I am ready.")]).await;
    let locked = Listener::start(vec![Reply::status(
        401,
        "",
        r#"{"error":{"message":"Incorrect API key sk-0123456789","code":"invalid_api_key"}}"#,
    )])
    .await;
    let gone = format!("http://127.0.0.1:{}/v1", free_port());

    let (code, out, _) = run(&[("good", good.url()), ("loose", loose.url())]).await;
    assert_eq!(code, Some(0), "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines[0].starts_with("good  m-1  http://") && lines[0].contains("900 + 100 tokens, keeps to"),
        "{out}"
    );
    assert!(lines[1].contains("does not keep to the schema"), "{out}");

    let (code, out, err) = run(&[("good", good.url()), ("locked", locked.url())]).await;
    assert_eq!(code, Some(69), "{out}{err}");
    assert!(out.contains("llm.auth") && out.contains("Incorrect API key ***"), "{out}");
    assert!(
        err.contains("1 of 2 providers do not answer") && !format!("{out}{err}").contains("0123456789"),
        "{err}"
    );

    let (code, out, _) = run(&[("gone", gone)]).await;
    assert_eq!(code, Some(75), "{out}");
    assert!(out.contains("llm.connect") && out.contains("after 3 tries"), "{out}");

    let (code, out, _) = run(&[]).await;
    assert_eq!(code, Some(0));
    assert!(out.contains("narrator"), "{out}");
}
