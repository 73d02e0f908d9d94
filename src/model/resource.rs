//! What all configuration resources have in common, so that storing, listing, creating and serving them is
//! written once.
//!
//! A resource says of itself: its kind, the few fields that are indexed, and what makes it invalid. It doesn't
//! say who may touch it ([`crate::model::access`]) and nothing about other resources.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::access::Permission;

/// Properties that a record doesn't know and keeps.
pub type Extra = Map<String, Value>;

/// Every kind of configuration resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Space,
    ProjectGroup,
    Project,
    Environment,
    Lifecycle,
    Channel,
    Feed,
    Tenant,
    TagSet,
    LibraryVariableSet,
    WorkerPool,
    Worker,
    MachinePolicy,
    DeploymentTarget,
    Account,
    Certificate,
    User,
    Team,
    ScopedUserRole,
    VariableSet,
    DeploymentProcess,
    Release,
    Deployment,
    Runbook,
    RunbookProcess,
    RunbookSnapshot,
    RunbookRun,
}

/// The fixed facts about a kind.
#[derive(Debug, Clone, Copy)]
pub struct KindFacts {
    /// As stored, and what ids begin with: `Projects`.
    pub prefix: &'static str,
    /// As a person would say it: `project`.
    pub noun: &'static str,
    /// For `ItemType` in lists: `Project`.
    pub item_type: &'static str,
    /// What reading one needs.
    pub view: Permission,
    /// What creating one needs.
    pub create: Permission,
    /// What changing one needs.
    pub edit: Permission,
    /// What deleting one needs.
    pub delete: Permission,
    /// Whether it lives inside a space, or belongs to the whole server.
    pub scope: KindScope,
}

