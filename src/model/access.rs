//! Who may do what: permissions, the built-in roles that bundle them, and grants that scope a role.
//!
//! A pure value, [`Access`], answers every question; what isn't granted is refused. Custom roles don't exist:
//! the roles below are the ones a team can be given.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Writes the enum and the list of all its values from one list of names.
macro_rules! permissions {
    ($($name:ident),* $(,)?) => {
        /// One thing that can be allowed, by the names that Octopus uses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Permission {
            $($name),*
        }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

permissions! {
    SpaceView,
    SpaceCreate,
    SpaceEdit,
    SpaceDelete,
    ProjectView,
    ProjectCreate,
    ProjectEdit,
    ProjectDelete,
    ProjectGroupView,
    ProjectGroupEdit,
    ProcessView,
    ProcessEdit,
    EnvironmentView,
    EnvironmentCreate,
    EnvironmentEdit,
    EnvironmentDelete,
    LifecycleView,
    LifecycleCreate,
    LifecycleEdit,
    LifecycleDelete,
    FeedView,
    FeedEdit,
    TenantView,
    TenantCreate,
    TenantEdit,
    TenantDelete,
    LibraryVariableSetView,
    LibraryVariableSetCreate,
    LibraryVariableSetEdit,
    LibraryVariableSetDelete,
    VariableView,
    VariableEdit,
    WorkerView,
    WorkerEdit,
    MachinePolicyView,
    MachinePolicyCreate,
    MachinePolicyEdit,
    MachinePolicyDelete,
    MachineView,
    MachineCreate,
    MachineEdit,
    MachineDelete,
    AccountView,
    AccountCreate,
    AccountEdit,
    AccountDelete,
    CertificateView,
    CertificateCreate,
    CertificateEdit,
    CertificateDelete,
    ReleaseView,
    ReleaseCreate,
    ReleaseEdit,
    ReleaseDelete,
    DeploymentView,
    DeploymentCreate,
    DeploymentDelete,
    RunbookView,
    RunbookEdit,
    RunbookRunView,
    RunbookRunCreate,
    TaskView,
    TaskCreate,
    TaskCancel,
    TaskEdit,
    InterruptionView,
    InterruptionSubmit,
    ArtifactView,
    ArtifactCreate,
    ArtifactEdit,
    ArtifactDelete,
    BuiltInFeedPush,
    BuiltInFeedAdminister,
    BuiltInFeedDownload,
    BuildInformationPush,
    BuildInformationAdminister,
    PolicyView,
    PolicyEdit,
    EventView,
    TeamView,
    TeamCreate,
    TeamEdit,
    TeamDelete,
    UserView,
    UserEdit,
    AdministerSystem,
    ConfigureServer,
}

/// A bundle of permissions that a team can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Role {
    /// Everything, everywhere.
    SystemAdministrator,
    /// Everything inside a space.
    SpaceManager,
    /// Projects with their processes, variables, releases and deployments.
    ProjectLead,
    /// Deploys what exists and answers interruptions.
    ProjectDeployer,
    /// Reads.
    ProjectViewer,
    /// Environments, workers and machine policies.
    EnvironmentManager,
    /// What a build server does: push packages, create and deploy releases.
    BuildServer,
}

impl Role {
    /// All of them, the mightiest first.
    pub const ALL: [Self; 7] = [
        Self::SystemAdministrator,
        Self::SpaceManager,
        Self::ProjectLead,
        Self::ProjectDeployer,
        Self::ProjectViewer,
        Self::EnvironmentManager,
        Self::BuildServer,
    ];

    /// The id that clients see.
    pub fn id(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "userroles-systemadministrator",
            Self::SpaceManager => "userroles-spacemanager",
            Self::ProjectLead => "userroles-projectlead",
            Self::ProjectDeployer => "userroles-projectdeployer",
            Self::ProjectViewer => "userroles-projectviewer",
            Self::EnvironmentManager => "userroles-environmentmanager",
            Self::BuildServer => "userroles-buildserver",
        }
    }

    /// The name that people see.
    pub fn name(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "System administrator",
            Self::SpaceManager => "Space manager",
            Self::ProjectLead => "Project lead",
            Self::ProjectDeployer => "Project deployer",
            Self::ProjectViewer => "Project viewer",
            Self::EnvironmentManager => "Environment manager",
            Self::BuildServer => "Build server",
        }
    }

    /// The role with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|role| role.id().eq_ignore_ascii_case(id))
    }

    /// Whether this role may, where it applies.
    pub fn allows(self, permission: Permission) -> bool {
        match self {
            Self::SystemAdministrator => true,
            Self::SpaceManager => {
                !SYSTEM.contains(&permission) || permission == Permission::UserView
            }
            Self::ProjectLead => {
                VIEW.contains(&permission)
                    || DEPLOY.contains(&permission)
                    || LEAD.contains(&permission)
            }
            Self::ProjectDeployer => VIEW.contains(&permission) || DEPLOY.contains(&permission),
            Self::ProjectViewer => VIEW.contains(&permission),
            Self::EnvironmentManager => {
                VIEW.contains(&permission) || ENVIRONMENTS.contains(&permission)
            }
            Self::BuildServer => VIEW.contains(&permission) || BUILD.contains(&permission),
        }
    }
}

