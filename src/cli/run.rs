//! `orrery run`.

mod reload;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use self::reload::Reload;
use super::log::{self, Level};
use crate::config::{Config, Sources};
use crate::dashboard::{self, Access, App};
use crate::harmonic::{self, pattern::SERIES_QUARTERS};
use crate::llm::Chain;
use crate::llm::account::{Account, Settings, Terms};
use crate::llm::batch::{self, Batcher};
use crate::llm::prompt::choice::Choice;
use crate::operate::reports::Documents;
use crate::pipeline::Context;
use crate::pipeline::backing::DocumentStore;
use crate::pipeline::calculation::CalculationHandler;
use crate::pipeline::entity::EntityHandler;
use crate::pipeline::entity::casts::{self, Casts};
use crate::pipeline::figures::Figures;
use crate::pipeline::llm_batches::LlmBatches;
use crate::pipeline::llm_sweep::LlmSweep;
use crate::pipeline::quarter::QuarterHandler;
use crate::pipeline::quarter::plan::Planner;
use crate::pipeline::reconcile::Reconciler;
use crate::pipeline::regenerate::Regenerator;
use crate::pipeline::report::{Models, ReportHandler};
use crate::runtime::{self, Chore, Daemon, Handler, LaneProgram};
use crate::service::metrics::Metrics;
use crate::service::{Watch, http, systemd};
use crate::store::connect;
use crate::store::mongo::{self, Databases, sessions};
use crate::store::pg::migrate as migrations;
use crate::store::pg::{self, Role};

/// Works off the queues until it is told to stop.
///
/// SIGTERM or SIGINT: claims nothing more, finishes what runs within `queue.drain_s` seconds and gives the rest back, without
/// burning an attempt. A second signal skips the wait. SIGHUP: reads the configuration again. Any number of workers may run at once, on any number of hosts.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Runs rows over which a worker died, one at a time, and ends: what a worker starts for itself.
    #[arg(long, hide = true, value_name = "WORKER")]
    lane: Option<String>,
}

pub(super) async fn run(sources: Sources, config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let worker_id = runtime::worker_id();
    let (level, traces) = log::start(&config, &worker_id)?;
    let drain = Duration::from_secs(config.queue.drain_s);
    let worked = Box::pin(work(sources, config, arguments, worker_id, level)).await;
    traces.flush(drain).await;
    worked
}

