//! A running quarter as a bar that moves.

use std::time::Duration;

use chrono::Utc;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqlx::PgPool;
use tokio::time::{MissedTickBehavior, interval};

use super::lines;
use crate::pipeline::quarter::control::{self, Standing};

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// Follows a quarter until it ends, and returns how it stands then.
pub(super) async fn follow(pool: &PgPool, first: Standing) -> anyhow::Result<Standing> {
    let quarter = lines::name(&first).parse()?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
    // Unwrap safety: the words in braces are those that the library knows; otherwise its own style is used.
    let style = ProgressStyle::with_template("{prefix} {bar:30} {percent:>3} % {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.set_prefix(lines::name(&first));
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = first;
    while seen.status == "in_progress" {
        show(&bar, &seen);
        looks.tick().await;
        match control::standing(pool, Some(quarter)).await?.pop() {
            Some(standing) => seen = standing,
            None => break,
        }
    }
    bar.finish_and_clear();
    Ok(seen)
}

fn show(bar: &ProgressBar, standing: &Standing) {
    bar.set_length(standing.total.unsigned_abs());
    bar.set_position((standing.total - standing.open).unsigned_abs());
    let failed = if standing.failed > 0 { format!(", {} failed", standing.failed) } else { String::new() };
    let pace = lines::pace(standing, Utc::now()).map_or_else(String::new, |pace| format!(", {pace}"));
    bar.set_message(format!("{}{failed}{pace}", lines::state(standing)));
}
