//! The built-in feed: pushing, listing, downloading; and build information.
//!
//! A package is streamed to disk while it arrives, within a bound; a client that sends nothing for a while is cut.

use axum::Json;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use futures::TryStreamExt as _;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Body, Context, Query, Segments};
use super::table::{Scope, Table};
use super::{bytes, collection};
use crate::app::package::{Overwrite, PackageQuery, Pushed};
use crate::model::access::Permission;
use crate::model::feed::Feed;
use crate::model::package::{BuildInformation, Package};
use crate::model::version::Range;
use crate::package::PackageName;

pub(super) fn routes(table: Table) -> Table {
    let (get_, space) = (Method::GET, Scope::Space);
    let one = "/api/packages/{id}";
    let table = table
        .add(
            Method::DELETE,
            "/api/packages/bulk",
            space,
            "Delete several packages, named by `ids`",
            delete(remove_all),
        )
        .needs("ids")
        .add(
            Method::POST,
            "/api/packages/raw",
            space,
            "Push a package: multipart, one file",
            post(push).layer(DefaultBodyLimit::disable()),
        )
        .takes_file()
        .add(
            get_.clone(),
            "/api/packages",
            space,
            "A page of every package",
            get(list),
        )
        .add(get_.clone(), one, space, "Read a package", get(read))
        .add(
            Method::DELETE,
            one,
            space,
            "Delete a package",
            delete(remove),
        )
        .add(
            get_.clone(),
            "/api/packages/{id}/raw",
            space,
            "Download a package",
            get(download),
        )
        .add(
            get_.clone(),
            "/api/feeds/{id}/packages/versions",
            space,
            "The versions of a package in a feed",
            get(versions),
        )
        .add(
            get_.clone(),
            "/api/feeds/{id}/packages/search",
            space,
            "The packages of a feed",
            get(search),
        );
    let (builds, build) = ("/api/build-information", "/api/build-information/{id}");
    table
        .add(
            Method::POST,
            builds,
            space,
            "Say how a package was built",
            post(push_build),
        )
        .takes::<PushBuild>()
        .add(
            get_.clone(),
            builds,
            space,
            "A page of how every package was built",
            get(list_builds),
        )
        .add(
            get_,
            build,
            space,
            "Read how a package was built",
            get(read_build),
        )
        .add(
            Method::DELETE,
            build,
            space,
            "Forget how a package was built",
            delete(remove_build),
        )
}

/// A package, with how it was built if one of `builds` says so.
fn present(package: &Package, builds: &[BuildInformation]) -> Value {
    let Package {
        id,
        space_id,
        package_id,
        version,
        extension,
        size_bytes,
        sha256,
        published,
    } = package;
    let own = format!("/api/{space_id}/packages/{id}");
    let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
    let build = builds
        .iter()
        .find(|build| same(&build.package_id, package_id) && same(&build.version, version));
    json!({
        "Id": id,
        "SpaceId": space_id,
        "PackageId": package_id,
        "NuGetPackageId": package_id,
        "Version": version,
        "NuGetFeedId": feed_id(space_id),
        "FeedId": feed_id(space_id),
        "FileExtension": extension,
        "Title": package_id,
        "Summary": null,
        "Description": null,
        "ReleaseNotes": null,
        "Published": published,
        "PackageSizeBytes": size_bytes,
        "Hash": sha256,
        "PackageVersionBuildInformation": build.map(present_build),
        "Links": { "Self": own, "Raw": format!("{own}/raw") },
    })
}

/// The id of a space's built-in feed.
fn feed_id(space_id: &str) -> String {
    match space_id {
        "Spaces-1" => "feeds-builtin".to_owned(),
        space_id => format!("feeds-builtin-{space_id}"),
    }
}

fn overwrite(query: &Query) -> Result<Overwrite, ApiError> {
    if let Some(name) = query.text("overwriteMode") {
        return Overwrite::named(name).ok_or_else(|| ApiError::BadQuery {
            name: "overwriteMode",
            problem: format!("`{name}` is not FailIfExists, OverwriteExisting or IgnoreIfExists"),
        });
    }
    // What clients before 2020 send.
    let replaces = query.text("replace");
    Ok(
        match replaces.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            true => Overwrite::OverwriteExisting,
            false => Overwrite::FailIfExists,
        },
    )
}

