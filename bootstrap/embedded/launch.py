"""Become another program that dies when its parent dies; run as a script, with nothing but the standard library.

    python -I -S launch.py PARENT_PID SIGNAL PROGRAM [ARGUMENT…]

The kernel sends SIGNAL when the parent is gone, even after ``kill -9`` (prctl(2), PR_SET_PDEATHSIG; it survives execve).
A script of its own instead of a ``preexec_fn``: running Python between fork and exec can deadlock a process with threads.
"""

import ctypes
import os
import resource
import sys

PR_SET_PDEATHSIG = 1
# What MongoDB asks for (64 000); a distribution's soft limit is 1 024, a container's hard one may be 2**30.
OPEN_FILES = 65_536


def main(parent: int, signal: int, command: list[str]) -> None:
    """Replace this process by ``command``. Returns only when the parent is gone already."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    # The parent may have died before the request was made; then nobody would tell us.
    if os.getppid() != parent:
        return
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
