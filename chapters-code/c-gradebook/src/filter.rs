//! A filter of system calls, in the kernel's own language for them (classic BPF), for bubblewrap to load.
//!
//! It is short: limits and namespaces do most of the work. What it denies either takes memory that no limit counts, or opens parts
//! of the kernel that an answer never needs and that holes were found in before.

/// Numbers of the system calls that are denied, from the kernel's table for this machine; nothing where we have no table.
// ANCHOR: denied
const fn denied() -> Option<(u32, &'static [u32])> {
    if cfg!(target_arch = "x86_64") {
        // shmget semget msgget, mq_open, memfd_create memfd_secret: memory that no limit counts
        // ptrace process_vm_readv process_vm_writev pidfd_getfd: other processes
        // mount umount2 pivot_root move_mount fsopen fsmount open_tree mount_setattr: file systems
        // unshare setns: namespaces
        // add_key request_key keyctl bpf perf_event_open userfaultfd io_uring_setup open_by_handle_at: rarely needed
        Some((
            0xc000_003e,
            &[
                29, 64, 68, 240, 319, 447, 101, 310, 311, 438, 165, 166, 155, 429, 430, 432, 428,
                442, 272, 308, 248, 249, 250, 321, 298, 323, 425, 304,
            ],
        ))
    } else if cfg!(target_arch = "aarch64") {
        // The same in the same order.
        Some((
            0xc000_00b7,
            &[
                194, 190, 186, 180, 279, 447, 117, 270, 271, 438, 40, 39, 41, 429, 430, 432, 428,
                442, 97, 268, 217, 218, 219, 280, 241, 282, 425, 265,
            ],
        ))
    } else {
        None
    }
}
// ANCHOR_END: denied

/// Instructions: what they do, and which field of the call they load.
const LOAD: u16 = 0x20;
const IS_EQUAL: u16 = 0x15;
const IS_AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;

/// Verdicts.
const ALLOW: u32 = 0x7fff_0000;
const NOT_PERMITTED: u32 = 0x0005_0001;
const KILL: u32 = 0x8000_0000;

/// Calls with this bit are those of another table (x32).
const OTHER_TABLE: u32 = 0x4000_0000;

/// The filter as bytes; nothing where there is none for this machine.
pub fn bytes() -> Option<Vec<u8>> {
    let (architecture, numbers) = denied()?;
    let mut program: Vec<(u16, u8, u8, u32)> = vec![
        (LOAD, 0, 0, ARCHITECTURE),
        (IS_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (IS_AT_LEAST, 0, 1, OTHER_TABLE),
        (RETURN, 0, 0, NOT_PERMITTED),
    ];
    for &number in numbers {
        program.extend([(IS_EQUAL, 0, 1, number), (RETURN, 0, 0, NOT_PERMITTED)]);
    }
    program.push((RETURN, 0, 0, ALLOW));
    let instruction = |(code, yes, no, value): (u16, u8, u8, u32)| {
        let [a, b] = code.to_ne_bytes();
        let [c, d, e, f] = value.to_ne_bytes();
        [a, b, yes, no, c, d, e, f]
    };
    Some(program.into_iter().flat_map(instruction).collect())
}
