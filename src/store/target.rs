//! Deployment targets by where they are: an index of their environments and roles that the database keeps itself
//! (`migrations/0006_target_places.sql`). Everything else about them is in `document`, as for any resource.

use sqlx::{QueryBuilder, Sqlite};

use super::document::{one_of, read};
use super::{Error, Store};
use crate::model::target::DeploymentTarget;
use crate::plan::targets::Roles;

impl Store {
    /// The deployment targets of an environment with one of these roles, in the order of lists.
    ///
    /// Costs what it finds, however many other targets there are.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn targets_in(
        &self,
        environment_id: &str,
        roles: &Roles,
    ) -> Result<Vec<DeploymentTarget>, Error> {
        let mut query = in_place("", environment_id, roles);
        let rows = query.build().fetch_all(&self.readers).await?;
        let targets = rows.iter().map(|row| Ok(read(row)?.record));
        targets.collect()
    }
}

fn in_place<'a>(prefix: &str, environment_id: &str, roles: &Roles) -> QueryBuilder<'a, Sqlite> {
    let mut query = QueryBuilder::new(prefix);
    query.push(
        "SELECT id, generation, body FROM document WHERE id IN \
         (SELECT target_id FROM target_place WHERE environment_id = ",
    );
    query.push_bind(environment_id.to_owned());
    match roles {
        Roles::Any => {}
        Roles::OneOf(roles) => {
            query.push(" AND role");
            one_of(&mut query, roles);
        }
    }
    query.push(") ORDER BY sort_order, name, length(id), id");
    query
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sqlx::Row as _;

    use super::super::Change;
    use super::*;

    fn target(number: usize, environment: &str, role: &str) -> DeploymentTarget {
        let value = json!({ "Id": format!("Machines-{number}"), "Name": format!("m{number}"),
            "EnvironmentIds": [environment], "Roles": [role, "any"] });
        serde_json::from_value(value).expect("a target")
    }

    async fn ids(store: &Store, environment: &str, roles: &Roles) -> Vec<String> {
        let found = store.targets_in(environment, roles).await;
        let found = found.expect("they can be read");
        found.into_iter().map(|target| target.id).collect()
    }

    fn one_of(role: &str) -> Roles {
        Roles::OneOf(vec![role.to_owned()])
    }

    #[tokio::test]
    async fn targets_are_found_where_they_are_now_and_no_other_record_is_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path()).await.expect("a database");
        let many = (10..2_010).map(|number| target(number, "Environments-9", "db"));
        let few = [
            target(1, "Environments-1", "web"),
            target(2, "Environments-1", "db"),
        ];
        let made = many.chain(few).map(|target| Change::insert(&target));
        store.commit(made.collect()).await.expect("they are kept");

        let web = ids(&store, "environments-1", &one_of("WEB")).await;
        assert_eq!(web, ["Machines-1"]);
        let all = ids(&store, "Environments-1", &Roles::Any).await;
        assert_eq!(all, ["Machines-1", "Machines-2"]);
        let none = ids(&store, "Environments-1", &Roles::OneOf(Vec::new())).await;
        assert_eq!(none, [""; 0]);

        let moved = target(1, "Environments-2", "web");
        let change = Change::update(&moved, 1);
        store.commit(vec![change]).await.expect("it moves");
        assert_eq!(ids(&store, "Environments-1", &one_of("web")).await, [""; 0]);
        assert_eq!(
            ids(&store, "Environments-2", &one_of("web")).await,
            ["Machines-1"]
        );
        let stored = store.document_by_id::<DeploymentTarget>("Machines-1").await;
        let stored = stored.expect("it can be read").expect("it is there");
        let gone = Change::delete(&stored);
        store.commit(vec![gone]).await.expect("it goes");
        assert_eq!(ids(&store, "Environments-2", &one_of("web")).await, [""; 0]);

        let mut explained = in_place("EXPLAIN QUERY PLAN ", "Environments-1", &one_of("web"));
        let rows = explained.build().fetch_all(&store.readers).await;
        let steps: Vec<String> = rows
            .expect("it is explained")
            .iter()
            .map(|row| row.get("detail"))
            .collect();
        let reads_all = |step: &String| {
            step.starts_with("SCAN") && (step.contains("document") || step.contains("target_place"))
        };
        assert!(!steps.iter().any(reads_all), "{steps:?}");
        assert!(
            steps.iter().any(|step| step.contains("target_place")),
            "{steps:?}"
        );
    }
}
