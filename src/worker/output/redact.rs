//! Masks secret values in a stream of bytes with `********`, wherever the stream is cut.
//!
//! Every byte that belongs to some occurrence of some pattern is masked, overlapping ones included; a run of masked
//! bytes becomes one mask. That is stricter than replacing the leftmost-longest match (of `abcdef` and `efgh` in
//! `abcdefgh`, the second's end would stay readable), and it doesn't depend on how the stream is cut.
//!
//! Only what may still grow into a secret is held back, at most [`MAX_PATTERN_BYTES`], so a log isn't delayed for the
//! sake of masking: a prompt without a line end is seen at once unless it ends like a secret begins.
//!
//! Values shorter than [`MIN_SECRET_CHARS`] characters are not masked, as in Octopus: `on` or `1` as a secret would turn the
//! log into asterisks. Which spellings of a value are masked, `secret_forms.rs` says.
//!
//! Secrets and held bytes are wiped when dropped. The automaton that finds them is a crate's and isn't: its tables,
//! which spell the secrets out in transitions, are freed as they are.

use std::collections::{HashSet, VecDeque};
use std::fmt;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use zeroize::Zeroizing;

use super::secret_forms::{self, Pattern};
use super::secret_text::SecretText;

/// What a secret is replaced by; its length says nothing.
pub const MASK: &str = "********";

/// Octopus masks values "longer than 3 characters".
pub const MIN_SECRET_CHARS: usize = 4;

/// The longest pattern, hence the most that is held back, plus one.
pub const MAX_PATTERN_BYTES: usize = 512;

/// How many different values are masked. A process has tens; a script that marks thousands is up to something.
pub const MAX_SECRETS: usize = 4096;

/// How long one value may be: a certificate bundle or a kubeconfig is some 10 KiB.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;

/// All patterns together. The automaton takes some tens of bytes for each of these while it is built.
pub const MAX_TOTAL_BYTES: usize = 2 * 1024 * 1024;

/// What became of a value that shall be masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    New,
    /// It was masked before.
    Known,
    /// Fewer than [`MIN_SECRET_CHARS`] characters, or nothing but white space: it is not masked.
    TooShort,
}

/// A value cannot be masked any more; whoever goes on printing would leak it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    #[error("more than {MAX_SECRETS} secret values")]
    Secrets,
    #[error("a secret value of more than {MAX_SECRET_BYTES} bytes")]
    SecretBytes,
    #[error("secret values whose spellings take more than {MAX_TOTAL_BYTES} bytes")]
    TotalBytes,
}

/// The values to mask. Only grows; several streams use it together.
#[derive(Default)]
pub struct Secrets {
    known: HashSet<SecretText>,
    /// Each more than twice as large as the next: adding one value rebuilds little, so that a script that marks values in a
    /// loop costs us n log n and not n².
    layers: Vec<Layer>,
    total_bytes: usize,
}

struct Layer {
    patterns: Vec<Pattern>,
    bytes: usize,
    longest: usize,
    first_bytes: [bool; 256],
    automaton: NFA,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({})", self.known.len())
    }
}

impl Secrets {
    /// Masks each of `values`.
    ///
    /// # Errors
    /// [`Full`] if they are too many or too long.
    pub fn of<'a>(values: impl Iterator<Item = &'a str>) -> Result<Self, Full> {
        let mut secrets = Self::default();
        for value in values {
            secrets.add(value)?;
        }
        Ok(secrets)
    }

    /// Masks `value` from now on, in all its forms.
    ///
    /// # Errors
    /// [`Full`], and `value` is not masked: the caller must not emit what may contain it.
    pub fn add(&mut self, value: &str) -> Result<Added, Full> {
        if value.chars().take(MIN_SECRET_CHARS).count() < MIN_SECRET_CHARS
            || value.trim().is_empty()
        {
            return Ok(Added::TooShort);
        }
        if value.len() > MAX_SECRET_BYTES {
            return Err(Full::SecretBytes);
        }
        let secret = SecretText::new(value.to_owned());
        if self.known.contains(&secret) {
            return Ok(Added::Known);
        }
        if self.known.len() == MAX_SECRETS {
            return Err(Full::Secrets);
        }
        let patterns = secret_forms::patterns(value);
        let bytes: usize = patterns.iter().map(|pattern| pattern.len()).sum();
        if self.total_bytes + bytes > MAX_TOTAL_BYTES {
            return Err(Full::TotalBytes);
        }
        self.total_bytes += bytes;
        self.known.insert(secret);
        self.add_patterns(patterns, bytes)?;
        Ok(Added::New)
    }

    /// Masks a whole text.
    pub fn redact(&self, text: &[u8]) -> Vec<u8> {
        let mut redacted = Vec::with_capacity(text.len());
        let mut masker = Masker::default();
        let mut emit = |(), bytes: &[u8]| redacted.extend_from_slice(bytes);
        masker.push(self, (), text, &mut emit);
        masker.finish(self, &mut emit);
        redacted
    }

    fn add_patterns(&mut self, mut patterns: Vec<Pattern>, mut bytes: usize) -> Result<(), Full> {
        while let Some(last) = self.layers.pop_if(|last| last.bytes <= 2 * bytes) {
            bytes += last.bytes;
            patterns.extend(last.patterns);
        }
        secret_forms::sort(&mut patterns);
        self.layers.push(Layer::new(patterns, bytes)?);
        Ok(())
    }

    /// For each byte, the length of the longest pattern that ends with it, 0 for none.
    fn longest_ending(&self, text: &[u8]) -> Vec<u16> {
        let mut longest = vec![0; text.len()];
        for layer in &self.layers {
            layer.mark(text, &mut longest);
        }
        longest
    }

    /// From where on `text` may still grow into a secret; its length when it can't.
    fn earliest_open(&self, text: &[u8]) -> usize {
        let longest = self
            .layers
            .iter()
            .map(|layer| layer.longest)
            .max()
            .unwrap_or(0);
        let from = (text.len() + 1).saturating_sub(longest);
        (from..text.len())
            .find(|&start| {
                self.layers
                    .iter()
                    .any(|layer| layer.goes_on(&text[start..]))
            })
            .unwrap_or(text.len())
    }
}

