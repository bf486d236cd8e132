"""defaults(1): ``read FILE KEY`` of what nobody has set. Writing is refused: nothing of ours is a preference."""

from tests.doubles.state import Refused


def run(name, argv, mac):
    """Only reading, and nothing is there."""
    match argv:
        case ["read", path, key]:
            raise Refused(1, f"The domain/default pair of ({path}, {key}) does not exist")
    raise Refused(255, f"the double of defaults only reads: {' '.join(argv)}")


def left(mac):
    """It changes nothing."""
    return []
