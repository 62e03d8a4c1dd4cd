//! How many CPUs the process may use: the affinity mask, cut by the cgroup's CPU quota.

use super::{nr, read_file, syscall4};

/// CPUs in the affinity mask.
pub fn affinity_count() -> u32 {
    let mut mask = [0u64; 1024 / 64 * 8];
    // SAFETY: a buffer of the given size.
    let n = unsafe {
        syscall4(
            nr::SCHED_GETAFFINITY,
            0,
            size_of_val(&mask),
            mask.as_mut_ptr() as usize,
            0,
        )
    };
    if n <= 0 {
        return 1;
    }
    mask.iter().map(|w| w.count_ones()).sum::<u32>().max(1)
}

/// The default of GOMAXPROCS for `ncpu` CPUs: the quota rounded up, but not below 2.
pub fn default_gomaxprocs(ncpu: u32) -> u32 {
    let look = crate::debug::CONTAINERMAXPROCS.load(crate::sync::Ordering::Relaxed) != 0;
    if ncpu <= 2 || !look {
        return ncpu; // the quota cannot cut below 2: do not read it
    }
    quota().map_or(ncpu, |q| ncpu.min(q.max(2)))
}

/// CPUs that the cgroup's quota allows, rounded up.
fn quota() -> Option<u32> {
    let mut buf = [0u8; 2048];
    let n = read_file(c"/proc/self/cgroup", &mut buf)?;
    let text = &buf[..n];
    let mut out = [0u8; 64];
    if let Some(path) = cpu_group_v1(text) {
        const ROOT: &[u8] = b"/sys/fs/cgroup/cpu";
        // Inside a container the path is that of the host: then the files are at the root.
        for path in [path, b""] {
            if let Some(n) = read_joined(&[ROOT, path, b"/cpu.cfs_quota_us"], &mut out) {
                let quota = parse_u64(out[..n].trim_ascii())?; // -1: none
                let n = read_joined(&[ROOT, path, b"/cpu.cfs_period_us"], &mut out)?;
                let period = parse_u64(out[..n].trim_ascii()).filter(|&p| p > 0)?;
                return Some(quota.div_ceil(period) as u32);
            }
        }
        return None;
    }
    // cgroup v2: one line "0::/path"
    let path = text
        .split(|&b| b == b'\n')
        .find_map(|l| l.strip_prefix(b"0::"))?;
    let n = read_joined(&[b"/sys/fs/cgroup", path, b"/cpu.max"], &mut out)?;
    parse_cpu_max(&out[..n])
}

/// Path of the group of the v1 controller `cpu`: a line like `4:cpu,cpuacct:/path`.
pub fn cpu_group_v1(text: &[u8]) -> Option<&[u8]> {
    text.split(|&b| b == b'\n').find_map(|line| {
        let mut parts = line.splitn(3, |&b| b == b':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let has = controllers.split(|&b| b == b',').any(|c| c == b"cpu");
        has.then_some(path)
    })
}

/// Reads the file whose path is `parts` put together.
fn read_joined(parts: &[&[u8]], out: &mut [u8]) -> Option<usize> {
    let mut path = [0u8; 1024];
    let mut len = 0;
    for part in parts {
        path.get_mut(len..len + part.len())?.copy_from_slice(part);
        len += part.len();
    }
    let path = core::ffi::CStr::from_bytes_until_nul(&path).ok()?;
    read_file(path, out)
}

/// Parses `quota period` of cpu.max; `max` means none.
pub fn parse_cpu_max(text: &[u8]) -> Option<u32> {
    let mut words = text.trim_ascii().split(|&b| b == b' ');
    let quota = parse_u64(words.next()?)?;
    let period = parse_u64(words.next()?)?;
    if period == 0 {
        return None;
    }
    Some(quota.div_ceil(period) as u32)
}

/// Parses a decimal number without sign.
pub fn parse_u64(s: &[u8]) -> Option<u64> {
    if s.is_empty() {
        return None;
    }
    s.iter().try_fold(0u64, |v, &b| {
        let d = b.wrapping_sub(b'0');
        if d > 9 {
            None
        } else {
            v.checked_mul(10)?.checked_add(d as u64)
        }
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn v1() {
        let text = b"5:memory:/m\n4:cpu,cpuacct:/a/b\n0::/x\n";
        assert_eq!(super::cpu_group_v1(text), Some(&b"/a/b"[..]));
        assert_eq!(super::cpu_group_v1(b"0::/x\n"), None);
    }

    #[test]
    fn cpu_max() {
        assert_eq!(super::parse_cpu_max(b"max 100000\n"), None);
        assert_eq!(super::parse_cpu_max(b"150000 100000\n"), Some(2));
        assert_eq!(super::parse_cpu_max(b"400000 100000\n"), Some(4));
    }
}
