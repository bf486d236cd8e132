"""The controller's part: catalogue, bot profile and profile in, one JSON plan a host out; runs and results.

Its rooms, whose arrows go one way: messages, untrusted, catalogue, planning, hosts, runs, results, report, drafting;
``ansible`` is the only one that knows Ansible, ``command`` the one that starts it. Nothing here touches a host. Begin
with ``planning/compile_plan.py``.
"""
