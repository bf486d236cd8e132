"""The promises of fleet_stress.system, kept on Linux. Imports system.programs, system.users and store."""
