//! Empty: this package exists for its lock file. See `../bashkit.sh`.
