//! The kinds of configuration resources, and what is fixed about each: its names, and who may do what with it.

use super::access::Permission;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_prefix() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_prefix(kind.facts().prefix), Some(kind));
        }
    }
}