impl Layer {
    fn new(patterns: Vec<Pattern>, bytes: usize) -> Result<Self, Full> {
        let automaton = NFA::builder()
            .prefilter(false)
            .build(patterns.iter().map(|pattern| pattern.as_slice()))
            // It refuses what needs more than 2³¹ states; MAX_TOTAL_BYTES is far below.
            .map_err(|_| Full::TotalBytes)?;
        let mut first_bytes = [false; 256];
        for pattern in &patterns {
            first_bytes[usize::from(pattern[0])] = true;
        }
        let longest = patterns
            .iter()
            .map(|pattern| pattern.len())
            .max()
            .unwrap_or(0);
        Ok(Self {
            patterns,
            bytes,
            longest,
            first_bytes,
            automaton,
        })
    }

    fn mark(&self, text: &[u8], longest: &mut [u16]) {
        let automaton = &self.automaton;
        let Ok(mut state) = automaton.start_state(Anchored::No) else {
            unreachable!("a contiguous NFA always has an unanchored start")
        };
        for (&byte, longest) in text.iter().zip(longest) {
            state = automaton.next_state(Anchored::No, state, byte);
            if automaton.is_match(state) {
                for index in 0..automaton.match_len(state) {
                    let length = automaton.pattern_len(automaton.match_pattern(state, index));
                    // At most MAX_PATTERN_BYTES, which fits.
                    *longest = (*longest).max(length as u16);
                }
            }
        }
    }

    /// Whether a pattern begins with all of `text` and is longer.
    fn goes_on(&self, text: &[u8]) -> bool {
        if !self.first_bytes[usize::from(text[0])] {
            return false;
        }
        let next = self
            .patterns
            .partition_point(|pattern| pattern.as_slice() <= text);
        self.patterns
            .get(next)
            .is_some_and(|pattern| pattern.starts_with(text))
    }
}

/// Masks one stream. `T` is what the caller wants to know of each byte again afterwards, its log level for instance.
///
/// The secrets are handed in with every call and may have grown in between.
pub struct Masker<T> {
    held: Zeroizing<Vec<u8>>,
    /// Whose bytes `held` are: tag and number of bytes.
    tags: VecDeque<(T, usize)>,
    /// How many of the first held bytes belong to a secret whose beginning has left already.
    n_covered: usize,
    /// The last byte that left was masked: what joins it needs no further mask.
    is_in_mask: bool,
}

impl<T> Default for Masker<T> {
    fn default() -> Self {
        Self {
            held: Zeroizing::default(),
            tags: VecDeque::new(),
            n_covered: 0,
            is_in_mask: false,
        }
    }
}

impl<T: Copy + PartialEq> Masker<T> {
    /// Takes the next bytes, emits what cannot become part of a secret any more.
    pub fn push(
        &mut self,
        secrets: &Secrets,
        tag: T,
        bytes: &[u8],
        emit: &mut impl FnMut(T, &[u8]),
    ) {
        if bytes.is_empty() {
            return;
        }
        if self.held.is_empty() && secrets.layers.is_empty() {
            self.is_in_mask = false;
            emit(tag, bytes);
            return;
        }
        self.held.extend_from_slice(bytes);
        match self.tags.back_mut() {
            Some((last, length)) if *last == tag => *length += bytes.len(),
            _ => self.tags.push_back((tag, bytes.len())),
        }
        let end = secrets.earliest_open(&self.held);
        self.release(secrets, end, emit);
    }

    /// The stream has ended: what is held is no secret, or an unfinished one.
    pub fn finish(&mut self, secrets: &Secrets, emit: &mut impl FnMut(T, &[u8])) {
        self.release(secrets, self.held.len(), emit);
    }

    /// Emits the first `end` held bytes.
    ///
    /// A pattern found later cannot reach back before `end`: it would begin where an unfinished one begins.
    fn release(&mut self, secrets: &Secrets, end: usize, emit: &mut impl FnMut(T, &[u8])) {
        let longest = secrets.longest_ending(&self.held);
        let mut is_covered = vec![false; self.held.len()];
        let mut n_covered = self.n_covered;
        let mut earliest = self.held.len();
        for (index, &length) in longest.iter().enumerate().rev() {
            if length > 0 {
                let start = index + 1 - usize::from(length);
                earliest = earliest.min(start);
                if start < end {
                    n_covered = n_covered.max(index + 1);
                }
            }
            is_covered[index] = index >= earliest || index < self.n_covered;
        }
        self.n_covered = n_covered.saturating_sub(end);
        let mut from = 0;
        while from < end {
            let Some((tag, tagged)) = self.tags.front_mut() else {
                unreachable!("every held byte has a tag")
            };
            let length = is_covered[from..end]
                .iter()
                .take(*tagged)
                .take_while(|&&covered| covered == is_covered[from])
                .count();
            if !is_covered[from] {
                emit(*tag, &self.held[from..from + length]);
            } else if !self.is_in_mask {
                emit(*tag, MASK.as_bytes());
            }
            self.is_in_mask = is_covered[from];
            from += length;
            *tagged -= length;
            if *tagged == 0 {
                self.tags.pop_front();
            }
        }
        self.held.drain(..end);
    }
}

#[cfg(test)]
mod tests;
