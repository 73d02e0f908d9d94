//! Digests and what is made of them. Algorithms by WebCrypto's or node's names, case and dash apart.

use ::hmac::{Hmac, Mac};
use md5::Md5;
use rquickjs::{Ctx, Result, TypedArray, Value};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::bytes::with;

/// Calls `$body` with `$algorithm` standing for the digest's type; `None` when the name is unknown.
macro_rules! with_algorithm {
    ($name:expr, $algorithm:ident => $body:expr) => {
        match $name.to_ascii_lowercase().replace('-', "").as_str() {
            "md5" => { type $algorithm = Md5; Some($body) }
            "sha1" => { type $algorithm = Sha1; Some($body) }
            "sha224" => { type $algorithm = Sha224; Some($body) }
            "sha256" => { type $algorithm = Sha256; Some($body) }
            "sha384" => { type $algorithm = Sha384; Some($body) }
            "sha512" => { type $algorithm = Sha512; Some($body) }
            _ => None,
        }
    };
}

/// The digest, or `null` when the algorithm is unknown.
pub fn digest<'js>(ctx: Ctx<'js>, algorithm: String, data: Value<'js>) -> Result<Option<TypedArray<'js, u8>>> {
    let digest = with(&data, |data| with_algorithm!(algorithm, D => D::digest(data).to_vec()))?;
    digest.map(|bytes| TypedArray::new(ctx, bytes)).transpose()
}

pub fn hmac<'js>(ctx: Ctx<'js>, algorithm: String, key: Value<'js>, data: Value<'js>) -> Result<Option<TypedArray<'js, u8>>> {
    let code = with(&key, |key| {
        with(&data, |data| {
            with_algorithm!(algorithm, D => {
                let mut mac = Hmac::<D>::new_from_slice(key).expect("a key of any length");
                mac.update(data);
                mac.finalize().into_bytes().to_vec()
            })
        })
    })??;
    code.map(|bytes| TypedArray::new(ctx, bytes)).transpose()
}

pub fn pbkdf2<'js>(
    ctx: Ctx<'js>,
    algorithm: String,
    password: Value<'js>,
    salt: Value<'js>,
    n_rounds: u32,
    n_bytes: u32,
) -> Result<Option<TypedArray<'js, u8>>> {
    let mut key = vec![0; n_bytes as usize];
    let done = with(&password, |password| {
        with(&salt, |salt| with_algorithm!(algorithm, D => ::pbkdf2::pbkdf2_hmac::<D>(password, salt, n_rounds, &mut key)))
    })??;
    done.map(|()| TypedArray::new(ctx, key)).transpose()
}