async fn push(
    context: Context,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, ApiError> {
    let (app, caller) = (&context.app, &context.caller);
    let permission = Permission::BuiltInFeedPush;
    let space_id = app.feed_space(caller, context.space(), permission).await?;
    let mode = overwrite(&context.query)?;
    let mut multipart = multipart.map_err(|rejection| ApiError::BadBody(rejection.body_text()))?;
    let (name, incoming) = loop {
        let field = tokio::time::timeout(bytes::MAX_PAUSE, multipart.next_field()).await;
        let field = field.map_err(|_| ApiError::TooSlow)?;
        let field = field.map_err(|error| ApiError::BadBody(error.body_text()))?;
        let Some(field) = field else {
            let problem = "it has no file: send the package as one part, with its file name";
            return Err(ApiError::BadBody(problem.to_owned()));
        };
        // `file` in Go, `fileToUpload` in TypeScript: whatever has a file name is the package.
        let Some(file_name) = field.file_name().map(str::to_owned) else {
            continue;
        };
        let name = PackageName::parse(&file_name)
            .map_err(|error| crate::app::Error::invalid(format!("{error}.")))?;
        let mut incoming = app.package_incoming()?;
        let ended_early = |error: MultipartError| ApiError::BadBody(error.body_text());
        bytes::take(field.map_err(ended_early), &mut incoming).await?;
        break (name, incoming);
    };
    let (package, pushed) = app
        .package_push(caller, &space_id, name, incoming, mode)
        .await?;
    // Clients tell people "uploaded" or "ignored" by the status alone.
    let status = match pushed {
        Pushed::New | Pushed::Replaced => StatusCode::CREATED,
        Pushed::Ignored => StatusCode::OK,
    };
    Ok((status, Json(present(&package, &[]))).into_response())
}

fn is_true(query: &Query, name: &str) -> bool {
    query
        .text(name)
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

async fn page_of(
    context: &Context,
    query: PackageQuery,
    base: &str,
) -> Result<Json<Value>, ApiError> {
    let query = PackageQuery {
        skip: context.query.skip()?,
        take: context.query.take()?,
        ..query
    };
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let (total, packages) = app.packages(caller, space, query).await?;
    let builds = app.builds(caller, space, None).await?;
    let items = packages.iter().map(|package| present(package, &builds));
    collection::page(base, "Package", &context.query, total, items.collect()).map(Json)
}

fn base(context: &Context, rest: &str) -> String {
    match context.space() {
        Some(space) => format!("/api/{space}/{rest}"),
        None => format!("/api/{rest}"),
    }
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let query = &context.query;
    let asked = PackageQuery {
        package_id: query.text("nuGetPackageId").map(str::to_owned),
        filter: query.text("filter").map(str::to_owned),
        is_latest: is_true(query, "latest"),
        ..PackageQuery::default()
    };
    page_of(&context, asked, &base(&context, "packages")).await
}

/// Refuses feeds whose packages are elsewhere.
async fn built_in(context: &Context, id: &str) -> Result<Feed, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let feed: Feed = app.get(caller, space, id).await?;
    if feed.feed_type == crate::model::feed::FeedType::BuiltIn {
        return Ok(feed);
    }
    let problem = format!(
        "The feed `{}` is kept elsewhere, and this server reads its built-in feed only.",
        feed.name
    );
    Err(crate::app::Error::Conflict(problem).into())
}

async fn versions(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let feed = built_in(&context, &id).await?;
    let query = &context.query;
    let range = match query.text("versionRange") {
        None => None,
        Some(text) => Some(Range::parse(text).ok_or_else(|| ApiError::BadQuery {
            name: "versionRange",
            problem: format!("`{text}` is no range: write it like [1.0,2.0)"),
        })?),
    };
    let asked = PackageQuery {
        package_id: Some(query.text("packageId").unwrap_or_default().to_owned()),
        excludes_prereleases: query
            .text("includePreRelease")
            .is_some_and(|text| text.eq_ignore_ascii_case("false")),
        range,
        ..PackageQuery::default()
    };
    let base = base(&context, &format!("feeds/{}/packages/versions", feed.id));
    page_of(&context, asked, &base).await
}

async fn search(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let feed = built_in(&context, &id).await?;
    let asked = PackageQuery {
        filter: context.query.text("term").map(str::to_owned),
        is_latest: true,
        ..PackageQuery::default()
    };
    let base = base(&context, &format!("feeds/{}/packages/search", feed.id));
    page_of(&context, asked, &base).await
}

async fn read(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let package = app.package(caller, space, &id).await?;
    let builds = app.builds(caller, space, Some(&package.package_id)).await?;
    Ok(Json(present(&package, &builds)))
}

async fn remove(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    app.package_delete(caller, space, &id).await?;
    Ok(Json(json!({})))
}

/// Those that are there go; one that can't is said, with what went before it gone.
async fn remove_all(context: Context) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let ids = context.query.list("ids");
    if ids.is_empty() {
        return Err(ApiError::BadQuery {
            name: "ids",
            problem: "it is missing: name the packages to delete".to_owned(),
        });
    }
    for id in ids {
        app.package_delete(caller, space, &id).await?;
    }
    Ok(Json(json!({})))
}

