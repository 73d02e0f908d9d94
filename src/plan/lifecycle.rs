//! Whether a release may go to an environment now: the phases of its lifecycle, in order.

use crate::model::lifecycle::{Lifecycle, Phase};

/// Why it may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("the lifecycle `{lifecycle}` has no phase with the environment `{environment}`")]
    NotIncluded {
        lifecycle: String,
        environment: String,
    },
    #[error(
        "the lifecycle `{lifecycle}` wants this release in the phase `{phase}` first: it was deployed to {n_done} of its environments, and needs {n_needed}"
    )]
    TooEarly {
        lifecycle: String,
        phase: String,
        n_done: usize,
        n_needed: usize,
    },
}

/// An environment, by id and name.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    pub id: &'a str,
    pub name: &'a str,
}

/// Whether a release that was deployed to the environments `deployed` may go to `environment`.
///
/// `all` is every environment, in their order: a phase that names none has those that no other phase
/// names. A lifecycle without phases has every environment as a phase of its own, in that order.
///
/// # Errors
/// [`Broken`].
pub fn check(
    lifecycle: &Lifecycle,
    environment: Named<'_>,
    all: &[Named<'_>],
    deployed: &[String],
) -> Result<(), Broken> {
    if lifecycle.phases.is_empty() && !all.is_empty() {
        let conventional = Lifecycle {
            name: lifecycle.name.clone(),
            phases: all.iter().map(phase_of).collect(),
            ..Lifecycle::default()
        };
        return check(&conventional, environment, all, deployed);
    }
    let has = |ids: &[String], id: &str| ids.iter().any(|one| one.eq_ignore_ascii_case(id));
    for phase in &lifecycle.phases {
        let environments = environments(phase, &lifecycle.phases, all);
        if has(&environments, environment.id) {
            return Ok(());
        }
        if phase.is_optional_phase {
            continue;
        }
        let n_done = environments.iter().filter(|id| has(deployed, id)).count();
        let n_needed = needed(phase, environments.len());
        if n_done < n_needed && is_later(lifecycle, environment.id, all) {
            return Err(Broken::TooEarly {
                lifecycle: lifecycle.name.clone(),
                phase: phase.name.clone(),
                n_done,
                n_needed,
            });
        }
    }
    Err(Broken::NotIncluded {
        lifecycle: lifecycle.name.clone(),
        environment: environment.name.to_owned(),
    })
}

/// A phase, and how far a release is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub phase: Phase,
    pub environments: Vec<String>,
    /// Of its environments, how many have the release.
    pub n_done: usize,
    /// How many must have it.
    pub n_needed: usize,
    pub progress: Progress,
    /// Whether a phase before it stands in the way.
    pub is_blocked: bool,
}

/// How far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Pending,
    Current,
    Complete,
}

