use std::io::Write as _;
use std::path::PathBuf;

use super::*;

fn file(text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("orrery-config-{}.toml", uuid::Uuid::new_v4()));
    std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    path
}

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let file = file(text);
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let result = Sources { file: Some(file.clone()), environment }.load();
    std::fs::remove_file(file).unwrap();
    result
}

#[test]
fn the_defaults_load_and_pass_their_own_checks() {
    let config = Sources::default().load().unwrap();
    assert_eq!(config.queue.lease_s, 12);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let config =
        load("[queue]\nlease_s = 30\npoll_ms = 500\n", &[("ORRERY_QUEUE_POLL_MS", "250"), ("PATH", "/bin")])
            .unwrap();
    assert_eq!((config.queue.lease_s, config.queue.poll_ms), (30, 250));
}

#[test]
fn an_unknown_key_names_the_file_and_a_near_match() {
    let error = load("[queue]\nlease_seconds = 3\n", &[]).unwrap_err().to_string();
    assert!(error.contains("\"queue.lease_seconds\""), "{error}");
    assert!(error.contains("did you mean \"queue.lease_s\"?"), "{error}");
    assert!(error.contains("orrery-config-"), "{error}");
}

#[test]
fn an_unknown_variable_names_a_near_match() {
    let error = load("", &[("ORRERY_POSTGRES_ULR", "x")]).unwrap_err().to_string();
    assert!(error.contains("did you mean \"ORRERY_POSTGRES_URL\"?"), "{error}");
}

#[test]
fn a_value_of_the_wrong_type_says_what_it_must_be() {
    let error = load("[report]\nconcurrency = \"many\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains("\"report.concurrency\"") && error.contains("must be an integer"), "{error}");
    let error = load("[report]\nconcurrency = -4\n", &[]).unwrap_err().to_string();
    assert!(error.contains("report"), "{error}");
}

#[test]
fn a_heartbeat_slower_than_the_lease_allows_is_refused() {
    let error = load("[queue]\nheartbeat_s = 9\n", &[]).unwrap_err().to_string();
    assert!(error.contains("third of queue.lease_s"), "{error}");
}

#[test]
fn a_house_system_that_does_not_exist_is_refused() {
    let error = load("[entity]\nhouse_system = \"placidos\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains("placidos") && error.contains("placidus"), "{error}");
}

#[test]
fn the_example_of_a_provider_loads_and_names_every_key() {
    let lines: Vec<&str> = DEFAULT_TOML
        .lines()
        .skip_while(|line| *line != "# [[llm.provider]]")
        .take_while(|line| *line != "provider = []")
        .map(|line| &line[2..])
        .collect();
    let text = lines.join("\n");
    let config = load(&format!("[llm]\nchain = [\"cloud\"]\n{text}"), &[]).unwrap();
    let provider = config.llm.named("cloud").unwrap();
    assert_eq!((provider.wire, provider.max_output), (WireName::Openai, 8000));
    let minimal = "[llm]\nchain = [\"cloud\"]\n[[llm.provider]]\nname = \"cloud\"\nwire = \"openai\"\n\
                   base_url = \"https://api.example.com/v1\"\nmodel = \"some-model\"\n";
    let mut defaults = load(minimal, &[]).unwrap().llm.provider[0].clone();
    defaults.key_env = "CLOUD_API_KEY".to_owned();
    defaults.headers.insert("x-team".to_owned(), "people".to_owned());
    assert_eq!(*provider, defaults, "the example shows the defaults");
}

#[test]
fn a_chain_names_providers_that_exist_once() {
    let error = load("[llm]\nchain = [\"cloud\"]\n", &[]).unwrap_err().to_string();
    assert!(error.contains("llm.chain") && error.contains("cloud"), "{error}");
    let error = load(&format!("{PROVIDER}{PROVIDER}"), &[]).unwrap_err().to_string();
    assert!(error.contains("two providers"), "{error}");
    let error = load(PROVIDER, &[("ORRERY_LLM_CHAIN", "local, local")]).unwrap_err().to_string();
    assert!(error.contains("twice"), "{error}");
    assert_eq!(load(PROVIDER, &[("ORRERY_LLM_CHAIN", "local")]).unwrap().llm.chain, ["local"]);
}

const PROVIDER: &str = "[[llm.provider]]\nname = \"local\"\nwire = \"ollama\"\nbase_url = \"http://127.0.0.1:11434\"\nmodel = \"m\"\n";

#[test]
fn a_wrong_key_of_a_provider_is_named_with_its_file() {
    for (line, word) in [
        ("bas_url = \"x\"", "bas_url"),
        ("headers = { Authorization = \"Bearer secret-of-mine\" }", "key_file"),
        ("key_file = \"a\"\nkey_env = \"b\"", "key_env"),
        ("timeout_s = 0", "timeout_s"),
        ("context_window = 8000", "context_window"),
        ("price = \"gold\"", "gold"),
        ("batch = true", "no batches"),
    ] {
        let error = load(&format!("{PROVIDER}{line}\n"), &[]).unwrap_err().to_string();
        assert!(error.contains(word) && error.contains("llm.provider"), "{line}: {error}");
        assert!(error.contains("orrery-config-") && !error.contains("secret-of-mine"), "{error}");
    }
    let wrong = PROVIDER.replace("http://127", "http://u:p@127");
    assert!(load(&wrong, &[]).unwrap_err().to_string().contains("password"));
}

#[test]
fn dollars_may_be_whole_and_impossible_ones_are_refused() {
    assert!(
        (load("[llm_account]\nmonth_usd = 50\n", &[]).unwrap().llm_account.month_usd - 50.0).abs() < 1e-9
    );
    let error = load("[llm_account]\njob_usd = -1.5\n", &[]).unwrap_err().to_string();
    assert!(error.contains("llm_account.job_usd") && error.contains("-1.5"), "{error}");
    let error = load("[llm_account]\nbreaker_share_percent = 0\n", &[]).unwrap_err().to_string();
    assert!(error.contains("from 1 to 100"), "{error}");
    let error = load("[llm_batch]\npoll_s = 0\n", &[]).unwrap_err().to_string();
    assert!(error.contains("llm_batch.poll_s") && error.contains("from 1 to 3600"), "{error}");
}

#[test]
fn traces_need_a_program_that_can_send_them_and_an_address() {
    let of = |endpoint: &str| load(&format!("[telemetry]\notlp_endpoint = \"{endpoint}\"\n"), &[]);
    let sent = of("https://collector.example:4318/").map(|config| config.telemetry.traces());
    #[cfg(feature = "otel")]
    assert_eq!(sent.unwrap().as_deref(), Some("https://collector.example:4318/v1/traces"));
    #[cfg(not(feature = "otel"))]
    assert!(sent.unwrap_err().to_string().contains("the feature otel"));
    for (wrong, word) in [
        ("collector", "no address"),
        ("grpc://collector:4317", "http://"),
        ("http://u:p-secret@collector:4318", "password"),
        ("http://collector:4318/v1/traces", "leave /v1/traces out"),
    ] {
        let error = of(wrong).unwrap_err().to_string();
        assert!(error.contains("telemetry.otlp_endpoint") && error.contains(word), "{error}");
        assert!(!error.contains("p-secret"), "{error}");
    }
    let error = load("[telemetry]\notlp_sample_ratio = 2\n", &[]).unwrap_err().to_string();
    assert!(error.contains("from 0 to 1"), "{error}");
}