/// Where resources of a kind live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindScope {
    /// In one space, and its `SpaceId` says which.
    Space,
    /// On the server.
    System,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::Space,
        Self::ProjectGroup,
        Self::Project,
        Self::Environment,
        Self::Lifecycle,
        Self::Channel,
        Self::Feed,
        Self::Tenant,
        Self::TagSet,
        Self::LibraryVariableSet,
        Self::WorkerPool,
        Self::Worker,
        Self::MachinePolicy,
        Self::DeploymentTarget,
        Self::Account,
        Self::Certificate,
        Self::User,
        Self::Team,
        Self::ScopedUserRole,
        Self::VariableSet,
        Self::DeploymentProcess,
        Self::Release,
        Self::Deployment,
        Self::Runbook,
        Self::RunbookProcess,
        Self::RunbookSnapshot,
        Self::RunbookRun,
    ];

    /// The facts about this kind.
    pub fn facts(self) -> KindFacts {
        use Permission as P;
        let facts =
            |prefix, noun, item_type, [view, create, edit, delete]: [P; 4], scope| KindFacts {
                prefix,
                noun,
                item_type,
                view,
                create,
                edit,
                delete,
                scope,
            };
        let four = |view, change| [view, change, change, change];
        let (inside, system) = (KindScope::Space, KindScope::System);
        match self {
            Self::Space => facts(
                "Spaces",
                "space",
                "Space",
                [P::SpaceView, P::SpaceCreate, P::SpaceEdit, P::SpaceDelete],
                system,
            ),
            Self::ProjectGroup => facts(
                "ProjectGroups",
                "project group",
                "ProjectGroup",
                four(P::ProjectGroupView, P::ProjectGroupEdit),
                inside,
            ),
            Self::Project => facts(
                "Projects",
                "project",
                "Project",
                [
                    P::ProjectView,
                    P::ProjectCreate,
                    P::ProjectEdit,
                    P::ProjectDelete,
                ],
                inside,
            ),
            Self::Environment => facts(
                "Environments",
                "environment",
                "Environment",
                [
                    P::EnvironmentView,
                    P::EnvironmentCreate,
                    P::EnvironmentEdit,
                    P::EnvironmentDelete,
                ],
                inside,
            ),
            Self::Lifecycle => facts(
                "Lifecycles",
                "lifecycle",
                "Lifecycle",
                [
                    P::LifecycleView,
                    P::LifecycleCreate,
                    P::LifecycleEdit,
                    P::LifecycleDelete,
                ],
                inside,
            ),
            Self::Channel => facts(
                "Channels",
                "channel",
                "Channel",
                [
                    P::ProcessView,
                    P::ProcessEdit,
                    P::ProcessEdit,
                    P::ProcessEdit,
                ],
                inside,
            ),
            Self::Feed => facts(
                "Feeds",
                "feed",
                "Feed",
                four(P::FeedView, P::FeedEdit),
                inside,
            ),
            Self::Tenant => facts(
                "Tenants",
                "tenant",
                "Tenant",
                [
                    P::TenantView,
                    P::TenantCreate,
                    P::TenantEdit,
                    P::TenantDelete,
                ],
                inside,
            ),
            Self::TagSet => facts(
                "TagSets",
                "tag set",
                "TagSet",
                four(P::TenantView, P::TenantEdit),
                inside,
            ),
            Self::LibraryVariableSet => facts(
                "LibraryVariableSets",
                "library variable set",
                "LibraryVariableSet",
                [
                    P::LibraryVariableSetView,
                    P::LibraryVariableSetCreate,
                    P::LibraryVariableSetEdit,
                    P::LibraryVariableSetDelete,
                ],
                inside,
            ),
            Self::WorkerPool => facts(
                "WorkerPools",
                "worker pool",
                "WorkerPool",
                four(P::WorkerView, P::WorkerEdit),
                inside,
            ),
            Self::Worker => facts(
                "Workers",
                "worker",
                "Worker",
                four(P::WorkerView, P::WorkerEdit),
                inside,
            ),
            Self::MachinePolicy => facts(
                "MachinePolicies",
                "machine policy",
                "MachinePolicy",
                [
                    P::MachinePolicyView,
                    P::MachinePolicyCreate,
                    P::MachinePolicyEdit,
                    P::MachinePolicyDelete,
                ],
                inside,
            ),
            Self::DeploymentTarget => facts(
                "Machines",
                "deployment target",
                "DeploymentTarget",
                [
                    P::MachineView,
                    P::MachineCreate,
                    P::MachineEdit,
                    P::MachineDelete,
                ],
                inside,
            ),
            Self::Account => facts(
                "Accounts",
                "account",
                "Account",
                [
                    P::AccountView,
                    P::AccountCreate,
                    P::AccountEdit,
                    P::AccountDelete,
                ],
                inside,
            ),
            Self::Certificate => facts(
                "Certificates",
                "certificate",
                "Certificate",
                [
                    P::CertificateView,
                    P::CertificateCreate,
                    P::CertificateEdit,
                    P::CertificateDelete,
                ],
                inside,
            ),
            Self::User => facts(
                "Users",
                "user",
                "User",
                four(P::UserView, P::UserEdit),
                system,
            ),
            Self::Team => facts(
                "Teams",
                "team",
                "Team",
                [P::TeamView, P::TeamCreate, P::TeamEdit, P::TeamDelete],
                system,
            ),
            Self::ScopedUserRole => facts(
                "ScopedUserRoles",
                "scoped user role",
                "ScopedUserRole",
                [P::TeamView, P::TeamEdit, P::TeamEdit, P::TeamEdit],
                system,
            ),
            Self::VariableSet => facts(
                "VariableSets",
                "variable set",
                "VariableSet",
                four(P::VariableView, P::VariableEdit),
                inside,
            ),
            Self::DeploymentProcess => facts(
                "DeploymentProcesses",
                "deployment process",
                "DeploymentProcess",
                four(P::ProcessView, P::ProcessEdit),
                inside,
            ),
            Self::Release => facts(
                "Releases",
                "release",
                "Release",
                [
                    P::ReleaseView,
                    P::ReleaseCreate,
                    P::ReleaseEdit,
                    P::ReleaseDelete,
                ],
                inside,
            ),
            Self::Deployment => facts(
                "Deployments",
                "deployment",
                "Deployment",
                [
                    P::DeploymentView,
                    P::DeploymentCreate,
                    P::DeploymentCreate,
                    P::DeploymentDelete,
                ],
                inside,
            ),
            Self::Runbook => facts(
                "Runbooks",
                "runbook",
                "Runbook",
                four(P::RunbookView, P::RunbookEdit),
                inside,
            ),
            Self::RunbookProcess => facts(
                "RunbookProcesses",
                "runbook process",
                "RunbookProcess",
                four(P::RunbookView, P::RunbookEdit),
                inside,
            ),
            Self::RunbookSnapshot => facts(
                "RunbookSnapshots",
                "runbook snapshot",
                "RunbookSnapshot",
                four(P::RunbookView, P::RunbookEdit),
                inside,
            ),
            Self::RunbookRun => facts(
                "RunbookRuns",
                "runbook run",
                "RunbookRun",
                four(P::RunbookRunView, P::RunbookRunCreate),
                inside,
            ),
        }
    }

    /// The kind whose ids begin with `prefix`.
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.facts().prefix.eq_ignore_ascii_case(prefix))
    }
}

