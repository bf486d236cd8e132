"""``fleet-stress``, a command for the playbooks, from any folder. May import all rooms; runs ``ansible-playbook``."""
