//! Finds service messages in a stream of bytes that may be cut anywhere.
//!
//! As Octopus does, the scanner looks for the literal `##octopus` anywhere in a line, and a message ends at the first
//! `]`, lines further down if need be. What Octopus leaves open is closed here:
//! - After `##octopus`, only white space may stand before `[`. Octopus swallows everything up to the next `]`, even of
//!   `see the ##octopus documentation`.
//! - A second `##octopus` begins anew, and what came before it is text. A valid message cannot contain it (`#` is
//!   neither in base64 nor in a name), so an unterminated message never eats the good one that follows.
//! - A message is at most as long as the scanner's limit; then what was held is text.
//!
//! Text pieces together are the input without its messages, byte for byte, in order.

use zeroize::Zeroizing;

use super::service_message::ServiceMessage;

/// How long a message may be in a script's output. Until its end is seen, output is held back, so not too long.
pub const MAX_IN_BAND_BYTES: usize = 64 * 1024;

/// How long a message may be in the messages file, where nothing waits behind it.
pub const MAX_MESSAGES_FILE_BYTES: usize = 1024 * 1024;

const LABEL: &[u8] = b"##octopus";

/// What the scanner found; pieces come in the order of the input.
#[derive(Debug)]
pub enum Piece<'a> {
    Text(&'a [u8]),
    /// `raw` is the message as it was written, for a caller that won't accept it from here.
    Message {
        message: ServiceMessage,
        raw: &'a [u8],
    },
}

/// The state between two chunks: nothing but the bytes that may still become a message.
pub struct Scanner {
    limit_bytes: usize,
    /// From the first `#` of a possible message on. It can hold a secret on its way in, hence wiped.
    held: Zeroizing<Vec<u8>>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// `held` is the first `matched` bytes of the label.
    Search { matched: usize },
    /// The label is complete; white space may follow, then `[`.
    Bracket,
    /// Inside; the last `matched` bytes are the beginning of another label.
    Body { matched: usize },
}

impl Scanner {
    /// A scanner whose messages have at most `limit_bytes` bytes, label and brackets included.
    pub fn new(limit_bytes: usize) -> Self {
        // With less than a label's length, giving up could not leave a partial label behind.
        let limit_bytes = limit_bytes.max(2 * LABEL.len());
        Self {
            limit_bytes,
            held: Zeroizing::default(),
            state: State::Search { matched: 0 },
        }
    }

    /// Takes the next bytes and hands out what is certain. Holds back only what may be part of a message.
    pub fn push(&mut self, chunk: &[u8], emit: &mut impl FnMut(Piece<'_>)) {
        let mut rest = chunk;
        while let Some((&byte, after)) = rest.split_first() {
            if self.held.is_empty() {
                let text_length = rest
                    .iter()
                    .position(|&byte| byte == b'#')
                    .unwrap_or(rest.len());
                if text_length > 0 {
                    let (text, possible) = rest.split_at(text_length);
                    emit(Piece::Text(text));
                    rest = possible;
                    continue;
                }
            }
            match self.state {
                State::Search { matched } => self.search(matched, byte, emit),
                State::Bracket => self.bracket(byte, emit),
                State::Body { matched } => self.body(matched, byte, emit),
            }
            rest = after;
        }
    }

    /// The stream has ended: an unterminated message is text after all.
    pub fn finish(&mut self, emit: &mut impl FnMut(Piece<'_>)) {
        self.release(0, emit);
    }

    fn search(&mut self, matched: usize, byte: u8, emit: &mut impl FnMut(Piece<'_>)) {
        let matched_now = label_matched(matched, byte);
        self.held.push(byte);
        if matched_now == LABEL.len() {
            self.state = State::Bracket;
        } else {
            self.release(matched_now, emit);
        }
    }

    fn bracket(&mut self, byte: u8, emit: &mut impl FnMut(Piece<'_>)) {
        self.held.push(byte);
        match byte {
            b'[' => self.state = State::Body { matched: 0 },
            b' ' | b'\t' | b'\r' | b'\n' if self.held.len() < self.limit_bytes => {}
            b'#' => self.release(1, emit),
            _ => self.release(0, emit),
        }
    }

    fn body(&mut self, matched: usize, byte: u8, emit: &mut impl FnMut(Piece<'_>)) {
        self.held.push(byte);
        if byte == b']' {
            let raw = std::mem::take(&mut self.held);
            self.state = State::Search { matched: 0 };
            let body = &raw[LABEL.len()..raw.len() - 1];
            match ServiceMessage::parse(body) {
                Some(message) => emit(Piece::Message { message, raw: &raw }),
                None => emit(Piece::Text(&raw)),
            }
            return;
        }
        let matched_now = label_matched(matched, byte);
        if matched_now == LABEL.len() {
            self.release(LABEL.len(), emit);
            self.state = State::Bracket;
        } else if self.held.len() >= self.limit_bytes {
            self.release(matched_now, emit);
        } else {
            self.state = State::Body {
                matched: matched_now,
            };
        }
    }

    /// Gives up on what is held, apart from the last `kept` bytes: they begin a label.
    fn release(&mut self, kept: usize, emit: &mut impl FnMut(Piece<'_>)) {
        let released = self.held.len() - kept;
        if released > 0 {
            emit(Piece::Text(&self.held[..released]));
        }
        self.held.drain(..released);
        self.state = State::Search { matched: kept };
    }
}

/// How much of the label is matched after `byte`, Knuth-Morris-Pratt: only its two `#` can begin it anew.
fn label_matched(matched: usize, byte: u8) -> usize {
    match byte {
        _ if byte == LABEL[matched] => matched + 1,
        b'#' if matched == 2 => 2,
        b'#' => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