async fn download(context: Context, Segments(id): Segments<String>) -> Result<Response, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let package = app.package(caller, space, &id).await?;
    app.feed_space(
        caller,
        Some(&package.space_id),
        Permission::BuiltInFeedDownload,
    )
    .await?;
    bytes::send(
        app.blobs(),
        &package.sha256,
        &package.file_name(),
        package.size_bytes,
    )
}

/// Octopus's build information command.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
struct PushBuild {
    package_id: String,
    version: String,
    octopus_build_information: Value,
}

async fn push_build(context: Context, Body(body): Body<PushBuild>) -> Result<Response, ApiError> {
    let mode = overwrite(&context.query)?;
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let details = body.octopus_build_information;
    let (build, pushed) = app
        .build_push(
            caller,
            space,
            &body.package_id,
            &body.version,
            details,
            mode,
        )
        .await?;
    let status = match pushed {
        Pushed::New => StatusCode::CREATED,
        Pushed::Replaced | Pushed::Ignored => StatusCode::OK,
    };
    Ok((status, Json(present_build(&build))).into_response())
}

fn present_build(build: &BuildInformation) -> Value {
    let BuildInformation {
        id,
        space_id,
        package_id,
        version,
        created,
        details,
    } = build;
    let mut value = json!({
        "Id": id,
        "SpaceId": space_id,
        "PackageId": package_id,
        "Version": version,
        "Created": created,
        "Commits": [],
        "WorkItems": [],
        "IncompleteDataWarning": null,
        "Links": { "Self": format!("/api/{space_id}/build-information/{id}") },
    });
    for (name, detail) in details.as_object().into_iter().flatten() {
        // What the server says about it stays.
        if matches!(value.get(name), None | Some(Value::Array(_))) {
            value[name] = detail.clone();
        }
    }
    value
}

async fn list_builds(context: Context) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let query = &context.query;
    let found = app.builds(caller, space, query.text("packageId")).await?;
    let skip = usize::try_from(query.skip()?).unwrap_or(usize::MAX);
    let take = usize::try_from(query.take()?).unwrap_or(usize::MAX);
    let items = found.iter().skip(skip).take(take).map(present_build);
    let base = base(&context, "build-information");
    let total = found.len() as u64;
    collection::page(&base, "BuildInformation", query, total, items.collect()).map(Json)
}

async fn read_build(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let found = app.builds(caller, space, None).await?;
    let build = found
        .iter()
        .find(|build| build.id.eq_ignore_ascii_case(&id));
    let build = build.ok_or(crate::app::Error::NotFound {
        noun: "build information",
        id,
    })?;
    Ok(Json(present_build(build)))
}

async fn remove_build(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    app.build_delete(caller, space, &id).await?;
    Ok(Json(json!({})))
}
