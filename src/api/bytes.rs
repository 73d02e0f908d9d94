//! Files that clients send and are sent: a body that becomes a file while it arrives, and a file as an answer.
//!
//! Nothing is held in memory but a piece. A client that sends nothing for a while is cut.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, StreamExt as _};
use tokio::io::AsyncReadExt as _;

use super::error::ApiError;
use crate::app::package::blob_error;
use crate::blob::{Blobs, Incoming};

/// A client that sends nothing for this long is gone.
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Writes all of `stream` into `incoming`.
pub(super) async fn take(
    stream: impl Stream<Item = Result<Bytes, ApiError>>,
    incoming: &mut Incoming,
) -> Result<(), ApiError> {
    let mut stream = std::pin::pin!(stream);
    loop {
        let chunk = tokio::time::timeout(MAX_PAUSE, stream.next()).await;
        let Some(chunk) = chunk.map_err(|_| ApiError::TooSlow)? else {
            return Ok(());
        };
        let chunk = chunk?;
        let written = tokio::task::block_in_place(|| incoming.write(&chunk));
        written.map_err(|error| blob_error(&error))?;
    }
}

/// Bytes as a file for the client to keep.
pub(super) fn send(
    blobs: &Blobs,
    sha256: &str,
    file_name: &str,
    size_bytes: u64,
) -> Result<Response, ApiError> {
    let file = blobs.file(sha256).map_err(|error| {
        crate::app::Error::Conflict(format!("The file can't be read: {error}."))
    })?;
    let file = tokio::fs::File::from_std(file);
    let stream = futures::stream::try_unfold(file, |mut file| async move {
        let mut buffer = vec![0; 64 * 1024];
        let n_read = file.read(&mut buffer).await?;
        buffer.truncate(n_read);
        Ok::<_, std::io::Error>((n_read > 0).then_some((buffer, file)))
    });
    let safe: String = file_name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-+ ".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, size_bytes.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{safe}\""),
        ),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}
