//! Runs per second with every core busy, beside spawning as fast as the machine can.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Effort;
use super::latency::contests;
use super::native::{Native, cores};
use super::report::{Cell, Goal, Section, Unit};
use super::sandbox::{DEFAULT, Sandboxes, Script};

/// Tasks (or threads that spawn) per core. One would leave a core idle whenever its task waits.
const TASKS_PER_CORE: usize = 2;

/// How long one contestant has its turn.
const TURN: Duration = Duration::from_millis(500);

/// Turns in a full measurement; the best counts, since noise only ever takes away.
const TURNS: usize = 10;

/// Targets in runs per second, in the order of [`contests`], for a machine with two cores.
const AT_LEAST: [Option<f64>; 4] = [Some(2_500.0), Some(1_500.0), Some(3_000.0), None];

/// Runs per second for each language.
pub fn measure(sandboxes: &Sandboxes, effort: Effort) -> Section {
    let contests = contests();
    let wrapped: Vec<_> = contests
        .iter()
        .map(|c| c.native.under_bubblewrap())
        .collect();
    let mut best = vec![(0.0_f64, 0.0_f64, 0.0_f64); contests.len()];
    for _ in 0..effort.of(TURNS).max(2) {
        for ((contest, wrapped), best) in contests.iter().zip(&wrapped).zip(&mut best) {
            best.0 = best.0.max(sandboxes_per_second(sandboxes, &contest.script));
            best.1 = best.1.max(spawns_per_second(&contest.native));
            if let Some(wrapped) = wrapped {
                best.2 = best.2.max(spawns_per_second(wrapped));
            }
        }
    }

    let title = format!("Throughput, {} tasks on {} cores", tasks(), cores());
    let columns = ["sandbox", "native", "bwrap", "more than native"];
    let mut section = Section::new(&title, &columns);
    for (index, (contest, (ours, native, bubblewrap))) in contests.iter().zip(best).enumerate() {
        let per_second = |value| Cell::new(value, Unit::PerSecond);
        let cells = vec![
            per_second(ours),
            per_second(native),
            match wrapped[index] {
                Some(_) => per_second(bubblewrap),
                None => Cell::absent(Unit::PerSecond),
            },
            Cell::new(ours / native, Unit::Times),
        ];
        let goals = AT_LEAST[index].map(|wanted| Goal::at_least(ours, wanted, Unit::PerSecond));
        section.row(contest.name, cells, goals.into_iter().collect());
    }
    section
}

fn tasks() -> usize {
    cores() * TASKS_PER_CORE
}

fn sandboxes_per_second(sandboxes: &Sandboxes, script: &Script) -> f64 {
    let began = Instant::now();
    let running: Vec<_> = (0..tasks())
        .map(|_| {
            let (owned, script) = (sandboxes.clone(), script.clone());
            sandboxes.runtime().spawn(async move {
                let mut done = 0;
                while began.elapsed() < TURN {
                    owned.run(DEFAULT, &script).await.succeeded();
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for task in running {
        done += sandboxes.block_on(task).expect("a run doesn't panic");
    }
    f64::from(done) / began.elapsed().as_secs_f64()
}

fn spawns_per_second(native: &Native) -> f64 {
    let done = AtomicUsize::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..tasks() {
            scope.spawn(|| {
                while began.elapsed() < TURN {
                    native.timed(None);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let done = u32::try_from(done.into_inner()).expect("fewer than four billion in a turn");
    f64::from(done) / began.elapsed().as_secs_f64()
}
