/** Numbers of system calls that attacks make by themselves, on the processors that Paddock is tested on. */
const numbers = {
  x64: {
    add_key: 248,
    chroot: 161,
    io_uring_setup: 425,
    keyctl: 250,
    mount: 165,
    pidfd_getfd: 438,
    pidfd_open: 434,
    pivot_root: 155,
    prctl: 157,
    process_vm_readv: 310,
    ptrace: 101,
    reboot: 169,
    setns: 308,
    umount2: 166,
    unshare: 272,
  },
  arm64: {
    add_key: 217,
    chroot: 51,
    io_uring_setup: 425,
    keyctl: 219,
    mount: 40,
    pidfd_getfd: 438,
    pidfd_open: 434,
    pivot_root: 41,
    prctl: 167,
    process_vm_readv: 270,
    ptrace: 117,
    reboot: 142,
    setns: 268,
    umount2: 39,
    unshare: 97,
  },
} as const;

export const systemCall = numbers[process.arch as keyof typeof numbers];
