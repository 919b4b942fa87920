//! The people and places of organizations, read once a minute for all reports and not once for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::llm::privacy::Crowd;
use crate::pipeline::Context;
use crate::queue::{JobError, Stage};

/// Time after which an organization is read again: for so long a new colleague may be unknown.
const FRESH: Duration = Duration::from_mins(1);

/// Names of colleagues that are struck from texts at most; those of the same department come first.
const NAMES: i64 = 2000;

/// Organizations, and departments of large ones, that are kept: about a megabyte each at most.
const KEPT: usize = 32;

/// Whose people. A department is named only where the organization has more people than are read: then its own come first.
type Key = (Uuid, Option<Uuid>);

#[derive(Debug, Clone)]
struct Read {
    at: Instant,
    crowd: Arc<Crowd>,
    /// Whether there were more people than were read.
    cut: bool,
}

/// What was read last, if anything; locked while it is read.
type Place = Arc<tokio::sync::Mutex<Option<Read>>>;

/// Shared by all reports of a process.
#[derive(Debug, Default)]
pub(super) struct Crowds {
    /// One lock for each: of those that ask at once one reads, and the others wait for it.
    all: Mutex<HashMap<Key, Place>>,
}

impl Crowds {
    /// Everybody of an organization whose name must not leave, and the places where they come from.
    pub(super) async fn of(
        &self,
        context: &Context,
        organization: Uuid,
        department: Option<Uuid>,
    ) -> Result<Arc<Crowd>, JobError> {
        let all = self.read(context, (organization, None)).await?;
        if !all.cut || department.is_none() {
            return Ok(all.crowd);
        }
        self.read(context, (organization, department)).await.map(|read| read.crowd)
    }

    async fn read(&self, context: &Context, key: Key) -> Result<Read, JobError> {
        let place = self.place(key);
        let mut kept = place.lock().await;
        if let Some(read) = kept.as_ref().filter(|read| read.at.elapsed() < FRESH) {
            return Ok(read.clone());
        }
        let read = read(context, key).await?;
        *kept = Some(read.clone());
        Ok(read)
    }

    fn place(&self, key: Key) -> Place {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT && !all.contains_key(&key) {
            // What is being read just now is left; what is old goes, and if nothing is old, all of it.
            let old = |place: &Place| {
                place.try_lock().is_ok_and(|read| read.as_ref().is_none_or(|read| read.at.elapsed() >= FRESH))
            };
            all.retain(|_, place| !old(place));
            if all.len() >= KEPT {
                all.clear();
            }
        }
        Arc::clone(all.entry(key).or_default())
    }
}

async fn read(context: &Context, (organization, department): Key) -> Result<Read, JobError> {
    let at = Instant::now();
    let names = sqlx::query_scalar(include_str!("../sql/names_of_organization.sql"))
        .bind(organization)
        .bind(department)
        .bind(NAMES)
        .fetch_all(&context.pg);
    let places = sqlx::query_scalar(include_str!("../sql/places_of_organization.sql"))
        .bind(organization)
        .bind(NAMES)
        .fetch_all(&context.pg);
    let (names, places): (Vec<String>, Vec<String>) =
        futures::try_join!(names, places).map_err(|error| JobError::postgres(Stage::Analyse, error))?;
    let cut = i64::try_from(names.len()).is_ok_and(|number| number >= NAMES);
    Ok(Read { at, crowd: Arc::new(Crowd::of(names, &places)), cut })
}