/// What only an administrator of the server may, apart from reading users.
const SYSTEM: &[Permission] = &[
    Permission::SpaceCreate,
    Permission::SpaceDelete,
    Permission::UserView,
    Permission::UserEdit,
    Permission::AdministerSystem,
    Permission::ConfigureServer,
    Permission::PolicyEdit,
    Permission::TeamCreate,
    Permission::TeamEdit,
    Permission::TeamDelete,
];

const VIEW: &[Permission] = &[
    Permission::SpaceView,
    Permission::ProjectView,
    Permission::ProjectGroupView,
    Permission::ProcessView,
    Permission::EnvironmentView,
    Permission::LifecycleView,
    Permission::FeedView,
    Permission::TenantView,
    Permission::LibraryVariableSetView,
    Permission::VariableView,
    Permission::WorkerView,
    Permission::MachinePolicyView,
    Permission::MachineView,
    Permission::AccountView,
    Permission::CertificateView,
    Permission::ReleaseView,
    Permission::DeploymentView,
    Permission::RunbookView,
    Permission::RunbookRunView,
    Permission::TaskView,
    Permission::InterruptionView,
    Permission::ArtifactView,
    Permission::BuiltInFeedDownload,
    Permission::TeamView,
    Permission::UserView,
];

const DEPLOY: &[Permission] = &[
    Permission::DeploymentCreate,
    Permission::RunbookRunCreate,
    Permission::TaskCreate,
    Permission::TaskCancel,
    Permission::InterruptionSubmit,
    Permission::ArtifactCreate,
];

const LEAD: &[Permission] = &[
    Permission::ProjectCreate,
    Permission::ProjectEdit,
    Permission::ProjectDelete,
    Permission::ProjectGroupEdit,
    Permission::ProcessEdit,
    Permission::VariableEdit,
    Permission::LibraryVariableSetCreate,
    Permission::LibraryVariableSetEdit,
    Permission::ReleaseCreate,
    Permission::ReleaseEdit,
    Permission::ReleaseDelete,
    Permission::DeploymentDelete,
    Permission::RunbookEdit,
    Permission::ArtifactEdit,
    Permission::ArtifactDelete,
    Permission::BuiltInFeedPush,
    Permission::BuildInformationPush,
    Permission::PolicyView,
    Permission::EventView,
];

const ENVIRONMENTS: &[Permission] = &[
    Permission::EnvironmentCreate,
    Permission::EnvironmentEdit,
    Permission::EnvironmentDelete,
    Permission::WorkerEdit,
    Permission::MachinePolicyCreate,
    Permission::MachinePolicyEdit,
    Permission::MachinePolicyDelete,
    Permission::MachineCreate,
    Permission::MachineEdit,
    Permission::MachineDelete,
    Permission::AccountCreate,
    Permission::AccountEdit,
    Permission::AccountDelete,
    Permission::CertificateCreate,
    Permission::CertificateEdit,
    Permission::CertificateDelete,
    Permission::TaskCreate,
    Permission::TaskCancel,
];

const BUILD: &[Permission] = &[
    Permission::BuiltInFeedPush,
    Permission::BuildInformationPush,
    Permission::ReleaseCreate,
    Permission::DeploymentCreate,
    Permission::RunbookRunCreate,
    Permission::TaskCreate,
    Permission::TaskCancel,
];

/// A role, and where it applies. Empty lists mean everywhere in the space; no space means every space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What it bundles.
    pub role: Role,
    /// The space it is limited to.
    pub space_id: Option<String>,
    /// The projects it is limited to.
    pub project_ids: Vec<String>,
    /// The environments it is limited to.
    pub environment_ids: Vec<String>,
}

/// Where something is granted. Empty lists and no space mean everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The space.
    pub space_id: Option<String>,
    /// The projects.
    pub project_ids: Vec<String>,
    /// The environments.
    pub environment_ids: Vec<String>,
}

/// What a question is about. What is `None` is not asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Target<'a> {
    /// The space; `None` for what belongs to the server.
    pub space_id: Option<&'a str>,
    /// The project.
    pub project_id: Option<&'a str>,
    /// The environment.
    pub environment_id: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Anything in a space.
    pub fn space(space_id: &'a str) -> Self {
        Self {
            space_id: Some(space_id),
            ..Self::default()
        }
    }
}

/// Everything that somebody may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The grants; any one is enough.
    pub grants: Vec<Grant>,
}

impl Access {
    /// Whether `permission` is granted for `target`.
    ///
    /// A grant with a list of projects says nothing about a question without a project, and the same for
    /// environments. Whoever reads lists asks [`Self::allows_some`] and [`Self::projects`] instead.
    pub fn allows(&self, permission: Permission, target: Target<'_>) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.role.allows(permission) && grant.covers(target))
    }