async fn work(
    sources: Sources,
    config: Config,
    arguments: Arguments,
    worker_id: String,
    level: Level,
) -> anyhow::Result<()> {
    let hangups = reload::hangups().context("SIGHUP cannot be heard")?;
    let watch = Watch::new(&config);
    if arguments.lane.is_none() {
        attend(&config, &watch).await?;
    }
    // Heard from the first moment: a worker that is told to stop while it starts stops well.
    let (stop, now) = (CancellationToken::new(), CancellationToken::new());
    tokio::spawn(on_signals(stop.clone(), now.clone()));
    // Before anything is connected: who may see the pages must be clear, or nobody sees them.
    let access = (arguments.lane.is_none() && config.dashboard.address().is_some())
        .then(|| Access::of(&config.dashboard))
        .transpose()?;
    let pool = pg::connect(&config.postgres, Role::Worker).await.context("PostgreSQL cannot be reached")?;
    watch.connected(&pool);
    migrations::check_current(&pool).await?;
    migrations::check_needed(&pool).await?;
    let client = connect::mongodb(&config.mongodb, &sessions::app_name(&worker_id))
        .await
        .context("MongoDB cannot be reached")?;
    let databases = Databases::from(&config.mongodb);
    mongo::ensure(&client, &databases).await?;
    if let Some(access) = access {
        show(&config, access, &client, &databases).await?;
    }

    let chain = Chain::of(&config.llm, &|name| std::env::var(name).ok())?;
    let prompts = Choice::of(&config.llm)?;
    let (settings, terms) =
        (Settings::from(&config.llm_account), chain.providers().iter().map(Terms::from).collect());
    let account =
        Account::open(pool.clone(), &client, &databases, settings, worker_id.clone(), terms).await?;

    let batcher =
        Batcher::new(Arc::clone(&account), chain.providers(), batch::Settings::from(&config.llm_batch));

    let instance =
        format!("{}:{}", hostname::get().unwrap_or_default().to_string_lossy(), std::process::id());
    let context = Arc::new(Context {
        pg: pool.clone(),
        mongo: client.clone(),
        databases,
        config: config.clone(),
        instance,
        casts: Arc::new(Casts::new(config.entity.house_system, casts::REMEMBERED)),
    });
    // Transits of the last years are the same for everybody; the first job should not wait for them.
    let quarter = context.current_quarter();
    tokio::task::spawn_blocking(move || {
        (1 - SERIES_QUARTERS..=4).for_each(|step| drop(harmonic::transits(quarter.offset(step))));
    });
    let handlers: Vec<Arc<dyn Handler>> = vec![
        Arc::new(ReportHandler::new(Arc::clone(&context)).with_models(Models::new(
            chain,
            Arc::clone(&account),
            prompts,
        ))),
        Arc::new(EntityHandler::new(Arc::clone(&context))),
        Arc::new(QuarterHandler::new(Arc::clone(&context))),
        Arc::new(CalculationHandler::new(Arc::clone(&context))),
    ];
    let mut chores: Vec<Arc<dyn Chore>> = vec![
        Arc::new(Reconciler::new(Arc::clone(&context))),
        Arc::new(Figures::new(Arc::clone(&context))),
        Arc::new(LlmSweep::new(Arc::clone(&account))),
        Arc::new(LlmBatches::new(batcher)),
    ];
    if config.quarter.plan {
        chores.push(Arc::new(Planner::new(Arc::clone(&context))));
    }
    if config.regenerate.enabled {
        chores.push(Arc::new(Regenerator::new(context)));
    }
    let daemon = Daemon::new(config, pool, worker_id.clone(), handlers, watch.life)
        .with_backings(vec![Arc::new(DocumentStore::new(client))])
        .with_chores(chores);
    let reload = Reload { in_force: sources.explain()?, sources, level, dials: daemon.dials(), account };
    tokio::spawn(reload.run(hangups, stop.clone()));
    if let Some(opener) = &arguments.lane {
        std::thread::spawn({
            let stop = stop.clone();
            move || until_input_ends(&stop)
        });
        daemon.run_lane(opener, stop, now).await?;
    } else {
        let path = std::env::current_exe().context("the path of the running program cannot be found")?;
        let arguments =
            std::env::args_os().skip(1).chain(["--lane".into(), worker_id.clone().into()]).collect();
        daemon.with_lanes(LaneProgram { path, arguments }).run(stop, now).await?;
    }
    Ok(())
}

/// Answers probes and talks to systemd for as long as the process lives.
async fn attend(config: &Config, watch: &Watch) -> anyhow::Result<()> {
    tokio::spawn(systemd::tell(watch.clone(), Duration::from_secs(config.queue.drain_s)));
    if let Some(listen) = config.http.address() {
        let metrics = Metrics::install().context("metrics cannot be counted")?;
        match http::open(listen).await {
            Ok(listener) => drop(tokio::spawn(http::serve(listener, watch.clone(), metrics))),
            Err(error) => tracing::warn!(
                %listen, %error,
                "probes and metrics are not answered: give this worker an http.listen of its own, or \"\" for none"
            ),
        }
    }
    Ok(())
}

/// Answers the pages for operators for as long as the process lives.
async fn show(
    config: &Config,
    access: Access,
    client: &mongodb::Client,
    databases: &Databases,
) -> anyhow::Result<()> {
    let Some(listen) = config.dashboard.address() else { return Ok(()) };
    let listener = match http::open(listen).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(
                %listen, %error,
                "the dashboard is not answered: give this worker a dashboard.listen of its own, or \"\" for none"
            );
            return Ok(());
        }
    };
    let pool = dashboard::connect(&config.postgres).await.context("PostgreSQL cannot be reached")?;
    let answered = listener.local_addr().unwrap_or(listen);
    let documents = Documents::of(client.database(&databases.reports));
    tokio::spawn(dashboard::serve(listener, App::new(access, pool, documents, config)));
    tracing::info!("the dashboard is answered at http://{answered}/");
    Ok(())
}

/// Stops a lane when the worker that opened it is gone: its standard input ends then.
fn until_input_ends(stop: &CancellationToken) {
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    stop.cancel();
}

/// First signal: drain. Second: at once.
async fn on_signals(stop: CancellationToken, now: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be heard; stop the worker with SIGKILL, its rows are rescued");
        return;
    };
    for token in [stop, now] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        token.cancel();
    }
}
