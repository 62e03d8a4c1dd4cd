//! Computing with instructions that not every processor has: what the standard library has in assembly and the
//! runtime gives to its packages as natives. The bodies know nothing of the rest of the runtime. The short ones
//! that searching and maps need are in `arch`, as they run on the goroutine's stack.
pub mod aes;
pub mod aescbc;
pub mod aesctr;
pub mod crc32;
pub mod features;
pub mod fused;
pub mod gcm;
pub mod ghash;
pub mod md5;
pub mod sha1;
pub mod sha256;
pub mod sha512;
