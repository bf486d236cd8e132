"""The controller's part: catalogue, bot profile and profile in, one JSON plan a host out; runs and results.

Read it from ``compile.py`` on. Nothing here touches a host, and nothing but ``plugins/action`` knows Ansible.
"""
