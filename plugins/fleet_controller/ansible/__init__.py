"""The few modules that know Ansible. May import all rooms."""
