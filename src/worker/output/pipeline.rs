//! One attempt's output, from what the script writes to what leaves the worker.

use super::redact::{Added, Full, Masker, Secrets};
use super::scanner::{MAX_IN_BAND_BYTES, MAX_MESSAGES_FILE_BYTES, Piece, Scanner};
use super::secret_text::Value;
use super::service_message::{Level, ServiceMessage, Stream};

mod emitted;
mod lane;

pub use emitted::Emitted;
use lane::Lane;

/// Whether messages count that stand in standard output and standard error.
///
/// They can be forged by whoever gets a script to print a text. The messages file always counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InBand {
    /// As in Octopus: all messages in standard output, `mask` in standard error too.
    Accepted,
    /// They are ordinary text.
    Refused,
}

/// The composed state machine. Every call hands what it makes certain to `sink`, in order.
pub struct OutputPipeline {
    in_band: InBand,
    stdout: Scanner,
    stderr: Scanner,
    messages_file: Scanner,
    core: Core,
}

/// All but the scanners, which lend it their pieces.
struct Core {
    secrets: Secrets,
    stdout: Lane,
    stderr: Lane,
    unparsed: Masker<()>,
    /// Output that waits for more of its kind: one event for a chunk, not one for each piece between two masks.
    gathered: Option<(Stream, Level, Vec<u8>)>,
    is_withheld: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Stream(Stream),
    MessagesFile,
}

impl OutputPipeline {
    /// A pipeline that masks `secrets`, for one attempt.
    pub fn new(secrets: Secrets, in_band: InBand) -> Self {
        let core = Core {
            secrets,
            stdout: Lane::new(Stream::Stdout),
            stderr: Lane::new(Stream::Stderr),
            unparsed: Masker::default(),
            gathered: None,
            is_withheld: false,
        };
        Self {
            in_band,
            stdout: Scanner::new(MAX_IN_BAND_BYTES),
            stderr: Scanner::new(MAX_IN_BAND_BYTES),
            messages_file: Scanner::new(MAX_MESSAGES_FILE_BYTES),
            core,
        }
    }

    /// Takes what the script wrote to `stream`.
    pub fn push(&mut self, stream: Stream, bytes: &[u8], sink: &mut impl FnMut(Emitted)) {
        let Self {
            in_band,
            stdout,
            stderr,
            messages_file: _,
            core,
        } = self;
        let scanner = match stream {
            Stream::Stdout => stdout,
            Stream::Stderr => stderr,
        };
        match in_band {
            InBand::Accepted => {
                scanner.push(bytes, &mut |piece| core.stream_piece(stream, piece, sink))
            }
            InBand::Refused => core.text(stream, bytes, sink),
        }
        core.hand_over(sink);
    }

    /// Takes what the script wrote to the messages file.
    ///
    /// A level holds for what is pushed to its stream from now on; a sensitive value is masked in all that is
    /// emitted from now on.
    pub fn messages_file_push(&mut self, bytes: &[u8], sink: &mut impl FnMut(Emitted)) {
        let Self {
            messages_file,
            core,
            ..
        } = self;
        messages_file.push(bytes, &mut |piece| core.file_piece(piece, sink));
    }

    /// The script has ended: emits what was held back.
    pub fn finish(&mut self, sink: &mut impl FnMut(Emitted)) {
        let Self {
            in_band: _,
            stdout,
            stderr,
            messages_file,
            core,
        } = self;
        messages_file.finish(&mut |piece| core.file_piece(piece, sink));
        stdout.finish(&mut |piece| core.stream_piece(Stream::Stdout, piece, sink));
        stderr.finish(&mut |piece| core.stream_piece(Stream::Stderr, piece, sink));
        core.finish(sink);
    }

    /// Masks `value` from now on, as if the script had asked for it.
    ///
    /// # Errors
    /// [`Full`]: nothing the script prints is emitted any more.
    pub fn mask(&mut self, value: &str) -> Result<Added, Full> {
        self.core
            .secrets
            .add(value)
            .inspect_err(|_| self.core.is_withheld = true)
    }

    /// Masks a text that is shown beside the output: an error message, a variable's name.
    pub fn redact_all(&self, text: &str) -> String {
        self.core.redact_all(text)
    }
}

impl Core {
    fn stream_piece(&mut self, stream: Stream, piece: Piece<'_>, sink: &mut impl FnMut(Emitted)) {
        match piece {
            Piece::Text(bytes) => self.text(stream, bytes, sink),
            Piece::Message { message, raw } => {
                let is_honoured = match stream {
                    Stream::Stdout => true,
                    Stream::Stderr => matches!(message, ServiceMessage::Mask { .. }),
                };
                if is_honoured {
                    let returned = self.lane(stream).message_seen();
                    self.masked(stream, returned, sink);
                    self.message(message, Origin::Stream(stream), sink);
                } else {
                    self.text(stream, raw, sink);
                }
            }
        }
    }

