//! Who is let in, and what he may send.

use super::site::{ANY_PORT, Site, users_file};
use crate::support::World;

const USERS: [(&str, &str); 2] = [("vera", "viewer"), ("otto", "operator")];

async fn paused(world: &World) -> bool {
    sqlx::query_scalar(
        "select coalesce((select paused from orrery.queue_policy where queue = 'report'), false)",
    )
    .fetch_one(&world.app)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_log_in_and_out_see_or_act_by_their_role() {
    let world = World::new().await;
    let users = users_file(&world, &USERS);
    let worker = world.worker(&[ANY_PORT, ("ORRERY_DASHBOARD_USERS_FILE", &users)]).await;
    let nobody = Site::of(&world, &worker).await;

    let answer = nobody.get("/jobs?state=failed").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/login?next=%2Fjobs%3Fstate%3Dfailed"));
    assert_eq!(nobody.get("/jobs?format=json").await.status, 401);
    assert_eq!(nobody.get("/events").await.status, 303, "streams are for visitors too");
    let live = nobody.get_with("/", &[("hx-request", "true")]).await;
    assert_eq!((live.status, live.header("hx-redirect")), (401, "/login?next=%2F"));
    let wrong = nobody.try_log_in("otto", "password of vera").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("Name or password is wrong"), "{}", wrong.text);

    let mut vera = nobody.other();
    let answer = vera.try_log_in("vera", "password of vera").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    vera.log_in("vera", "password of vera").await;
    let page = vera.get("/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("vera") && !page.text.contains("/queues/pause"),
        "a viewer is offered no action"
    );
    let refused = vera.post("/queues/pause", &page.csrf(), &[("queue", "report")]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("vera is a viewer"), "{}", refused.text);
    assert!(!paused(&world).await);

    let mut otto = nobody.other();
    otto.log_in("otto", "password of otto").await;
    let token = otto.get("/").await.csrf();
    assert_eq!(
        otto.post("/queues/pause", &page.csrf(), &[("queue", "report")]).await.status,
        403,
        "her token"
    );
    assert_eq!(otto.post("/queues/pause", &token, &[("queue", "report")]).await.status, 303);
    assert!(paused(&world).await);
    let by: String = sqlx::query_scalar("select actor from orrery.audit order by id desc limit 1")
        .fetch_one(&world.app)
        .await
        .unwrap();
    assert_eq!(by, "otto");

    assert_eq!(otto.post("/logout", &token, &[]).await.status, 303);
    assert_eq!(otto.get("/").await.status, 303, "the session has ended, not only its cookie");
    assert!(!worker.log().contains("password of"), "no password in the log");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_eleventh_try_has_to_wait_even_with_the_right_password() {
    let world = World::new().await;
    let users = users_file(&world, &USERS);
    let worker = world.worker(&[ANY_PORT, ("ORRERY_DASHBOARD_USERS_FILE", &users)]).await;
    let site = Site::of(&world, &worker).await;
    for _ in 0..10 {
        assert_eq!(site.try_log_in("otto", "wrong").await.status, 401);
    }
    let answer = site.try_log_in("otto", "password of otto").await;
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_and_names_of_other_sites_are_refused_and_every_answer_carries_its_headers() {
    let world = World::new().await;
    let worker = world.worker(&[ANY_PORT]).await;
    let site = Site::of(&world, &worker).await;
    let page = site.get("/").await;
    let (token, origin) = (page.csrf(), site.origin.as_str());
    let pause = |headers: &'static [(&'static str, &'static str)], token: String| {
        let site = &site;
        async move {
            site.post_with("/queues/pause", &[("queue", "report"), ("csrf", &token)], headers).await.status
        }
    };
    assert_eq!(pause(&[], token.clone()).await, 403, "no origin");
    assert_eq!(pause(&[("origin", "null")], token.clone()).await, 403);
    assert_eq!(pause(&[("origin", "https://evil.example")], token.clone()).await, 403);
    assert_eq!(pause(&[("origin", "http://127.0.0.1:1")], token.clone()).await, 403, "another port");
    let own = [("origin", origin)];
    assert_eq!(site.post_with("/queues/pause", &[("queue", "report")], &own).await.status, 403, "no token");
    assert_eq!(site.post("/queues/pause", &"0".repeat(64), &[("queue", "report")]).await.status, 403);
    assert!(!paused(&world).await);
    assert_eq!(site.post("/queues/pause", &token, &[("queue", "report")]).await.status, 303);
    assert!(paused(&world).await);

    let rebound = site.get_with("/", &[("host", "evil.example")]).await;
    assert_eq!(rebound.status, 421);
    assert!(rebound.text.contains("dashboard.hosts"), "{}", rebound.text);

    for path in ["/", "/jobs", "/login", "/nowhere", "/events/nowhere"] {
        let answer = site.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
        for inline in ["<style", " style=", " onclick=", "<script>", "javascript:"] {
            assert!(!answer.text.contains(inline), "{path} has {inline}");
        }
    }
    assert_eq!(site.get("/nowhere").await.status, 404);
    assert_eq!(site.get("/queues/pause").await.status, 405);
    let sheet = page.text.split("stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let sheet = site.get(sheet).await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(sheet.header("cache-control").contains("immutable"));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_vouches_for_its_visitors_at_its_own_address_only() {
    let world = World::new().await;
    let header = ("ORRERY_DASHBOARD_TRUSTED_PROXY_HEADER", "X-Forwarded-User");
    let operators = ("ORRERY_DASHBOARD_OPERATORS", "otto");
    let hosts = ("ORRERY_DASHBOARD_HOSTS", "orrery.example.com");
    let near = ("ORRERY_DASHBOARD_TRUSTED_PROXIES", "127.0.0.1");
    let worker = world.worker(&[ANY_PORT, header, operators, hosts, near]).await;
    let site = Site::of(&world, &worker).await;
    let as_otto =
        [("x-forwarded-user", "otto"), ("host", "orrery.example.com"), ("accept", "application/json")];
    let answer = site.get_with("/", &as_otto).await;
    assert!(answer.text.contains(r#""who":{"name":"otto","role":"operator"}"#), "{}", answer.text);
    assert_eq!(site.get("/").await.status, 401, "nobody vouched for");
    let far = ("ORRERY_DASHBOARD_TRUSTED_PROXIES", "10.0.0.0/8");
    let worker = world.worker(&[ANY_PORT, header, operators, hosts, far]).await;
    let site = Site::of(&world, &worker).await;
    assert_eq!(site.get_with("/", &as_otto).await.status, 401, "anybody can send a header");
    world.close().await;
}
