//! What an operator sees and sets.

use orrery::llm::guard::Guard as _;
use orrery::llm::kind::Kind;
use serde_json::json;

use super::asking::{
    COST, account, answer, ask, call, call_of, failure, of_organization, request, seen, send, settings,
};
use crate::support::World;
use crate::support::rows::says;

#[tokio::test]
async fn calls_are_listed_filtered_and_summed() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let questions = [request("1"), request("2"), request("3")];
    ask(&of_organization(&account, "a"), &call(&questions[0]), &answer("x")).await;
    ask(&of_organization(&account, "a"), &call_of(&questions[1], "openai", "gpt-99"), &answer("x")).await;
    let guard = of_organization(&account, "b");
    let permit = send(&guard, &call(&questions[2])).await;
    guard.settle(&call(&questions[2]), permit, Err(&failure(Kind::Overloaded))).await;
    guard.stored(&call(&questions[0])).await.unwrap();

    let all = world.json_of(&["llm", "calls", "--json"]);
    assert_eq!(all["calls"].as_array().map(Vec::len), Some(3));
    let total = &all["total"];
    assert_eq!(
        (&total["calls"], &total["cost_nano_usd"], &total["unpriced"], &total["reads"]),
        (&json!(3), &json!(COST), &json!(1), &json!(1))
    );
    for (filter, rows) in [
        (["--organization", "a"], 2),
        (["--model", "gpt-99"], 1),
        (["--state", "failed"], 1),
        (["--since", "1h"], 3),
        (["--since", "2999-01-01"], 0),
    ] {
        let found = world.json_of(&[&["llm", "calls", "--json"][..], &filter].concat());
        assert_eq!(found["calls"].as_array().map(Vec::len), Some(rows), "{filter:?}");
        assert_eq!(found["total"]["calls"].as_i64().unwrap_or(0), i64::try_from(rows).unwrap(), "{filter:?}");
    }
    let limited = world.json_of(&["llm", "calls", "--json", "--limit", "1"]);
    assert_eq!((limited["calls"].as_array().map(Vec::len), &limited["total"]["calls"]), (Some(1), &json!(3)));
    for (by, first) in [("organization", "a"), ("model", "openai/gpt-4o")] {
        let sums = world.json_of(&["llm", "calls", "--json", "--by", by]);
        assert_eq!(sums["sums"][0]["of"], json!(first), "the dearest comes first");
    }
    says(&world.run(&["llm", "calls"]).1, &["0.000750 USD", "?", "failed", "llm.overloaded", "3 calls"]);
    says(
        &world.run(&["status"]).1,
        &["language models this month: 3 calls", "calls without a known price: 1"],
    );
    let (good, _, wrong) = world.run(&["llm", "calls", "--since", "yesterday"]);
    assert!(!good);
    says(&wrong, &["90m, 24h or 7d"]);
    world.close().await;
}

#[tokio::test]
async fn budgets_are_set_shown_and_reset() {
    let world = World::new().await;
    says(
        &world.run(&["llm", "budget", "set", "a", "--usd", "12.5", "--calls", "100", "--note", "trial"]).1,
        &["12.50 USD, 100 calls"],
    );
    says(
        &world.run(&["llm", "budget", "set", "a", "--calls", "none", "--tokens", "5000"]).1,
        &["12.50 USD, 5000 tokens in"],
    );
    let shown = world.json_of(&["llm", "budget", "show", "--json"]);
    assert_eq!(shown[0]["limits"], json!({ "nano_usd": 12_500_000_000_i64, "tokens": 5000, "calls": null }));
    says(&world.run(&["llm", "budget", "show", "a"]).1, &["12.50 USD, 5000 tokens", "0.00 USD"]);
    says(
        &world.run(&["llm", "budget", "reset", "a"]).1,
        &["no limits of its own any more", "no limit in a month"],
    );
    says(&world.run(&["llm", "budget", "reset", "a"]).1, &["had no limits of its own"]);
    let (good, _, wrong) = world.run(&["llm", "budget", "set", "a", "--usd", "much"]);
    assert!(!good);
    says(&wrong, &["dollars"]);
    world.close().await;
}

#[tokio::test]
async fn imported_prices_win_and_are_used_by_workers_that_run() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let file = world.logs().join("prices.toml");
    let text = "[[price]]\nprovider = 'openai'\nmodels = ['gpt-4o', 'gpt-99']\nvalid_from = '2024-10-02'\ninput = 1.0\noutput = 1.0\n";
    std::fs::write(&file, text).unwrap();
    let path = file.display().to_string();
    says(&world.run(&["llm", "prices", "import", &path]).1, &["2 prices read, 2 new or changed"]);
    says(&world.run(&["llm", "prices", "import", &path]).1, &["2 prices read, 0 new or changed"]);
    says(&world.run(&["llm", "prices", "list", "--provider", "openai"]).1, &["gpt-99", "operator", "orrery"]);
    account.sweep().await.unwrap();
    let question = request("1");
    ask(&of_organization(&account, "a"), &call(&question), &answer("x")).await;
    assert_eq!(
        super::asking::calls(&world.app).await[0].1,
        Some(120_000),
        "120 tokens at one dollar a million"
    );
    std::fs::write(&file, "[[price]]\nprovider = 'x'\n").unwrap();
    let (good, _, wrong) = world.run(&["llm", "prices", "import", &path]);
    assert!(!good);
    says(&wrong, &["prices.toml", "models"]);
    world.close().await;
}

#[tokio::test]
async fn an_operator_sees_what_is_left_alone_and_lets_it_be_asked_again() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("1");
    let call = call(&question);
    let permit = send(&guard, &call).await;
    seen(&guard, &call, &permit, Some(&failure(Kind::Auth))).await;
    guard.settle(&call, permit, Err(&failure(Kind::Auth))).await;
    says(&world.run(&["llm", "breakers"]).1, &["openai/gpt-4o", "open", "llm.auth"]);
    says(&world.run(&["status"]).1, &["left alone: llm:openai/gpt-4o"]);
    says(&world.run(&["llm", "breakers", "close", "openai/gpt-4o"]).1, &["asked again from now on"]);
    says(&world.run(&["llm", "breakers", "close", "openai/gpt-4o"]).1, &["was not left alone"]);
    guard.permit(&call).await.unwrap();
    says(&world.run(&["llm", "limits"]).1, &["nothing is known of any limit"]);
    world.close().await;
}