    /// Whether `permission` is granted for anything at all in the space.
    pub fn allows_some(&self, permission: Permission, space_id: Option<&str>) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.role.allows(permission) && grant.covers_space(space_id))
    }

    /// The projects that `permission` is limited to in a space; `None` when it isn't.
    pub fn projects(&self, permission: Permission, space_id: &str) -> Option<Vec<String>> {
        self.limits(permission, space_id, |grant| &grant.project_ids)
    }

    /// The environments that `permission` is limited to in a space; `None` when it isn't.
    pub fn environments(&self, permission: Permission, space_id: &str) -> Option<Vec<String>> {
        self.limits(permission, space_id, |grant| &grant.environment_ids)
    }

    fn limits(
        &self,
        permission: Permission,
        space_id: &str,
        list: impl Fn(&Grant) -> &Vec<String>,
    ) -> Option<Vec<String>> {
        let mut ids = Vec::new();
        let grants = self.grants.iter();
        for grant in grants
            .filter(|grant| grant.role.allows(permission) && grant.covers_space(Some(space_id)))
        {
            if list(grant).is_empty() {
                return None;
            }
            ids.extend_from_slice(list(grant));
        }
        Some(ids)
    }

    /// The spaces that `permission` is limited to; `None` when it isn't.
    pub fn spaces(&self, permission: Permission) -> Option<Vec<String>> {
        let grants = self
            .grants
            .iter()
            .filter(|grant| grant.role.allows(permission));
        grants.map(|grant| grant.space_id.clone()).collect()
    }

    /// Where `permission` is granted: any one is enough.
    pub fn reach(&self, permission: Permission) -> Vec<Reach> {
        let grants = self.grants.iter();
        grants
            .filter(|grant| grant.role.allows(permission))
            .map(|grant| Reach {
                space_id: grant.space_id.clone(),
                project_ids: grant.project_ids.clone(),
                environment_ids: grant.environment_ids.clone(),
            })
            .collect()
    }

    /// Whether anything is granted in the space.
    pub fn enters(&self, space_id: &str) -> bool {
        self.allows_some(Permission::SpaceView, Some(space_id))
    }
}

impl Grant {
    fn covers_space(&self, space_id: Option<&str>) -> bool {
        match (&self.space_id, space_id) {
            (None, _) => true,
            (Some(own), Some(asked)) => own.eq_ignore_ascii_case(asked),
            (Some(_), None) => false,
        }
    }

    fn covers(&self, target: Target<'_>) -> bool {
        self.covers_space(target.space_id)
            && covers_one(&self.project_ids, target.project_id)
            && covers_one(&self.environment_ids, target.environment_id)
    }
}

fn covers_one(limits: &[String], asked: Option<&str>) -> bool {
    match asked {
        _ if limits.is_empty() => true,
        Some(asked) => limits.iter().any(|id| id.eq_ignore_ascii_case(asked)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(grant: Grant) -> Access {
        Access {
            grants: vec![grant],
        }
    }

    fn deployer(environment_ids: &[&str]) -> Access {
        access(Grant {
            role: Role::ProjectDeployer,
            space_id: Some("Spaces-1".into()),
            project_ids: Vec::new(),
            environment_ids: environment_ids.iter().map(ToString::to_string).collect(),
        })
    }

    fn in_environment(environment_id: &str) -> Target<'_> {
        Target {
            environment_id: Some(environment_id),
            ..Target::space("Spaces-1")
        }
    }

    #[test]
    fn nothing_is_allowed_without_a_grant() {
        let nobody = Access::default();
        assert!(!nobody.allows(Permission::ProjectView, Target::space("Spaces-1")));
    }

    #[test]
    fn a_role_in_one_space_says_nothing_about_another() {
        let access = deployer(&[]);
        assert!(access.allows(Permission::DeploymentCreate, Target::space("spaces-1")));
        assert!(!access.allows(Permission::DeploymentCreate, Target::space("Spaces-2")));
        assert!(!access.allows(Permission::UserView, Target::default()));
    }

    #[test]
    fn a_role_for_one_environment_deploys_nowhere_else() {
        let access = deployer(&["Environments-1"]);
        assert!(access.allows(
            Permission::DeploymentCreate,
            in_environment("Environments-1")
        ));
        assert!(!access.allows(
            Permission::DeploymentCreate,
            in_environment("Environments-2")
        ));
        assert!(!access.allows(Permission::DeploymentCreate, Target::space("Spaces-1")));
        assert!(access.allows_some(Permission::DeploymentCreate, Some("Spaces-1")));
    }

    #[test]
    fn a_space_manager_administers_no_server() {
        for permission in SYSTEM {
            let allowed = Role::SpaceManager.allows(*permission);
            assert_eq!(
                allowed,
                *permission == Permission::UserView,
                "{permission:?}"
            );
        }
    }
}
