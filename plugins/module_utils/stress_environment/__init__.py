"""How the module ``python_env`` builds a Python environment: the standard library alone, Python 3.9."""
