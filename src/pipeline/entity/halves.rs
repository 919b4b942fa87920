//! Writing many at once so that one bad row fails alone.

use crate::queue::{ErrorClass, JobError};

/// A write of many rows that happens for all of them or for none.
pub(super) trait Write<T>: Sync {
    /// Writes all rows. An error means that nothing was written; a row that was left out of a write that happened (its lease is gone)
    /// has an error of its own, in the order of the rows.
    fn write(&self, rows: &[T]) -> impl Future<Output = Result<Vec<Result<(), JobError>>, JobError>> + Send;
}

/// Writes rows. What is refused is written again in halves, down to the one row that is the reason. A store that is down or busy
/// would refuse the halves as well: then the error is that of all rows.
pub(super) async fn write<T: Send + Sync>(
    rows: Vec<T>,
    writer: &impl Write<T>,
) -> Vec<(T, Result<(), JobError>)> {
    let mut ended = Vec::with_capacity(rows.len());
    let mut open = vec![rows];
    while let Some(mut rows) = open.pop() {
        if rows.is_empty() {
            continue;
        }
        match writer.write(&rows).await {
            Ok(ends) => ended.extend(rows.into_iter().zip(ends)),
            Err(error) if rows.len() > 1 && !matches!(error.class, ErrorClass::Snooze(_)) => {
                tracing::warn!(rows = rows.len(), %error, "a batch was refused; it is written again in halves");
                open.push(rows.split_off(rows.len() / 2));
                open.push(rows);
            }
            Err(error) => {
                let errors = error.of_each(rows.len());
                ended.extend(rows.into_iter().zip(errors).map(|(row, error)| (row, Err(error))));
            }
        }
    }
    ended
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;
    use crate::queue::Stage;

    /// Refuses whatever holds a bad number; counts the writes.
    struct Picky {
        bad: Vec<u32>,
        down: bool,
        writes: Mutex<usize>,
    }

    impl Write<u32> for Picky {
        async fn write(&self, rows: &[u32]) -> Result<Vec<Result<(), JobError>>, JobError> {
            *self.writes.lock().unwrap() += 1;
            if self.down {
                return Err(JobError::snooze(Stage::Publish, "test.down", "down", Duration::ZERO));
            }
            if rows.iter().any(|row| self.bad.contains(row)) {
                return Err(JobError::retry(Stage::Publish, "test.refused", "refused"));
            }
            Ok(rows.iter().map(|_| Ok(())).collect())
        }
    }

    async fn failed(writer: &Picky) -> Vec<u32> {
        let ended = write((0..200).collect(), writer).await;
        assert_eq!(ended.len(), 200, "each row has an end");
        let mut failed: Vec<u32> =
            ended.into_iter().filter(|(_, end)| end.is_err()).map(|(row, _)| row).collect();
        failed.sort_unstable();
        failed
    }

    #[tokio::test]
    async fn bad_rows_fail_alone_after_few_writes() {
        let writer = Picky { bad: vec![17, 160], down: false, writes: Mutex::default() };
        assert_eq!(failed(&writer).await, [17, 160]);
        assert!(*writer.writes.lock().unwrap() < 40);
    }

    #[tokio::test]
    async fn a_store_that_is_down_is_asked_once() {
        let writer = Picky { bad: Vec::new(), down: true, writes: Mutex::default() };
        assert_eq!(failed(&writer).await.len(), 200);
        assert_eq!(*writer.writes.lock().unwrap(), 1);
    }
}