/// What every resource carries, in the one shape that is indexed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Empty until it is created.
    pub id: String,
    /// `None` on the server's own resources.
    pub space_id: Option<String>,
    /// What it belongs to: a channel's project, a set's owner. Names are unique within it.
    pub owner_id: Option<String>,
    /// Empty for kinds without a name.
    pub name: String,
    /// Empty for kinds without a slug.
    pub slug: String,
    /// Position in lists, before the name.
    pub sort_order: i64,
}

/// A configuration resource.
pub trait Resource: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Its kind.
    const KIND: Kind;

    /// What is indexed about it.
    fn header(&self) -> Header;

    /// Takes over what the server decides: id, space and slug. The owner and the name are the resource's own.
    fn assign(&mut self, header: &Header);

    /// Everything that is wrong with it, in words for the person who wrote it. Empty when it is valid.
    ///
    /// Only what the record itself shows: whether the ids it names exist is asked elsewhere.
    fn problems(&self) -> Vec<String>;

    /// The ids that this record names and that must exist: kind, id, and the property that names it.
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// The ids of the records that it uses: none of them can be deleted while it is there. At least its
    /// [`references`](Self::references).
    fn uses(&self) -> Vec<String> {
        let references = self.references().into_iter();
        references.map(|reference| reference.id).collect()
    }

    /// Takes what only the server may change from the stored record.
    ///
    /// # Errors
    /// [`Invalid`] if the change itself is forbidden.
    fn keep_from(&mut self, _stored: &Self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// A record that names another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What must exist.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// The property that names it.
    pub property: &'static str,
}

impl Reference {
    /// `property` names the `kind` with this id.
    pub fn new(kind: Kind, id: impl ToString, property: &'static str) -> Self {
        Self {
            kind,
            id: id.to_string(),
            property,
        }
    }
}

/// A record that can't be accepted, and everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join(" "))]
pub struct Invalid(pub Vec<String>);

impl Invalid {
    /// One problem.
    pub fn because(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }
}

/// Names longer than this are refused, as Octopus does.
const MAX_NAME_CHARS: usize = 200;

/// What is wrong with a name.
pub fn name_problems(name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if name.trim().is_empty() {
        problems.push("Please provide a value for Name.".to_owned());
    }
    if name.chars().count() > MAX_NAME_CHARS {
        problems.push(format!("Name is longer than {MAX_NAME_CHARS} characters."));
    }
    if name.chars().any(char::is_control) {
        problems.push("Name has a control character.".to_owned());
    }
    problems
}

/// A position that puts records made later first in lists.
pub(super) fn newest_first(id: &str) -> i64 {
    let number = id.rsplit('-').next().and_then(|number| number.parse().ok());
    number.map_or(0, |number: i64| -number)
}

/// A slug for a name: lower-case letters and digits with single hyphens between.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "unnamed".to_owned()
    } else {
        slug.to_owned()
    }
}

/// Writes the parts of [`Resource`] that are the same for records with `id`, `space_id`, `name` and `slug`.
macro_rules! named_resource {
    ($kind:ident $(, owner = $owner:ident)? $(, order = $order:ident)?) => {
        const KIND: $crate::model::Kind = $crate::model::Kind::$kind;

        fn header(&self) -> $crate::model::resource::Header {
            $crate::model::resource::Header {
                id: self.id.clone(),
                space_id: Some(self.space_id.clone()).filter(|id| !id.is_empty()),
                owner_id: named_resource!(@owner self $($owner)?),
                name: self.name.clone(),
                slug: self.slug.clone(),
                sort_order: named_resource!(@order self $($order)?),
            }
        }

        fn assign(&mut self, header: &$crate::model::resource::Header) {
            self.id.clone_from(&header.id);
            self.space_id = header.space_id.clone().unwrap_or_default();
            self.slug.clone_from(&header.slug);
        }
    };
    (@order $this:ident) => { 0 };
    (@order $this:ident $order:ident) => { $this.$order };
    (@owner $this:ident) => { None };
    (@owner $this:ident $owner:ident) => { Some($this.$owner.clone()) };
}
pub(super) use named_resource;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_lower_case_with_single_hyphens() {
        for (name, expected) in [
            ("Web", "web"),
            ("My  Big -- Project!", "my-big-project"),
            ("  x", "x"),
            ("日本", "unnamed"),
        ] {
            assert_eq!(slug(name), expected, "{name:?}");
        }
    }

    #[test]
    fn every_kind_is_found_by_its_prefix() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_prefix(kind.facts().prefix), Some(kind));
        }
    }
}
