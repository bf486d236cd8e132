"""A fleet on one machine: hosts with an sshd, users, disk, network and processes of their own. See docs/lab.md."""
