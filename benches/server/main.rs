//! What a deployment costs: a real server on a directory of its own, asked over real sockets.
//!
//! ```text
//! cargo bench --bench server                 everything but the long curve
//! cargo bench --bench server -- --curve 100000
//! cargo bench --bench server -- --workers        external workers only
//! ```
//!
//! The database is the durable default: an acknowledged change was flushed to disk. Set `SEAWALL_BENCH_DIR` to a
//! directory on the disk to be measured; the default is `target/`.

mod client;
mod server;
mod workers;

#[path = "../../tests/it/careless.rs"]
mod careless;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use client::Client;
use server::Server;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let curve = arguments
        .iter()
        .position(|argument| argument == "--curve")
        .and_then(|index| arguments.get(index + 1)?.parse().ok());
    // The program compiles its guests once; that is not what is measured.
    drop(Server::start());
    if arguments.iter().any(|argument| argument == "--workers") {
        return workers::all();
    }
    start();
    deployments();
    many_steps();
    match curve {
        Some(n_tasks) => tasks(n_tasks),
        None => tasks(10_000),
    }
    workers::all();
}

/// Start to ready, and what an idle server needs.
fn start() {
    let mut times: Vec<Duration> = (0..10).map(|_| Server::start().ready_after).collect();
    times.sort();
    let server = Server::start();
    server.set_up(&["print('hello')"], 1);
    server.deploy_and_wait(&mut server.client(), 0);
    println!(
        "start to ready, first start of a new directory: p50 {:?}",
        times[5]
    );
    let again = server.restart();
    println!("start to ready, second start: {:?}", again.ready_after);
    again.client().get("/api");
    println!("idle memory: {} MiB resident", again.memory_kib() / 1024);
}

/// One-step Python releases: from POST to the task that is over.
fn deployments() {
    let server = Server::start();
    server.set_up(&["print('hello')"], 64);
    for n_clients in [1_usize, 16, 64] {
        measure(&server, n_clients, Duration::from_secs(8));
    }
}

fn measure(server: &Server, n_clients: usize, length: Duration) {
    let end = Instant::now() + length;
    let (mut times, seconds) = std::thread::scope(|scope| {
        let started = Instant::now();
        let workers: Vec<_> = (0..n_clients)
            .map(|index| {
                scope.spawn(move || {
                    let mut client = server.client();
                    let mut times = Vec::new();
                    while Instant::now() < end {
                        times.push(server.deploy_and_wait(&mut client, index));
                    }
                    times
                })
            })
            .collect();
        let times: Vec<Duration> = workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("clients don't panic"))
            .collect();
        (times, started.elapsed().as_secs_f64())
    });
    times.sort();
    println!(
        "one-step Python, {n_clients:>2} clients: {:>6.0} deployments/s, p50 {:>7.2} ms, p99 {:>7.2} ms",
        times.len() as f64 / seconds,
        at(&times, 50),
        at(&times, 99)
    );
}

fn at(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len() - 1);
    sorted[index].as_secs_f64() * 1e3
}

/// 200 deployments with ten steps each, all at once: none may be lost, each log must be complete and in order.
fn many_steps() {
    const N: usize = 200;
    let server = Server::start();
    let step = "for line in range(20):\n    print('line', line)";
    server.set_up(&[step; 10], N);
    let started = Instant::now();
    let mut client = server.client();
    let ids: Vec<String> = (0..N)
        .map(|index| server.deploy(&mut client, index))
        .collect();
    let n_wrong = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for ids in ids.chunks(N / 20) {
            let n_wrong = Arc::clone(&n_wrong);
            let server = &server;
            scope.spawn(move || {
                let mut client = server.client();
                for id in ids {
                    server.wait(&mut client, id);
                    if !is_complete(&mut client, id) {
                        n_wrong.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    println!(
        "200 deployments with 10 steps at once: {:.1} s, {:.0} steps/s, {} lost or with a wrong log",
        started.elapsed().as_secs_f64(),
        2000.0 / started.elapsed().as_secs_f64(),
        n_wrong.load(Ordering::Relaxed)
    );
}

fn is_complete(client: &mut Client, id: &str) -> bool {
    let details = client.get(&format!("/api/tasks/{id}/details"));
    let expected: Vec<String> = (0..20).map(|line| format!("line {line}")).collect();
    let steps = details["ActivityLogs"][0]["Children"].as_array();
    details["Task"]["State"] == "Success"
        && steps.is_some_and(|steps| {
            steps.len() == 10
                && steps.iter().all(|step| {
                    let lines = step["LogElements"].as_array().into_iter().flatten();
                    lines
                        .map(|line| line["MessageText"].as_str())
                        .eq(expected.iter().map(|line| Some(line.as_str())))
                })
        })
}

/// The cost of a task, and of the list of tasks, while there are more and more.
fn tasks(n_tasks: usize) {
    let server = Server::start();
    server.set_up(&["print('hello')"], 64);
    let mut n_done = 0;
    let mut mark = 1_000;
    println!("tasks in the database | deployments/s at 16 clients | task list p50 | p99 | memory");
    while n_done < n_tasks {
        let n_next = mark.min(n_tasks);
        let started = Instant::now();
        let left = AtomicUsize::new(n_next - n_done);
        std::thread::scope(|scope| {
            for index in 0..16 {
                let (server, left) = (&server, &left);
                scope.spawn(move || {
                    let mut client = server.client();
                    let take = |left: usize| left.checked_sub(1);
                    while left
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                        .is_ok()
                    {
                        server.deploy_and_wait(&mut client, index);
                    }
                });
            }
        });
        let rate = (n_next - n_done) as f64 / started.elapsed().as_secs_f64();
        n_done = n_next;
        let mut client = server.client();
        let mut times: Vec<Duration> = (0..200)
            .map(|_| {
                let started = Instant::now();
                let list = client.get("/api/Spaces-1/tasks?skip=0&take=30");
                assert_eq!(list["Items"].as_array().map(Vec::len), Some(30));
                started.elapsed()
            })
            .collect();
        times.sort();
        println!(
            "{n_done:>21} | {rate:>27.0} | {:>10.2} ms | {:>5.2} ms | {} MiB",
            at(&times, 50),
            at(&times, 99),
            server.memory_kib() / 1024
        );
        mark *= 10;
    }
}
