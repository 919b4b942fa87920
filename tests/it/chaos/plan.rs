//! What happens in a storm and when: drawn from the seed alone, so that a storm can be played again.

use std::time::Duration;

use fastrand::Rng;

/// Workers in a storm.
pub const WORKERS: usize = 3;

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// `kill -9` of a worker; it is started again.
    KillWorker,
    /// A worker is stopped past its lease and woken.
    FreezeWorker,
    /// SIGTERM to a worker; it is started again.
    DrainWorker,
    /// The clock of a worker is an hour off; the worker before it is killed.
    SkewClock,
    /// What a worker and PostgreSQL send each other does not arrive for a while.
    SilencePostgres,
    /// What a worker and MongoDB send each other does not arrive for a while.
    SilenceMongodb,
    /// The connections of a worker to PostgreSQL are closed for a while.
    CutPostgres,
    /// The connections of a worker to MongoDB are closed for a while.
    CutMongodb,
    /// The backends that listen for notices are terminated.
    TerminateListeners,
    /// PostgreSQL is restarted.
    RestartPostgres,
    /// `kill -9` of the postmaster.
    KillPostgres,
    /// MongoDB is restarted.
    RestartMongodb,
    /// `kill -9` of mongod.
    KillMongodb,
    /// MongoDB's disk is full for a while.
    FillDisk,
}

/// Every kind as often as it comes in one round of the storm.
const ROUND: [(Event, usize); 14] = [
    (Event::KillWorker, 4),
    (Event::FreezeWorker, 2),
    (Event::DrainWorker, 1),
    (Event::SkewClock, 1),
    (Event::SilencePostgres, 1),
    (Event::SilenceMongodb, 1),
    (Event::CutPostgres, 1),
    (Event::CutMongodb, 1),
    (Event::TerminateListeners, 1),
    (Event::RestartPostgres, 1),
    (Event::KillPostgres, 1),
    (Event::RestartMongodb, 1),
    (Event::KillMongodb, 1),
    (Event::FillDisk, 1),
];

/// An event at its time.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Since the beginning of the storm.
    pub at: Duration,
    /// What happens.
    pub event: Event,
    /// To whom, where it happens to one worker.
    pub worker: usize,
    /// For how long, where it lasts.
    pub lasts: Duration,
}

/// Rounds of shuffled events, as many as `length` holds; at least one whole round, as close together as that needs.
pub fn plan(seed: u64, length: Duration, without: &[Event]) -> Vec<Step> {
    let mut rng = Rng::with_seed(seed);
    let round: Vec<Event> = ROUND
        .iter()
        .filter(|(event, _)| !without.contains(event))
        .flat_map(|(event, times)| std::iter::repeat_n(*event, *times))
        .collect();
    let per_round = f64::from(u32::try_from(round.len()).unwrap());
    let gap = (length.as_secs_f64() / per_round).min(4.0);
    let (mut steps, mut at) = (Vec::new(), gap / 2.0);
    loop {
        let mut shuffled = round.clone();
        rng.shuffle(&mut shuffled);
        for event in shuffled {
            if at > length.as_secs_f64() && steps.len() >= round.len() {
                return steps;
            }
            steps.push(Step {
                at: Duration::from_secs_f64(at),
                event,
                worker: rng.usize(..WORKERS),
                lasts: lasts(event, length < Duration::from_mins(1), &mut rng),
            });
            at += gap * (0.5 + rng.f64());
        }
    }
}

/// How long an event lasts; in a short storm only the freezes outlast a lease.
fn lasts(event: Event, short: bool, rng: &mut Rng) -> Duration {
    let between = |from: f64, to: f64, rng: &mut Rng| Duration::from_secs_f64(from + (to - from) * rng.f64());
    match event {
        // Past a lease of twelve seconds and a look for rows to rescue.
        Event::FreezeWorker => between(13.0, 18.0, rng),
        Event::SilencePostgres | Event::SilenceMongodb if short => between(3.0, 6.0, rng),
        Event::CutPostgres | Event::CutMongodb if short => between(1.0, 3.0, rng),
        Event::SilencePostgres | Event::SilenceMongodb => between(4.0, 18.0, rng),
        Event::CutPostgres | Event::CutMongodb => between(2.0, 10.0, rng),
        Event::FillDisk => between(3.0, 8.0, rng),
        // How long it is down before it is started again.
        Event::KillWorker | Event::SkewClock => between(0.0, 4.0, rng),
        _ => Duration::ZERO,
    }
}

#[test]
fn a_seed_always_draws_the_same_storm_and_another_seed_another() {
    let storm = |seed| plan(seed, Duration::from_mins(1), &[]);
    assert_eq!(storm(7), storm(7));
    assert_ne!(storm(7), storm(8));
    for (event, _) in ROUND {
        assert!(storm(7).iter().any(|step| step.event == event), "{event:?}");
    }
}
