//! What is sent, byte by byte.

use crate::llm::provider::Provider;
use crate::llm::testing::{provider, request};

fn sent(provider: &Provider) -> String {
    provider.speaks().body(provider, &request(), 50).to_string()
}

fn headers(provider: &Provider) -> Vec<(&'static str, String)> {
    provider.speaks().headers(provider)
}

const STRICT: &str = r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}"#;
const BOUNDED: &str = r#"{"type":"object","properties":{"text":{"type":"string","minLength":1}},"required":["text"],"additionalProperties":false}"#;

#[test]
fn openai_with_a_reasoning_model() {
    let p = provider(
        "wire = \"openai\"\nbase_url = \"https://api.example.com/v1/\"\noutput_cap = \"max_completion_tokens\"\ntemperature = false",
    );
    assert_eq!(p.speaks().url(&p), "https://api.example.com/v1/chat/completions");
    assert_eq!(headers(&p), [("authorization", "Bearer key-0123456789".to_owned())]);
    assert_eq!(
        sent(&p),
        format!(
            r#"{{"model":"m-1","messages":[{{"role":"system","content":"Be brief."}},{{"role":"user","content":"Say \"a\"."}},{{"role":"assistant","content":"b"}},{{"role":"user","content":"No."}}],"max_completion_tokens":50,"response_format":{{"type":"json_schema","json_schema":{{"name":"note","strict":true,"schema":{STRICT}}}}}}}"#
        )
    );
}

#[test]
fn a_compatible_server_with_a_grammar() {
    let p = provider(
        "wire = \"openai\"\nbase_url = \"http://127.0.0.1:8080/v1\"\nschema = \"bounded\"\nseed = true",
    );
    assert_eq!(
        sent(&p),
        format!(
            r#"{{"model":"m-1","messages":[{{"role":"system","content":"Be brief."}},{{"role":"user","content":"Say \"a\"."}},{{"role":"assistant","content":"b"}},{{"role":"user","content":"No."}}],"max_tokens":50,"temperature":0.2,"seed":7,"response_format":{{"type":"json_schema","json_schema":{{"name":"note","strict":true,"schema":{BOUNDED}}}}}}}"#
        )
    );
}

#[test]
fn azure_by_its_older_address() {
    let p = provider(
        "wire = \"openai\"\nbase_url = \"https://x.openai.azure.com/openai/deployments/d\"\nauth = \"api_key\"\napi_version = \"2024-10-21\"",
    );
    assert_eq!(
        p.speaks().url(&p),
        "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
    );
    assert_eq!(headers(&p), [("api-key", "key-0123456789".to_owned())]);
}

#[test]
fn anthropic() {
    let p = provider("wire = \"anthropic\"\nbase_url = \"https://api.anthropic.com\"");
    assert_eq!(p.speaks().url(&p), "https://api.anthropic.com/v1/messages");
    assert_eq!(
        headers(&p),
        [("anthropic-version", "2023-06-01".to_owned()), ("x-api-key", "key-0123456789".to_owned())]
    );
    assert_eq!(
        sent(&p),
        format!(
            r#"{{"model":"m-1","max_tokens":50,"system":[{{"type":"text","text":"Be brief.","cache_control":{{"type":"ephemeral"}}}}],"messages":[{{"role":"user","content":"Say \"a\"."}},{{"role":"assistant","content":"b"}},{{"role":"user","content":"No."}}],"temperature":0.2,"output_config":{{"format":{{"type":"json_schema","schema":{STRICT}}}}}}}"#
        )
    );
}

#[test]
fn gemini() {
    let p =
        provider("wire = \"gemini\"\nbase_url = \"https://generativelanguage.googleapis.com\"\nseed = true");
    assert_eq!(
        p.speaks().url(&p),
        "https://generativelanguage.googleapis.com/v1beta/models/m-1:generateContent"
    );
    assert_eq!(headers(&p), [("x-goog-api-key", "key-0123456789".to_owned())]);
    assert_eq!(
        sent(&p),
        format!(
            r#"{{"systemInstruction":{{"parts":[{{"text":"Be brief."}}]}},"contents":[{{"role":"user","parts":[{{"text":"Say \"a\"."}}]}},{{"role":"model","parts":[{{"text":"b"}}]}},{{"role":"user","parts":[{{"text":"No."}}]}}],"generationConfig":{{"maxOutputTokens":50,"temperature":0.2,"seed":7,"responseMimeType":"application/json","responseJsonSchema":{STRICT}}}}}"#
        )
    );
    let versioned = provider("wire = \"gemini\"\nbase_url = \"http://127.0.0.1:1/v1\"");
    assert_eq!(versioned.speaks().url(&versioned), "http://127.0.0.1:1/v1/models/m-1:generateContent");
}

#[test]
fn ollama_is_told_the_size_of_its_window() {
    let p = provider("wire = \"ollama\"\nbase_url = \"http://127.0.0.1:11434\"\ncontext_window = 16384");
    assert_eq!(p.speaks().url(&p), "http://127.0.0.1:11434/api/chat");
    assert_eq!(
        sent(&p),
        format!(
            r#"{{"model":"m-1","messages":[{{"role":"system","content":"Be brief."}},{{"role":"user","content":"Say \"a\"."}},{{"role":"assistant","content":"b"}},{{"role":"user","content":"No."}}],"stream":false,"options":{{"num_predict":50,"num_ctx":16384,"temperature":0.2}},"format":{STRICT}}}"#
        )
    );
    let unknown = provider("wire = \"ollama\"\nbase_url = \"http://127.0.0.1:11434\"");
    assert!(sent(&unknown).contains(r#""num_ctx":1024"#), "{}", sent(&unknown));
}

#[test]
fn no_form_of_a_provider_prints_its_key() {
    let p = provider("wire = \"openai\"\nbase_url = \"http://127.0.0.1:1\"");
    assert!(!format!("{p:?}").contains("0123456789"));
    let key = p.key.as_ref().unwrap();
    assert_eq!(key.struck_from("Incorrect key: key-0123456789"), "Incorrect key: ***");
    assert_eq!(key.struck_from("Incorrect key: key-0123***6789"), "Incorrect key: *********");
}
