//! A filter of system calls, in the kernel's own language for them (classic BPF), for bubblewrap to load.
//!
//! It is short: limits and namespaces do most of the work. What it denies either takes memory that no limit counts, leads out (a socket
//! of a virtual machine belongs to no namespace), or opens parts of the kernel that an answer never needs and that holes were found in before.

/// The system calls that are denied, with their numbers on x86-64 and on 64-bit Arm.
// ANCHOR: denied
const DENIED: [(&str, u32, u32); 30] = [
    ("socket", 41, 198),
    ("socketpair", 53, 199),
    ("shmget", 29, 194),
    ("semget", 64, 190),
    ("msgget", 68, 186),
    ("mq_open", 240, 180),
    ("memfd_create", 319, 279),
    ("memfd_secret", 447, 447),
    ("ptrace", 101, 117),
    ("process_vm_readv", 310, 270),
    ("process_vm_writev", 311, 271),
    ("pidfd_getfd", 438, 438),
    ("mount", 165, 40),
    ("umount2", 166, 39),
    ("pivot_root", 155, 41),
    ("move_mount", 429, 429),
    ("fsopen", 430, 430),
    ("fsmount", 432, 432),
    ("open_tree", 428, 428),
    ("mount_setattr", 442, 442),
    ("unshare", 272, 97),
    ("setns", 308, 268),
    ("add_key", 248, 217),
    ("request_key", 249, 218),
    ("keyctl", 250, 219),
    ("bpf", 321, 280),
    ("perf_event_open", 298, 241),
    ("userfaultfd", 323, 282),
    ("io_uring_setup", 425, 425),
    ("open_by_handle_at", 304, 265),
];
// ANCHOR_END: denied

/// What the kernel calls this machine, if the table above is good for it.
const MACHINE: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(0xc000_003e)
} else if cfg!(target_arch = "aarch64") {
    Some(0xc000_00b7)
} else {
    None
};

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
    let machine = MACHINE?;
    let mut program: Vec<(u16, u8, u8, u32)> = vec![
        (LOAD, 0, 0, ARCHITECTURE),
        (IS_EQUAL, 1, 0, machine),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (IS_AT_LEAST, 0, 1, OTHER_TABLE),
        (RETURN, 0, 0, NOT_PERMITTED),
    ];
    for (_, intel, arm) in DENIED {
        let number = if cfg!(target_arch = "x86_64") { intel } else { arm };
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
