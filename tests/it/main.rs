//! The integration tests, in one binary: the `seawall` program itself, real guests, real servers on loopback.
//!
//! What a user could see is what is asserted on. Start with [`cli`], which runs the program and prints the whole
//! transcript when an assertion fails; [`server`] is what scripts talk to. The other modules are claims, one file per
//! subject. Nothing here sleeps: every wait is for a condition, and bounded.

mod api_access;
mod api_certificates;
mod api_configuration;
mod api_deployments;
mod api_kill;
mod api_lifecycles;
mod api_overviews;
mod api_packages;
mod api_policies;
mod api_roles;
mod api_server;
mod api_targets;
mod api_traps;
mod architecture;
mod cache;
mod careless;
mod cli;
mod commands;
mod complaints;
mod conventions;
mod cutting;
mod deploying;
mod disk_full;
mod external;
mod fleet;
mod guards;
mod health;
mod health_bounds;
mod helpers;
mod idioms;
mod interrupts;
mod languages;
mod learn;
mod limits;
mod link_hostile;
mod link_network;
mod link_survives;
mod modules;
mod mounts;
mod native;
mod native_held;
mod native_workers;
mod network;
mod network_credentials;
mod network_limits;
mod offline_drops;
mod operations;
mod package_features;
mod policies;
mod pools;
mod probes;
mod process;
mod remote;
mod run;
mod secrets;
mod server;
mod ssh;
mod ssh_machines;
mod sshd;
mod target_kinds;
