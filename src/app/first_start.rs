//! The first start of a server on an empty directory: a default space, an administrator, and a key for them.
//!
//! One transaction: a start that is killed half-way leaves nothing, and the next one is the first again.

use jiff::Timestamp;

use super::{Error, api_key, random, space};
use crate::model::access::Role;
use crate::model::event::Event;
use crate::model::resource::Kind;
use crate::model::space::Space;
use crate::model::user::{ADMINISTRATORS, EVERYONE, ScopedUserRole, Team, User};
use crate::store::{ApiKeyChange, Change, Store};

/// The space of requests that name none. It can't be deleted.
pub const DEFAULT_SPACE: &str = "Spaces-1";

const INSTALLATION_ID: &str = "installation-id";

/// What a start found.
pub struct Installation {
    /// A UUID.
    pub id: String,
    /// The administrator's key, at the first start only.
    pub first_key: Option<api_key::NewKey>,
}

/// Reads what the directory has, or makes what every server needs.
///
/// # Errors
/// [`Error::Store`].
pub async fn prepare(store: &Store, now: Timestamp) -> Result<Installation, Error> {
    if let Some(id) = store.setting(INSTALLATION_ID).await? {
        return Ok(Installation {
            id,
            first_key: None,
        });
    }
    let id = random::uuid()?;
    let admin = User {
        id: store.next_id(Kind::User.facts().prefix),
        username: "admin".into(),
        display_name: "Administrator".into(),
        ..User::default()
    };
    let space = Space {
        id: store.next_id(Kind::Space.facts().prefix),
        name: "Default".into(),
        slug: "default".into(),
        is_default: true,
        space_managers_teams: vec![ADMINISTRATORS.into()],
        ..Space::default()
    };
    debug_assert_eq!(space.id, DEFAULT_SPACE);
    let key_id = store.next_id("apikeys");
    let key = api_key::generate(key_id, &admin.id, "First start", now, None)?;
    let event = Event {
        category: "Created".into(),
        space_id: None,
        user_id: admin.id.clone(),
        username: admin.username.clone(),
        identity: "first start".into(),
        occurred_at: now,
        message: "The server was started for the first time".into(),
        related_ids: vec![space.id.clone(), admin.id.clone(), key.record.id.clone()],
        user_agent: String::new(),
        ip_address: String::new(),
    };
    let mut changes = vec![
        Change::Setting {
            name: INSTALLATION_ID,
            value: id.clone(),
        },
        Change::insert(&admin),
        Change::insert(&space),
        Change::ApiKey(ApiKeyChange::Insert(key.record.clone())),
        Change::Event(event),
    ];
    changes.extend(teams(store, &admin));
    changes.extend(space::contents(store, &space));
    store.commit(changes).await?;
    Ok(Installation {
        id,
        first_key: Some(key),
    })
}

fn teams(store: &Store, admin: &User) -> Vec<Change> {
    let administrators = Team {
        id: ADMINISTRATORS.into(),
        name: "Octopus Administrators".into(),
        slug: "octopus-administrators".into(),
        description: "Members administer the server.".into(),
        member_user_ids: vec![admin.id.clone()],
        can_be_deleted: false,
        can_be_renamed: false,
        can_change_roles: false,
        ..Team::default()
    };
    let everyone = Team {
        id: EVERYONE.into(),
        name: "Everyone".into(),
        slug: "everyone".into(),
        description: "Every user is in this team.".into(),
        can_be_deleted: false,
        can_be_renamed: false,
        can_change_members: false,
        ..Team::default()
    };
    let role = ScopedUserRole {
        id: store.next_id(Kind::ScopedUserRole.facts().prefix),
        team_id: ADMINISTRATORS.into(),
        user_role_id: Role::SystemAdministrator.id().into(),
        ..ScopedUserRole::default()
    };
    vec![
        Change::insert(&administrators),
        Change::insert(&everyone),
        Change::insert(&role),
    ]
}
