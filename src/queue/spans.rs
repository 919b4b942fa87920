//! Spans of attempts and their parts, for traces. The log leaves them out, and where nobody listens none is made.
//!
//! Attributes hold ids, counts and codes; never a name, a date or a message, which may quote either.

use std::sync::Arc;

use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use tracing_subscriber::EnvFilter;

use super::error::JobError;
use super::job::ClaimedJob;

/// Target of every span that belongs to a trace; what listens picks by it.
pub const TARGET: &str = "orrery::trace";

/// What a log shows: everything that `filter` shows but spans. A line of the log says by itself what it is about.
///
/// # Panics
/// Never: a target and a level are a directive.
#[must_use]
pub fn without(filter: EnvFilter) -> EnvFilter {
    filter.add_directive(format!("{TARGET}=off").parse().expect("a directive"))
}

/// Parts of an attempt. Each is a child of the span that is current when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Reading what the job needs.
    Collect,
    /// Charts, codes, comparisons, patterns.
    Calculate,
    /// The narrator's words.
    Narrate,
    /// Asking language models; each call is a child.
    Ask,
    /// Looking whether all is as it was when the job began.
    Recheck,
    /// Writing documents.
    Documents,
    /// Writing rows, and completing the application's row with them.
    Rows,
}

impl Part {
    /// Begins the part.
    #[must_use]
    pub fn span(self) -> Span {
        macro_rules! part {
            ($name:literal $(, $field:ident $(. $more:ident)* = $value:literal)*) => {
                tracing::info_span!(
                    target: TARGET,
                    $name,
                    otel.status_code = Empty,
                    error.r#type = Empty,
                    $($field $(. $more)* = $value,)*
                )
            };
        }
        match self {
            Self::Collect => part!("orrery.collect"),
            Self::Calculate => part!("orrery.calculate"),
            Self::Narrate => part!("orrery.narrate"),
            Self::Ask => part!("orrery.ask"),
            Self::Recheck => part!("orrery.recheck"),
            Self::Documents => {
                part!("orrery.publish.mongodb", otel.kind = "client", db.system.name = "mongodb")
            }
            Self::Rows => {
                part!("orrery.publish.postgresql", otel.kind = "client", db.system.name = "postgresql")
            }
        }
    }

    /// Runs `work` as this part.
    ///
    /// # Errors
    /// Those of `work`; the span has their code.
    pub async fn of<T>(self, work: impl Future<Output = Result<T, JobError>>) -> Result<T, JobError> {
        let span = self.span();
        let result = work.instrument(span.clone()).await;
        result.inspect_err(|error| mark(&span, &error.code))
    }

    /// Runs `work`, which waits for nothing, as this part.
    ///
    /// # Errors
    /// As [`Part::of`].
    pub fn within<T>(self, work: impl FnOnce() -> Result<T, JobError>) -> Result<T, JobError> {
        let span = self.span();
        span.in_scope(work).inspect_err(|error| mark(&span, &error.code))
    }
}