/// The phases of a lifecycle for a release that was deployed to the environments `deployed`.
pub fn stages(lifecycle: &Lifecycle, all: &[Named<'_>], deployed: &[String]) -> Vec<Stage> {
    let conventional: Vec<Phase> = all.iter().map(phase_of).collect();
    let phases = match lifecycle.phases.is_empty() {
        true => &conventional,
        false => &lifecycle.phases,
    };
    let mut is_blocked = false;
    let mut stages = Vec::new();
    for phase in phases {
        let environments = environments(phase, phases, all);
        let has = |id: &&String| deployed.iter().any(|one| one.eq_ignore_ascii_case(id));
        let n_done = environments.iter().filter(has).count();
        let n_needed = needed(phase, environments.len());
        let is_complete = n_done >= n_needed && n_done > 0;
        let progress = match (is_blocked, is_complete) {
            (_, true) => Progress::Complete,
            (false, false) => Progress::Current,
            (true, false) => Progress::Pending,
        };
        stages.push(Stage {
            phase: phase.clone(),
            environments,
            n_done,
            n_needed,
            progress,
            is_blocked,
        });
        is_blocked |= !is_complete && !phase.is_optional_phase;
    }
    stages
}

/// How many of a phase's environments must have a release before it goes on.
fn needed(phase: &Phase, n_environments: usize) -> usize {
    match phase.minimum_environments_before_promotion {
        0 => n_environments,
        minimum => usize::try_from(minimum).unwrap_or(usize::MAX),
    }
}

/// The environments that a release goes to by itself now: those that a phase names as automatic, that it may go to,
/// and that it wasn't sent to before, in the order of the phases.
pub fn due(
    lifecycle: &Lifecycle,
    all: &[Named<'_>],
    deployed: &[String],
    tried: &[String],
) -> Vec<String> {
    let automatic = lifecycle
        .phases
        .iter()
        .flat_map(|phase| &phase.automatic_deployment_targets);
    let is_due = |id: &&String| {
        let found = all.iter().find(|one| one.id.eq_ignore_ascii_case(id));
        let is_tried = tried.iter().any(|one| one.eq_ignore_ascii_case(id));
        !is_tried && found.is_some_and(|one| check(lifecycle, *one, all, deployed).is_ok())
    };
    automatic.filter(is_due).cloned().collect()
}

/// The phase that an environment is in a lifecycle without phases.
fn phase_of(environment: &Named<'_>) -> Phase {
    Phase {
        name: environment.name.to_owned(),
        optional_deployment_targets: vec![environment.id.to_owned()],
        ..Phase::default()
    }
}

fn is_later(lifecycle: &Lifecycle, id: &str, all: &[Named<'_>]) -> bool {
    let phases = &lifecycle.phases;
    let mut of_any = phases
        .iter()
        .flat_map(|phase| environments(phase, phases, all));
    of_any.any(|own| own.eq_ignore_ascii_case(id))
}

fn environments(phase: &Phase, phases: &[Phase], all: &[Named<'_>]) -> Vec<String> {
    let own: Vec<String> = phase.environments().cloned().collect();
    if !own.is_empty() {
        return own;
    }
    let is_named = |id: &&String| {
        phases
            .iter()
            .flat_map(Phase::environments)
            .any(|one| one.eq_ignore_ascii_case(id))
    };
    let ids = all.iter().map(|environment| environment.id.to_owned());
    ids.filter(|id| !is_named(&id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifecycle(phases: &[(&str, &[&str], u32, bool)]) -> Lifecycle {
        let phase = |(name, ids, minimum, is_optional): &(&str, &[&str], u32, bool)| Phase {
            name: (*name).into(),
            optional_deployment_targets: ids.iter().map(|id| (*id).to_owned()).collect(),
            minimum_environments_before_promotion: *minimum,
            is_optional_phase: *is_optional,
            ..Phase::default()
        };
        Lifecycle {
            name: "L".into(),
            phases: phases.iter().map(phase).collect(),
            ..Lifecycle::default()
        }
    }

    fn asked(lifecycle: &Lifecycle, id: &str, deployed: &[&str]) -> Result<(), String> {
        let owned =
            |ids: &[&str]| -> Vec<String> { ids.iter().map(|id| (*id).to_owned()).collect() };
        let all = ["D1", "D2", "T", "P", "X"].map(|id| Named { id, name: id });
        check(lifecycle, Named { id, name: id }, &all, &owned(deployed))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_phase_opens_when_enough_of_the_one_before_is_done() {
        let all = lifecycle(&[("Dev", &["D1", "D2"], 0, false), ("Prod", &["P"], 0, false)]);
        assert_eq!(asked(&all, "D1", &[]), Ok(()));
        let error = asked(&all, "P", &["D1"]).expect_err("D2 is missing");
        assert_eq!(
            error,
            "the lifecycle `L` wants this release in the phase `Dev` first: it was deployed to 1 of its environments, and needs 2"
        );
        assert_eq!(asked(&all, "P", &["d1", "D2"]), Ok(()));
        let one = lifecycle(&[("Dev", &["D1", "D2"], 1, false), ("Prod", &["P"], 0, false)]);
        assert_eq!(asked(&one, "P", &["D2"]), Ok(()));
    }

    #[test]
    fn optional_phases_can_be_left_out() {
        let lifecycle = lifecycle(&[
            ("Dev", &["D1"], 0, false),
            ("Test", &["T"], 0, true),
            ("Prod", &["P"], 0, false),
        ]);
        assert_eq!(asked(&lifecycle, "P", &["D1"]), Ok(()));
        assert!(asked(&lifecycle, "P", &["T"]).is_err());
    }

    #[test]
    fn an_environment_of_no_phase_is_refused_and_an_empty_phase_takes_the_rest() {
        let closed = lifecycle(&[("Dev", &["D1"], 0, false)]);
        let error = asked(&closed, "X", &[]).expect_err("X is in no phase");
        assert_eq!(
            error,
            "the lifecycle `L` has no phase with the environment `X`"
        );
        let open = lifecycle(&[("Dev", &["D1"], 0, false), ("Rest", &[], 0, false)]);
        assert_eq!(asked(&open, "X", &["D1"]), Ok(()));
    }

    #[test]
    fn without_phases_every_environment_is_one_in_order() {
        let none = lifecycle(&[]);
        assert_eq!(asked(&none, "D1", &[]), Ok(()));
        assert_eq!(asked(&none, "X", &["D1", "D2", "T", "P"]), Ok(()));
        let error = asked(&none, "T", &["D1"]).expect_err("D2 comes before T");
        assert_eq!(
            error,
            "the lifecycle `L` wants this release in the phase `D2` first: it was deployed to 0 of its environments, and needs 1"
        );
    }
}