    fn file_piece(&mut self, piece: Piece<'_>, sink: &mut impl FnMut(Emitted)) {
        match piece {
            Piece::Message { message, raw: _ } => self.message(message, Origin::MessagesFile, sink),
            // The line ends between messages.
            Piece::Text(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
            Piece::Text(bytes) => {
                let mut unparsed = Vec::new();
                let mut emit = |(), bytes: &[u8]| unparsed.extend_from_slice(bytes);
                self.unparsed.push(&self.secrets, (), bytes, &mut emit);
                self.emit_unparsed(unparsed, sink);
            }
        }
    }

    fn text(&mut self, stream: Stream, bytes: &[u8], sink: &mut impl FnMut(Emitted)) {
        let lane = self.lane(stream);
        let (returned, bytes) = lane.without_message_lines(bytes);
        self.masked(stream, returned, sink);
        self.masked(stream, bytes, sink);
    }

    fn masked(&mut self, stream: Stream, bytes: &[u8], sink: &mut impl FnMut(Emitted)) {
        let (lane, secrets) = match stream {
            Stream::Stdout => (&mut self.stdout, &self.secrets),
            Stream::Stderr => (&mut self.stderr, &self.secrets),
        };
        let Some((level, bytes)) = lane.leveled(bytes) else {
            return;
        };
        if self.is_withheld {
            return;
        }
        let gathered = &mut self.gathered;
        lane.masker
            .push(secrets, level, bytes, &mut |level, bytes| {
                gather(gathered, stream, level, bytes, sink);
            });
    }

    fn message(&mut self, message: ServiceMessage, origin: Origin, sink: &mut impl FnMut(Emitted)) {
        self.hand_over(sink);
        let emitted = match message {
            ServiceMessage::Level { stream, switch } => {
                self.lane(stream).switch = switch;
                return;
            }
            ServiceMessage::Mask { value } => return self.add_secret(value.expose(), sink),
            ServiceMessage::SetVariable { name, value } => {
                self.add_value(&value, sink);
                Emitted::OutputVariable { name, value }
            }
            ServiceMessage::SetEnvironmentState { key, value, kind } => {
                self.add_value(&value, sink);
                Emitted::EnvironmentState { key, value, kind }
            }
            ServiceMessage::CreateArtifact {
                path,
                name,
                length_bytes,
            } => {
                let name = name.map(|name| self.redact_all(&name));
                Emitted::Artifact {
                    path,
                    name,
                    length_bytes,
                }
            }
            ServiceMessage::Progress {
                percentage,
                message,
            } => Emitted::Progress {
                percentage,
                message: self.redact_all(&message),
            },
            ServiceMessage::ResultMessage { message } => Emitted::Failure {
                message: self.redact_all(&message),
            },
            ServiceMessage::DeleteTarget { machine } => Emitted::TargetDeleted { machine },
            ServiceMessage::CreateStepPackageTarget(target) => Emitted::TargetCreated(target),
            ServiceMessage::KubernetesManifest {
                manifest,
                namespace,
            } => Emitted::KubernetesManifest {
                manifest,
                namespace,
            },
            ServiceMessage::VariableRead { name } => match origin {
                Origin::MessagesFile => Emitted::VariableRead { name },
                Origin::Stream(_) => Emitted::Unknown {
                    name: "seawall-variable-read".into(),
                },
            },
            ServiceMessage::Incomplete { message, attribute } => {
                Emitted::Incomplete { message, attribute }
            }
            ServiceMessage::Unknown { name } => Emitted::Unknown {
                name: self.redact_all(&name).chars().take(100).collect(),
            },
        };
        sink(emitted);
    }

    fn add_value(&mut self, value: &Value, sink: &mut impl FnMut(Emitted)) {
        match value {
            Value::Plain(_) => {}
            Value::Sensitive(secret) => self.add_secret(secret.expose(), sink),
        }
    }

    fn add_secret(&mut self, value: &str, sink: &mut impl FnMut(Emitted)) {
        match self.secrets.add(value) {
            Ok(Added::New | Added::Known) => {}
            // An empty value has nothing to hide.
            Ok(Added::TooShort) if value.is_empty() => {}
            Ok(Added::TooShort) => sink(Emitted::TooShortToMask),
            Err(_) if self.is_withheld => {}
            Err(reason) => {
                self.is_withheld = true;
                sink(Emitted::Withheld { reason });
            }
        }
    }

    fn redact_all(&self, text: &str) -> String {
        if self.is_withheld {
            return super::redact::MASK.to_owned();
        }
        // Lossy in name only: a form is made of whole characters, unless it is a piece of a very long one.
        String::from_utf8_lossy(&self.secrets.redact(text.as_bytes())).into_owned()
    }

    fn finish(&mut self, sink: &mut impl FnMut(Emitted)) {
        let mut unparsed = Vec::new();
        self.unparsed.finish(&self.secrets, &mut |(), bytes| {
            unparsed.extend_from_slice(bytes)
        });
        self.emit_unparsed(unparsed, sink);
        if !self.is_withheld {
            let Self {
                secrets,
                stdout,
                stderr,
                gathered,
                ..
            } = self;
            for lane in [stdout, stderr] {
                lane.masker.finish(secrets, &mut |level, bytes| {
                    gather(gathered, lane.stream, level, bytes, sink);
                });
            }
        }
        self.hand_over(sink);
    }

    fn emit_unparsed(&self, bytes: Vec<u8>, sink: &mut impl FnMut(Emitted)) {
        if !bytes.is_empty() && !self.is_withheld {
            sink(Emitted::Unparsed { bytes });
        }
    }

    fn hand_over(&mut self, sink: &mut impl FnMut(Emitted)) {
        if let Some((stream, level, bytes)) = self.gathered.take() {
            sink(Emitted::Output {
                stream,
                level,
                bytes,
            });
        }
    }

    fn lane(&mut self, stream: Stream) -> &mut Lane {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}

/// Adds to what is gathered, or hands that over and begins anew.
fn gather(
    gathered: &mut Option<(Stream, Level, Vec<u8>)>,
    stream: Stream,
    level: Level,
    bytes: &[u8],
    sink: &mut impl FnMut(Emitted),
) {
    match gathered {
        Some((same_stream, same_level, together))
            if (*same_stream, *same_level) == (stream, level) =>
        {
            together.extend_from_slice(bytes);
        }
        _ => {
            if let Some((stream, level, bytes)) = gathered.replace((stream, level, bytes.to_vec()))
            {
                sink(Emitted::Output {
                    stream,
                    level,
                    bytes,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests;
