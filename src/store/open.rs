//! Opening the database: the directory, its lock, the connections and the migrations.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::sync::mpsc;

use super::counter::Counters;
use super::writer::{self, Request};
use super::{Change, Error, migration};

/// The database, in the data directory.
pub(super) const FILE_NAME: &str = "seawall.db";

/// Readers wait for nobody in a write-ahead log; this is for the moments when the log is reset.
const BUSY: Duration = Duration::from_secs(5);

/// Each is a thread of its own. More than the machine has cores only helps while one waits for the disk.
const N_READERS: u32 = 4;

/// Commits that may wait. Past it, callers wait in turn: a queue that grows without bound hides a slow disk.
const QUEUE: usize = 1024;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) readers: SqlitePool,
    pub(super) writer: mpsc::Sender<Request>,
    counters: Arc<Counters>,
    /// Held as long as anybody has the store.
    _lock: Arc<File>,
}

impl Store {
    /// Opens the database in `directory`, makes it if there is none, and brings it to the current form.
    ///
    /// # Errors
    /// [`Error::Locked`] if another server has it; [`Error::UnknownMigration`] if it is newer than this program.
    pub async fn open(directory: &Path) -> Result<Self, Error> {
        let lock = lock(directory)?;
        let options = SqliteConnectOptions::new()
            .filename(directory.join(FILE_NAME))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An answered commit survives a power cut; NORMAL would only survive a crash of ours.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let mut connection: SqliteConnection = options.connect().await?;
        migration::migrate(&mut connection).await?;
        let counters = Arc::new(Counters::load(&mut connection).await?);
        let readers = SqlitePoolOptions::new()
            .max_connections(N_READERS)
            // A file doesn't go away as a server does; asking whether it is there doubled the way of a short read.
            .test_before_acquire(false)
            .connect_with(options.read_only(true))
            .await?;
        let (writer, requests) = mpsc::channel(QUEUE);
        tokio::spawn(writer::run(connection, requests, counters.clone()));
        Ok(Self {
            readers,
            writer,
            counters,
            _lock: Arc::new(lock),
        })
    }

    /// The next number for ids that begin with `prefix`; 1 is the first.
    pub fn next_number(&self, prefix: &str) -> u64 {
        self.counters.next(prefix)
    }

    /// The next id that begins with `prefix`.
    pub fn next_id(&self, prefix: &str) -> String {
        format!("{prefix}-{}", self.next_number(prefix))
    }

    /// Makes all of `changes`, or none. When it returns, they are on disk.
    ///
    /// # Errors
    /// [`Error::Stale`] and [`Error::NameTaken`] refuse the changes; [`Error::Unavailable`] is ours.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<(), Error> {
        writer::commit(&self.writer, changes).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it doesn't.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Lets everything queued reach the disk, then closes the connections.
    pub async fn close(&self) {
        // An empty commit is answered after all that were queued before it.
        self.commit(Vec::new()).await.ok();
        self.readers.close().await;
    }
}

pub(super) fn lock(directory: &Path) -> Result<File, Error> {
    let failed = |path: &Path| {
        let path: PathBuf = path.into();
        move |source| Error::Directory { path, source }
    };
    make_private(directory).map_err(failed(directory))?;
    let path = directory.join("seawall.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Error::Locked {
            path: directory.into(),
        }),
        Err(fs::TryLockError::Error(source)) => Err(failed(&path)(source)),
    }
}

/// What is in the directory is for the server's own account only: it holds keys' digests and sealed secrets.
fn make_private(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}
