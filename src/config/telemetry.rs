//! `[telemetry]`.

use serde::Deserialize;

/// `[telemetry]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Telemetry {
    pub otlp_endpoint: String,
    pub otlp_sample_ratio: f64,
}

impl Telemetry {
    /// Where traces are sent; `None` for nowhere.
    #[must_use]
    pub fn traces(&self) -> Option<String> {
        let base = self.otlp_endpoint.trim_end_matches('/');
        (!base.is_empty()).then(|| format!("{base}/v1/traces"))
    }

    /// The first key whose value cannot be meant, and why.
    pub(super) fn problem(&self) -> Option<(&'static str, String)> {
        if let Some(problem) = self.endpoint_problem() {
            return Some(("telemetry.otlp_endpoint", problem));
        }
        let ratio = self.otlp_sample_ratio;
        (!(0.0..=1.0).contains(&ratio))
            .then(|| ("telemetry.otlp_sample_ratio", format!("is {ratio}, must be from 0 to 1")))
    }

    fn endpoint_problem(&self) -> Option<String> {
        if self.otlp_endpoint.is_empty() {
            return None;
        }
        let text = &self.otlp_endpoint;
        match reqwest::Url::parse(text) {
            // First, so that nothing below prints it.
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                Some("holds a password; use the variable OTEL_EXPORTER_OTLP_HEADERS".to_owned())
            }
            Ok(url) if !matches!(url.scheme(), "http" | "https") || !url.has_host() => {
                Some(format!("is {text:?}, must begin with http:// or https://"))
            }
            Ok(url) if url.path().ends_with("/v1/traces") => {
                Some(format!("is {text:?}; leave /v1/traces out, it is added"))
            }
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                Some(format!("is {text:?}, must end with the path"))
            }
            Ok(_) if !cfg!(feature = "otel") => Some(
                "is set, but this program was built without traces; build it with the feature otel, or leave the key empty"
                    .to_owned(),
            ),
            Ok(_) => None,
            Err(error) => Some(format!("is no address: {error}")),
        }
    }
}
