"""fleet-stress, the engine: everything that happens on a host.

Python 3.9 or newer, the standard library, psutil and jmespath; imports no Ansible and nothing of the controller.
Read it in the order of ``docs/architecture.md``; a plan goes in, a result comes out.
"""

__version__ = "0.1.0"
