//! Which of several values of a variable applies: the most specific one, as Octopus ranks scopes.
//!
//! Each kind of scope that a value names adds its weight, as in a style sheet: an action outweighs everything
//! below it together. On a tie the earlier value wins, so a project's own variables come before those of the
//! sets that it includes.

use std::collections::HashMap;

use crate::model::variable::{Scope, Variable};
use crate::template::fold_name;

/// What a value is wanted for. Empty text matches no scope.
#[derive(Debug, Clone, Default)]
pub struct Context<'a> {
    pub environment_id: &'a str,
    pub channel_id: &'a str,
    pub action_id: &'a str,
    pub process_owner_id: &'a str,
    /// `Set/Tag`, of the tenant.
    pub tenant_tags: &'a [String],
    /// The deployment target that it is for; empty without one.
    pub machine_id: &'a str,
    /// The roles of that target.
    pub roles: &'a [String],
    /// The roles that the step is for: they say more than the target's others.
    pub targeted_roles: &'a [String],
}

/// The value that applies of each name, by its place in `variables`, in the order of the list.
pub fn resolve(variables: &[Variable], context: &Context<'_>) -> Vec<usize> {
    let mut best: HashMap<String, (u16, usize)> = HashMap::new();
    for (index, variable) in variables.iter().enumerate() {
        let Some(rank) = rank(&variable.scope, context) else {
            continue;
        };
        let entry = best
            .entry(fold_name(&variable.name))
            .or_insert((rank, index));
        if rank > entry.0 {
            *entry = (rank, index);
        }
    }
    let mut found: Vec<usize> = best.into_values().map(|(_, index)| index).collect();
    found.sort_unstable();
    found
}

/// Whether a tenant with the tags `own` has those that are `wanted`: one of each tag set that is named.
///
/// As in Octopus: tags of one set are alternatives, sets are all required.
pub fn tags_match(wanted: &[String], own: &[String]) -> bool {
    let set_of = |tag: &str| tag.split('/').next().unwrap_or_default().to_lowercase();
    wanted.iter().all(|tag| {
        wanted
            .iter()
            .filter(|other| set_of(other) == set_of(tag))
            .any(|other| own.iter().any(|own| own.eq_ignore_ascii_case(other)))
    })
}

/// How specific a scope is here; `None` if it doesn't apply.
fn rank(scope: &Scope, context: &Context<'_>) -> Option<u16> {
    let Scope {
        environment,
        machine,
        role,
        action,
        channel,
        tenant_tag,
        process_owner,
        other,
    } = scope;
    if other.values().any(|ids| !ids.is_empty()) {
        return None;
    }
    if !tags_match(tenant_tag, context.tenant_tags) {
        return None;
    }
    let mut rank = if tenant_tag.is_empty() { 0 } else { 8 };
    let has = |ids: &[String], id: &str| ids.iter().any(|own| own.eq_ignore_ascii_case(id));
    if !role.is_empty() {
        let mut matching = context.roles.iter().filter(|own| has(role, own)).peekable();
        matching.peek()?;
        let is_targeted = matching.any(|own| has(context.targeted_roles, own));
        rank += if is_targeted { 32 } else { 16 };
    }
    for (ids, own, weight) in [
        (action, context.action_id, 128),
        (machine, context.machine_id, 64),
        (environment, context.environment_id, 4),
        (channel, context.channel_id, 2),
        (process_owner, context.process_owner_id, 1),
    ] {
        if ids.is_empty() {
            continue;
        }
        if own.is_empty() || !has(ids, own) {
            return None;
        }
        rank += weight;
    }
    Some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(value: &str, scope: &str) -> Variable {
        let mut variable = Variable {
            name: "X".into(),
            value: Some(value.into()),
            ..Variable::default()
        };
        for part in scope.split_whitespace() {
            let (kind, id) = part.split_once('=').expect("kind=id");
            let scope = &mut variable.scope;
            let ids = match kind {
                "action" => &mut scope.action,
                "machine" => &mut scope.machine,
                "role" => &mut scope.role,
                "env" => &mut scope.environment,
                "channel" => &mut scope.channel,
                "owner" => &mut scope.process_owner,
                "tag" => &mut scope.tenant_tag,
                kind => scope.other.entry(kind.into()).or_default(),
            };
            ids.push(id.into());
        }
        variable
    }

    #[test]
    fn the_most_specific_value_wins() {
        let context = Context {
            environment_id: "Environments-1",
            channel_id: "Channels-1",
            action_id: "a1",
            process_owner_id: "Projects-1",
            tenant_tags: &["Ring/Early".to_owned(), "Size/Big".to_owned()],
            machine_id: "Machines-2",
            roles: &["db".to_owned(), "cache".to_owned()],
            targeted_roles: &["db".to_owned()],
        };
        let cases: &[(&[&str], Option<usize>)] = &[
            (&[""], Some(0)),
            (&["", ""], Some(0)),
            (&["", "env=environments-1"], Some(1)),
            (&["env=Environments-2"], None),
            (&["env=Environments-2 env=Environments-1"], Some(0)),
            (&["channel=Channels-1", "env=Environments-1"], Some(1)),
            (&["owner=Projects-1", "channel=Channels-1"], Some(1)),
            (
                &[
                    "env=Environments-1 channel=Channels-1 owner=Projects-1",
                    "action=a1",
                ],
                Some(1),
            ),
            (
                &[
                    "env=Environments-1",
                    "env=Environments-1 channel=Channels-1",
                ],
                Some(1),
            ),
            (&["env=Environments-1 channel=Channels-2", ""], Some(1)),
            (&["action=a2"], None),
            (&["env=Environments-1", "tag=ring/early"], Some(1)),
            (&["tag=Ring/Late tag=Ring/Early tag=Size/Big"], Some(0)),
            (&["tag=Ring/Early tag=Size/Small"], None),
            (&["role=web", ""], Some(1)),
            (&["machine=Machines-1"], None),
            (&["Tenant=Tenants-1", ""], Some(1)),
            (
                &["env=Environments-1 tag=Ring/Early", "role=cache"],
                Some(1),
            ),
            (&["role=cache env=Environments-1", "role=DB"], Some(1)),
            (
                &["role=db env=Environments-1", "machine=machines-2"],
                Some(1),
            ),
            (&["machine=Machines-2 role=db", "action=a1"], Some(1)),
        ];
        for (scopes, expected) in cases {
            let variables: Vec<_> = scopes.iter().map(|scope| variable("v", scope)).collect();
            assert_eq!(
                resolve(&variables, &context).first().copied(),
                *expected,
                "{scopes:?}"
            );
        }
    }

    #[test]
    fn names_are_the_same_in_any_case() {
        let mut other = variable("2", "env=Environments-1");
        other.name = "x".into();
        let context = Context {
            environment_id: "Environments-1",
            ..Context::default()
        };
        assert_eq!(resolve(&[variable("1", ""), other], &context), [1]);
    }
}
