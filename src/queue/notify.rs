//! Wake-ups and cancellations from the database. A notice is only a hint: polling and heartbeats are the truth.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgNotification};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::inflight::InFlight;
use super::job::StopReason;
use super::name::Queue;
use super::outage::Outage;

/// Pause before a lost connection is tried again.
const RECONNECT: Duration = Duration::from_secs(2);

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

/// Listens until `stop`; reconnects by itself.
pub async fn listen(pool: PgPool, wake: Wake, inflight: InFlight, outage: Outage, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen_all(["orrery_wake", "orrery_cancel"]).await?;
            // What was notified while nobody listened is found by looking once.
            for queue in Queue::ALL {
                wake.of(queue).notify_one();
            }
            loop {
                let notice = listener.recv().await?;
                hear(&notice, &wake, &inflight);
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            result = listening => {
                let result: Result<(), sqlx::Error> = result;
                if let Err(error) = result {
                    outage.failed("notices are not heard; work goes on by polling", &error);
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RECONNECT) => {}
        }
    }
}

fn hear(notice: &PgNotification, wake: &Wake, inflight: &InFlight) {
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
