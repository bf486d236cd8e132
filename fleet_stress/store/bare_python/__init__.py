"""What Ansible's modules use as well, on hosts without an engine: the standard library alone, Python 3.9.

Ansible packs these files along as ``ansible.module_utils.fleet_stress.store.bare_python`` (``module_utils`` in
ansible.cfg). Each imports nothing of fleet_stress.
"""
