//! Wake-ups and cancellations from the database. A notice is only a hint: polling and heartbeats are the truth.

use std::sync::Arc;

use sqlx::postgres::PgNotification;
use tokio::sync::Notify;
use uuid::Uuid;

use super::inflight::InFlight;
use super::job::StopReason;
use super::name::Queue;

/// Channels on which the database tells.
pub const CHANNELS: [&str; 2] = ["orrery_wake", "orrery_cancel"];

/// One alarm clock for each queue.
#[derive(Debug, Clone, Default)]
pub struct Wake {
    queues: [Arc<Notify>; 4],
}

impl Wake {
    /// The alarm of one queue.
    #[must_use]
    pub fn of(&self, queue: Queue) -> &Notify {
        &self.queues[queue as usize]
    }
}

/// Wakes a queue, or tells a running job that somebody has cancelled it.
pub fn hear(notice: &PgNotification, wake: &Wake, inflight: &InFlight) {
    match notice.channel() {
        "orrery_wake" => {
            if let Ok(queue) = notice.payload().parse::<Queue>() {
                wake.of(queue).notify_one();
            }
        }
        "orrery_cancel" => {
            let row = notice.payload().split_once(':');
            if let Some((Ok(queue), Ok(id))) =
                row.map(|(queue, id)| (queue.parse::<Queue>(), id.parse::<Uuid>()))
            {
                inflight.stop(queue, id, StopReason::Cancelled);
            }
        }
        _ => {}
    }
}
