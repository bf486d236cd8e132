"""What the project is worked on with: generators of its schemas and documents, reports, and measurements.

It may import everything, the tests too; only its own tests import it.
"""
