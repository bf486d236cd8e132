"""The promises of fleet_stress.system, kept on macOS. Imports system.programs, system.users and store."""
