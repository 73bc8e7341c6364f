"""What arrives from other processes, and how it finds the sockets of this one."""
