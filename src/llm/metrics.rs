//! Names of what calls of language models count, by the conventions of `OpenTelemetry` for generative AI as Prometheus has them;
//! `service::metrics` says what each means.

/// Tokens of a call.
pub const TOKEN_USAGE: &str = "gen_ai_client_token_usage";
/// Time of a call.
pub const OPERATION_SECONDS: &str = "gen_ai_client_operation_duration_seconds";
