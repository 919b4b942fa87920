//! Bars while the demo works.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::database::Demo;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// One line that tells what happens; on a terminal a moving one.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    pub(super) fn step(&self, what: &str) {
        self.bar.println(format!("- {what}"));
        if self.bar.is_hidden() {
            tell(what);
        }
        self.bar.set_message(what.to_owned());
    }

    /// Waits until no row of any queue is open.
    pub(super) async fn wait_until_ended(
        &self,
        demo: &Demo,
        what: &str,
        patience: Duration,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + patience;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut most, mut quiet) = (0, 0);
        // Unwrap safety: a test draws the style.
        let style = ProgressStyle::with_template("  {bar:40} {pos}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar.set_style(style);
        loop {
            looks.tick().await;
            let open: i64 =
                sqlx::query_scalar("select count(*) from orrery.dispatch").fetch_one(&demo.pg).await?;
            most = most.max(open);
            self.bar.set_length(most.unsigned_abs());
            self.bar.set_position((most - open).unsigned_abs());
            self.bar.set_message(format!("{what} ended"));
            // Two looks in a row: a quarter that has just closed is about to queue its reports.
            quiet = if open == 0 { quiet + 1 } else { 0 };
            if quiet == 2 {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "{open} {what} had not ended after {patience:?}");
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[allow(clippy::print_stderr, reason = "progress goes to standard error when it is no terminal")]
fn tell(what: &str) {
    eprintln!("- {what}");
}
