//! SIGHUP: the configuration is read again, and what can be changed while the worker runs is changed.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::log::{self, Level};
use crate::config::{Config, Explained, Sources};
use crate::llm::account::{Account, Settings};
use crate::queue::Queue;
use crate::runtime::Dials;

/// The signal, heard from here on: before, it would end the process.
pub(super) fn hangups() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// What a reload changes, and what it compares with.
pub(super) struct Reload {
    pub(super) sources: Sources,
    /// As the worker was started, or as the last reload left it.
    pub(super) in_force: Vec<Explained>,
    pub(super) level: Level,
    pub(super) dials: Dials,
    pub(super) account: Arc<Account>,
}

impl Reload {
    /// Reloads at each signal until `stop`.
    pub(super) async fn run(mut self, mut hangups: Signal, stop: CancellationToken) {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                heard = hangups.recv() => if heard.is_none() { return },
            }
            if let Err(error) = self.reload() {
                // What is wrong with TOML is told in several lines.
                let why = format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ");
                tracing::error!("configuration not reloaded, what was in force stays so: {why}");
            }
        }
    }

    /// All or nothing: whatever is wrong is found before anything is changed.
    fn reload(&mut self) -> anyhow::Result<()> {
        let config = self.sources.load()?;
        log::filter(&config.log)?;
        let now = self.sources.explain()?;
        let changed: Vec<(Explained, Explained)> = now
            .iter()
            .zip(&self.in_force)
            .filter(|(now, before)| now.value != before.value)
            .map(|(now, before)| (now.clone(), before.clone()))
            .collect();
        self.level.set(&config.log)?;
        self.dials.turn(&config);
        self.account.set_limits(Settings::from(&config.llm_account));
        for (now, before) in &changed {
            self.tell(now, before, &config);
        }
        tracing::info!(changed = changed.len(), "configuration reloaded");
        self.in_force = now;
        Ok(())
    }

    fn tell(&self, now: &Explained, before: &Explained, config: &Config) {
        let (key, from, to) = (&now.key, &before.value, &now.value);
        match self.effect(&now.key, config) {
            Effect::Now => tracing::info!(%key, %from, %to, "setting changed"),
            Effect::UpTo(slots) => {
                tracing::warn!(%key, %from, %to, slots, "setting changed; more than the slots that this worker has need a restart");
            }
            Effect::Restart => {
                tracing::warn!(%key, %from, %to, "setting changed in the file only: it needs a restart");
            }
        }
    }

    fn effect(&self, key: &str, config: &Config) -> Effect {
        if key == "log.level" || (key.starts_with("llm_account.") && key != "llm_account.audit_days") {
            return Effect::Now;
        }
        let Some((section, name)) = key.split_once('.') else { return Effect::Restart };
        let Some(queue) = Queue::ALL.into_iter().find(|queue| queue.as_str() == section) else {
            return Effect::Restart;
        };
        let dial = self.dials.queue(queue);
        match name {
            // A worker that was started without a queue has no slots for it.
            "enabled" if dial.has_slots() => Effect::Now,
            "concurrency" if Dials::wanted(config, queue) > dial.slots() => Effect::UpTo(dial.slots()),
            "concurrency" => Effect::Now,
            _ => Effect::Restart,
        }
    }
}

/// What becomes of a changed key.
enum Effect {
    /// It holds from now on.
    Now,
    /// It holds as far as there are slots.
    UpTo(usize),
    /// It holds for the next start.
    Restart,
}