/// Marks a span as failed.
fn mark(span: &Span, code: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", code);
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct End {
    /// `completed`, or another word of the metrics.
    pub outcome: &'static str,
    /// Why it did not complete.
    pub code: Option<String>,
}

impl End {
    /// It completed.
    pub const COMPLETED: Self = Self { outcome: "completed", code: None };

    /// It did not.
    #[must_use]
    pub fn other(outcome: &'static str, error: &JobError) -> Self {
        Self { outcome, code: Some(error.code.clone().into_owned()) }
    }

    /// Whether something is wrong: what was put off or belongs to somebody else is not.
    fn is_failure(&self) -> bool {
        matches!(self.outcome, "failed" | "retried")
    }
}

/// The span of what a slot has taken: one attempt, or a batch of them. Open until it is dropped.
#[derive(Debug)]
pub struct Attempt {
    span: Span,
    alone: bool,
}

impl Attempt {
    /// Begins the span of these jobs.
    #[must_use]
    pub fn of(jobs: &[Arc<ClaimedJob>], worker_id: &str) -> Self {
        match jobs {
            [job] => Self { span: of_job(job, worker_id), alone: true },
            jobs => Self { span: of_batch(jobs, worker_id), alone: false },
        }
    }

    /// The span itself.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Says how one of the jobs ended. Of a batch only those are told that did not complete.
    pub fn tell(&self, job: &ClaimedJob, end: &End) {
        if self.alone {
            self.span.record("orrery.outcome", end.outcome);
            if let Some(code) = &end.code {
                self.span.record("orrery.code", code.as_str());
                if end.is_failure() {
                    mark(&self.span, code);
                }
            }
        } else if let Some(code) = &end.code {
            tracing::info!(
                target: TARGET,
                parent: &self.span,
                {
                    orrery.job.id = %job.lease.job_id,
                    orrery.attempt = job.attempt,
                    orrery.token = job.lease.token,
                    orrery.outcome = end.outcome,
                    orrery.code = code.as_str(),
                },
                "orrery.row"
            );
        }
    }

    /// Says how many jobs of a batch completed.
    pub fn completed(&self, rows: usize) {
        if !self.alone {
            self.span.record("orrery.rows.completed", number(rows));
        }
    }
}

fn of_job(job: &ClaimedJob, worker_id: &str) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "orrery.job",
        otel.kind = "consumer",
        otel.status_code = Empty,
        error.r#type = Empty,
        orrery.queue = job.lease.queue.as_str(),
        orrery.job.id = %job.lease.job_id,
        orrery.organization.id = job.organization_id.as_str(),
        orrery.attempt = job.attempt,
        orrery.token = job.lease.token,
        orrery.worker.id = worker_id,
        orrery.outcome = Empty,
        orrery.code = Empty,
    );
    #[cfg(feature = "otel")]
    otel::continue_trace(&span, job);
    span
}

fn of_batch(jobs: &[Arc<ClaimedJob>], worker_id: &str) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "orrery.batch",
        otel.kind = "consumer",
        orrery.queue = jobs.first().map(|job| job.lease.queue.as_str()),
        orrery.rows = number(jobs.len()),
        orrery.rows.completed = Empty,
        orrery.worker.id = worker_id,
    );
    #[cfg(feature = "otel")]
    otel::name_rows(&span, jobs);
    span
}

/// As traces hold numbers: signed.
fn number(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// What `tracing` has no words for.
#[cfg(feature = "otel")]
mod otel {
    use std::collections::HashMap;
    use std::sync::Arc;

    use opentelemetry::propagation::TextMapPropagator as _;
    use opentelemetry::trace::TraceContextExt as _;
    use opentelemetry::{Array, StringValue, Value};
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use tracing::Span;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;

    use super::super::job::ClaimedJob;

    /// Makes the span part of the trace that the application's row names. A text that is no `traceparent` begins a trace of its own.
    pub(super) fn continue_trace(span: &Span, job: &ClaimedJob) {
        if span.is_disabled() {
            return;
        }
        let columns = job.payload.columns();
        let Some(metadata) = columns.get("request_metadata") else { return };
        let header = |name: &str| Some((name.to_owned(), metadata.get(name)?.as_str()?.to_owned()));
        let headers: HashMap<String, String> =
            ["traceparent", "tracestate"].into_iter().filter_map(header).collect();
        let parent = TraceContextPropagator::new().extract(&headers);
        if parent.span().span_context().is_valid() {
            // Fails only where no layer of traces listens.
            let _ = span.set_parent(parent);
        }
    }

    /// Lists the rows of a batch.
    pub(super) fn name_rows(span: &Span, jobs: &[Arc<ClaimedJob>]) {
        if !span.is_disabled() {
            let ids = jobs.iter().map(|job| StringValue::from(job.lease.job_id.to_string())).collect();
            span.set_attribute("orrery.job.ids", Value::Array(Array::String(ids)));
        }
    }
}
