//! The people and places of organizations, read once a minute for all reports and not once for each.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::llm::privacy::Crowd;
use crate::pipeline::Context;
use crate::queue::{JobError, Stage};

/// Time after which an organization is read again: for so long a new colleague may be unknown.
const FRESH: Duration = Duration::from_mins(1);

/// Employees whose names and numbers are struck from texts at most, those of the same department first; and names of users, and
/// of candidates.
const NAMES: i64 = 2000;

/// Organizations, and departments of large ones, that are kept: about three megabytes each at most.
const KEPT: usize = 32;

/// Whose people. A department is named only where the organization has more people than are read: then its own come first.
type Key = (Uuid, Option<Uuid>);

/// Who must not be named in a report.
#[derive(Debug, Clone)]
pub(super) struct People {
    /// Their names, and the places where they come from.
    pub(super) crowd: Arc<Crowd>,
    /// Numbers of employees that can be told from other words, and full names of users: an account may be named by ordinary words, so
    /// only the whole is looked for.
    codes: Arc<[String]>,
    /// Whether there were more employees than were read.
    cut: bool,
}

impl People {
    /// The numbers of employees and names of users that occur in a text, and the number of the subject where it may not have been read with the others.
    pub(super) async fn codes_in(
        &self,
        context: &Context,
        subject: Uuid,
        text: &str,
    ) -> Result<Vec<String>, JobError> {
        let text = signs(text);
        let found = self.codes.iter().filter(|code| text.contains(&signs(code))).cloned();
        let mut found: Vec<String> = found.collect();
        if self.cut {
            let own: Option<Option<String>> = sqlx::query_scalar(include_str!("../sql/code_of_employee.sql"))
                .bind(subject)
                .fetch_optional(&context.pg)
                .await
                .map_err(|error| JobError::postgres(Stage::Analyse, error))?;
            found.extend(own.flatten().filter(|code| can_be_told(code)));
        }
        Ok(found)
    }
}

#[derive(Debug, Clone)]
struct Read {
    at: Instant,
    people: People,
}

/// Full name and number of an employee.
type Employee = (Option<String>, Option<String>);

/// What was read last, if anything; locked while it is read.
type Place = Arc<tokio::sync::Mutex<Option<Read>>>;

/// Shared by all reports of a process.
#[derive(Debug, Default)]
pub(super) struct Crowds {
    /// One lock for each: of those that ask at once one reads, and the others wait for it.
    all: Mutex<HashMap<Key, Place>>,
}

impl Crowds {
    /// Everybody of an organization whose name must not leave.
    pub(super) async fn of(
        &self,
        context: &Context,
        organization: Uuid,
        department: Option<Uuid>,
    ) -> Result<People, JobError> {
        let all = self.read(context, (organization, None)).await?;
        if !all.cut || department.is_none() {
            return Ok(all);
        }
        self.read(context, (organization, department)).await
    }

    async fn read(&self, context: &Context, key: Key) -> Result<People, JobError> {
        let place = self.place(key);
        let mut kept = place.lock().await;
        if let Some(read) = kept.as_ref().filter(|read| read.at.elapsed() < FRESH) {
            return Ok(read.people.clone());
        }
        let read = read(context, key).await?;
        let people = read.people.clone();
        *kept = Some(read);
        Ok(people)
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
    let employees = sqlx::query_as(include_str!("../sql/names_of_organization.sql"))
        .bind(organization)
        .bind(department)
        .bind(NAMES)
        .fetch_all(&context.pg);
    let places = sqlx::query_scalar(include_str!("../sql/places_of_organization.sql"))
        .bind(organization)
        .bind(NAMES)
        .fetch_all(&context.pg);
    let others = others(context, organization);
    let (employees, places, others): (Vec<Employee>, Vec<String>, Others) =
        futures::try_join!(employees, places, others)
            .map_err(|error| JobError::postgres(Stage::Analyse, error))?;
    let cut = i64::try_from(employees.len()).is_ok_and(|number| number >= NAMES);
    let (names, codes): (Vec<Option<String>>, Vec<Option<String>>) = employees.into_iter().unzip();
    let codes = codes.into_iter().flatten().filter(|code| can_be_told(code));
    let names: Vec<String> = names.into_iter().flatten().chain(others.candidates).collect();
    // Many users are employees.
    let known: HashSet<&String> = names.iter().collect();
    let users = others.users.into_iter().filter(|name| !known.contains(name));
    let codes = codes.chain(users).collect();
    let crowd = Arc::new(Crowd::of(names, &places));
    Ok(Read { at, people: People { crowd, codes, cut } })
}

/// Names of people who are no employees.
#[derive(Debug, Default)]
struct Others {
    users: Vec<String>,
    candidates: Vec<String>,
}

/// As far as the platform has such tables and lets the worker read them.
async fn others(context: &Context, organization: Uuid) -> sqlx::Result<Others> {
    let tables: Vec<String> =
        sqlx::query_scalar(include_str!("../sql/tables_of_people.sql")).fetch_all(&context.pg).await?;
    let mut all = Others::default();
    for table in tables {
        let (statement, names) = if table == "users" {
            (include_str!("../sql/names_of_users.sql"), &mut all.users)
        } else {
            (include_str!("../sql/names_of_candidates.sql"), &mut all.candidates)
        };
        *names = sqlx::query_scalar(statement).bind(organization).bind(NAMES).fetch_all(&context.pg).await?;
    }
    Ok(all)
}

/// Whether a number of an employee is more than what stands in every report, such as `7`, `2026` or `F07`: a question that holds one
/// of those is not sent.
fn can_be_told(code: &str) -> bool {
    let code = signs(code);
    let digits = code.chars().filter(|c| c.is_numeric()).count();
    let all = code.chars().count();
    let least = if digits == all { 5 } else { 4 };
    digits > 0 && all >= least
}

/// Small letters and digits, and nothing between them.
fn signs(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_only_where_it_is_more_than_a_number_of_a_report() {
        for code in ["EMP-0042", "NI-001", "a042", "10042"] {
            assert!(can_be_told(code), "{code}");
        }
        for code in ["", "7", "2026", "F07", "Q4", "Q-4", "Lead", "90 d"] {
            assert!(!can_be_told(code), "{code}");
        }
    }
}
