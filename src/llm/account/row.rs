//! The row of a call, as the statements take it: the columns of `orrery.llm_calls` by name.

use serde_json::{Value, json};
use uuid::Uuid;

use super::prices::{Cost, PriceBook, Way};
use super::{Payer, Terms};
use crate::llm::answer::Answer;
use crate::llm::error::LlmError;
use crate::llm::guard::Call;
use crate::llm::usage::Usage;

/// What is known of a call before it is sent.
pub(super) fn begun(
    id: Uuid,
    call: &Call<'_>,
    payer: &Payer,
    terms: &Terms,
    worker_id: &str,
    reserved: Option<Cost>,
) -> Value {
    let request = call.request;
    json!({
        "id": id,
        "request_digest": call.digest.to_string(),
        "organization_id": payer.organization_id,
        "queue": payer.job.map(|job| job.queue),
        "job_id": payer.job.map(|job| job.id),
        "token": payer.job.map(|job| job.token),
        "worker_id": worker_id,
        "purpose": request.purpose,
        "section": request.part,
        "provider": call.provider,
        "model": call.model,
        "key_id": terms.key_id,
        "step": call.step,
        "prompt_id": request.prompt.id,
        "prompt_version": request.prompt.version,
        "prompt_hash": request.prompt.hash,
        "schema_version": request.schema.as_ref().map(|schema| schema.digest().to_string()),
        "params": {
            "max_output": request.max_output, "temperature": request.temperature, "seed": request.seed,
            "locale": request.locale, "nonce": request.nonce,
        },
        "reserved_tokens": call.input.saturating_add(call.output),
        "reserved_nano_usd": reserved.map(|cost| cost.nano_usd),
    })
}

/// What an answer adds.
pub(super) fn answered(answer: &Answer, cost: Option<Cost>) -> Value {
    let mut row = json!({
        "state": "answered",
        "tries": answer.tries,
        "latency_ms": i32::try_from(answer.latency.as_millis()).unwrap_or(i32::MAX),
        "http_status": answer.status,
        "finish": answer.finish.as_str(),
        "request_id": answer.request_id,
        "answered_model": answer.model,
    });
    add(&mut row, used(&answer.usage, cost));
    row
}

/// What a failure adds.
pub(super) fn failed(error: &LlmError, cost: Option<Cost>) -> Value {
    let mut row = json!({
        "error_code": error.kind.code(),
        "provider_code": error.detail.provider_code,
        "http_status": error.detail.status,
        "request_id": error.detail.request_id,
    });
    if let Some(usage) = &error.detail.usage {
        add(&mut row, used(usage, cost));
    }
    row
}

fn used(usage: &Usage, cost: Option<Cost>) -> Value {
    json!({
        "input_tokens": usage.input,
        "cached_input_tokens": usage.cached_input,
        "cache_write_tokens": usage.cache_write,
        "output_tokens": usage.output,
        "reasoning_tokens": usage.reasoning,
        "usage_estimated": usage.estimated,
        "price_id": cost.and_then(|cost| cost.price_id),
        "cost_nano_usd": cost.map(|cost| cost.nano_usd),
    })
}

/// Adds the fields of one object to another.
pub(super) fn add(to: &mut Value, from: Value) {
    if let (Value::Object(to), Value::Object(from)) = (to, from) {
        to.extend(from);
    }
}

/// What `usage` costs at this provider today; `None` when nobody knows.
pub(super) fn cost(book: &PriceBook, terms: &Terms, model: &str, usage: &Usage, way: Way) -> Option<Cost> {
    if terms.free {
        return Some(Cost { nano_usd: 0, price_id: None });
    }
    let today = chrono::Utc::now().date_naive();
    let price = book.find(&[&terms.provider, &terms.price_list], model, today)?;
    Some(Cost { nano_usd: price.share(way, price.of(usage)), price_id: Some(price.id) })
}
