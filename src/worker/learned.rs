//! From a receipt to what a policy would have to grant.

use std::time::Duration;

use super::outcome::Consumed;
use super::receipt::{Receipt, RequestUse};
use crate::policy::{Grants, HttpRequest, Injection, Limits, Quantity as _, Traffic, Use};

/// Everything that a run with this receipt needs again. `grants` are those that it had.
///
/// The environment counts as used, all of it: a script gets it at once and needn't ask for a part.
pub fn uses(receipt: &Receipt, grants: &Grants) -> Vec<Use> {
    let files = receipt.files.iter().filter_map(|used| {
        let rule = grants
            .files
            .rules
            .iter()
            .find(|rule| rule.mount.as_str() == used.mount)?;
        Some(Use::File {
            mount: rule.mount.clone(),
            source: rule.source.clone(),
            access: used.access,
        })
    });
    let requests = receipt.requests.iter().map(|used| Use::Http {
        scheme: used.scheme,
        host: used.host.clone(),
        port: used.port,
        method: used.method.clone(),
        path: used.path.clone(),
        inject: injected(used, grants),
    });
    let connections = receipt.connections.iter().map(|used| Use::Tcp {
        host: used.host.clone(),
        port: used.port,
    });
    let variables = receipt.variables.iter().cloned().map(Use::Variable);
    let env = grants.env.iter().map(|grant| Use::Env {
        name: grant.name.clone(),
        value: grant.value.clone(),
    });
    let limits = exceeded_defaults(&receipt.consumed)
        .into_iter()
        .map(|(key, used)| Use::Limit { key, used });
    files
        .chain(requests)
        .chain(connections)
        .chain(variables)
        .chain(env)
        .chain(limits)
        .collect()
}

/// What the host added to requests like `used`.
fn injected(used: &RequestUse, grants: &Grants) -> Option<Injection> {
    let request = HttpRequest {
        scheme: used.scheme,
        host: &used.host,
        port: used.port,
        method: &used.method,
        path: &used.path,
    };
    let rule = grants.network.decide(&request).ok()?;
    match &rule.traffic {
        Traffic::Http { inject, .. } => inject.clone(),
        Traffic::Tcp => None,
    }
}

/// What the run took beyond the default limits, as the value that a policy would have to give.
///
/// Times vary from run to run, so they get room: twice what was needed, in whole seconds.
fn exceeded_defaults(consumed: &Consumed) -> Vec<(&'static str, String)> {
    let Consumed {
        wall_time,
        cpu_time,
        memory_bytes,
        output_bytes,
        disk_bytes,
        files,
        random_bytes,
        requests,
    } = consumed;
    let defaults = Limits::default();
    let mut exceeded = Vec::new();
    let mut bytes = |key, used: u64, default: u64| {
        if used > default {
            exceeded.push((key, format!("{}MiB", used.div_ceil(1 << 20))));
        }
    };
    bytes("memory", *memory_bytes, defaults.memory.value.0);
    bytes("output", *output_bytes, defaults.output.value.0);
    bytes("disk", *disk_bytes, defaults.disk.value.0);
    bytes("random", *random_bytes, defaults.random.value.0);
    let mut count = |key, used: u64, default: u64| {
        if used > default {
            exceeded.push((key, used.to_string()));
        }
    };
    count("files", *files, defaults.files.value);
    count("requests", *requests, defaults.requests.value);
    let mut time = |key, used: Duration, default: Duration| {
        if used > default {
            let room = Duration::from_secs(used.as_secs() * 2 + 1);
            exceeded.push((key, room.to_text()));
        }
    };
    time("wall-time", *wall_time, defaults.wall_time.value);
    time("cpu-time", *cpu_time, defaults.cpu_time.value);
    exceeded
}
