"""Calls of all kinds on a folder, drawn by a seed: says what each returned or raised. Run by ``test_python_shim.py``.

python exercise.py FOLDER SEED COUNT
"""

import errno
import io
import json
import os
import pathlib
import pickle
import random
import shutil
import sys
import tempfile
import types
import warnings

NAMES = ["a", "b", "d", "d/a", "d/b", "d/e", "l", "no/x", ".", "", "ü"]
MODES = [
    "r",
    "w",
    "a",
    "x",
    "r+",
    "w+",
    "a+",
    "x+",
    "rb",
    "wb",
    "ab",
    "xb",
    "r+b",
    "w+b",
    "rt",
    "rw",
    "b",
    "U",
    "",
    "bw+",
]


def text(draw):
    return draw.choice(["", "x", "line\n", "ümlaut\n", "y" * 9000, "z\r\n" * 40])


def use(draw, stream):
    """Some calls on what was opened."""
    told = [repr(stream), stream.name, stream.mode, stream.readable(), stream.writable(), stream.seekable()]
    binary = not isinstance(stream, io.TextIOBase)
    for _ in range(draw.randrange(6)):
        what, data, number = draw.randrange(9), text(draw), draw.randrange(40)
        calls = [
            lambda: stream.write(data.encode() if binary else data),
            lambda: stream.read(number),
            lambda: stream.read(),
            lambda: stream.readline(),
            lambda: stream.seek(number),
            lambda: stream.tell(),
            lambda: stream.truncate(number),
            lambda: stream.flush(),
            lambda: os.fsync(stream.fileno()),
        ]
        told.append(attempt(calls[what]))
    return told


def attempt(call):
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            return [call(), [str(item.message) + item.filename for item in warned]]
    except Exception as problem:
        return [type(problem).__name__, str(problem), getattr(problem, "filename", 0)]


def opened(draw):
    name = draw.choice([str, pathlib.Path, os.fsencode])(draw.choice(NAMES))
    more = draw.choice(
        [{}, {}, {}, {"buffering": 0}, {"buffering": 1}, {"buffering": 100}, {"encoding": "utf-8"}]
    )
    more = {
        **more,
        **draw.choice([{}, {}, {"newline": ""}, {"errors": "replace"}, {"closefd": False}, {"no": 1}]),
    }
    with open(name, draw.choice(MODES), **more) as stream:
        return use(draw, stream)


def raw(draw):
    flags = draw.choice([os.O_RDONLY, os.O_WRONLY, os.O_RDWR])
    for item in (os.O_CREAT, os.O_EXCL, os.O_TRUNC, os.O_APPEND, os.O_NOFOLLOW):
        flags |= draw.choice([0, item])
    descriptor = os.open(draw.choice(NAMES), flags, 0o640)
    try:
        data = text(draw).encode()
        return [
            attempt(lambda: os.write(descriptor, data)),
            attempt(lambda: os.pwrite(descriptor, data, 3)),
            attempt(lambda: os.writev(descriptor, [data, b"--"])),
            attempt(lambda: os.pread(descriptor, 20, 1)),
            attempt(lambda: os.read(descriptor, 20)),
            attempt(lambda: os.ftruncate(descriptor, draw.randrange(50))),
            attempt(lambda: os.write(descriptor, "text")),
            attempt(lambda: os.fchmod(descriptor, 0o600)),
        ]
    finally:
        os.close(descriptor)


def temporary(draw):
    tempfile._get_candidate_names = lambda: iter("pqrs")
    with tempfile.NamedTemporaryFile(
        draw.choice(["w", "wb", "w+"]), dir=".", delete=draw.choice([True, False])
    ) as stream:
        return use(draw, stream)[3:]


def calls(draw):
    """All that may be drawn."""
    one, two = draw.choice(NAMES), draw.choice(NAMES)
    way = draw.choice([str, pathlib.Path, os.fsencode])
    return [
        lambda: opened(draw),
        lambda: opened(draw),
        lambda: raw(draw),
        lambda: temporary(draw),
        lambda: os.rename(way(one), two),
        lambda: os.replace(one, way(two)),
        lambda: os.link(one, two),
        lambda: os.symlink(one, two),
        lambda: os.unlink(way(one)),
        lambda: os.remove(one),
        lambda: os.mkdir(one),
        lambda: os.makedirs(one, exist_ok=True),
        lambda: os.rmdir(one),
        lambda: os.truncate(one, draw.randrange(30)),
        lambda: os.chmod(one, 0o700),
        lambda: os.utime(one, (5, 6)),
        lambda: shutil.copyfile(one, two),
        lambda: shutil.copy2(one, two),
        lambda: shutil.move(one, two),
        lambda: shutil.rmtree("d"),
        lambda: pathlib.Path(one).write_text(text(draw)),
        lambda: pathlib.Path(one).read_bytes(),
        lambda: json.dump({"a": [1] * 2000}, open(one, "w")),
        lambda: os.rename(one),
        lambda: os.open(one),
        lambda: os.mkdir(one, dir_fd=12345),
    ]


def looks():
    """What a program may ask of the functions themselves."""
    import inspect

    for item in (open, os.open, os.rename, os.unlink, os.write, os.fsync):
        yield repr(item), item.__name__, item.__module__, item.__doc__, str(inspect.signature(item))
        yield (
            isinstance(item, types.BuiltinFunctionType),
            inspect.isbuiltin(item),
            pickle.loads(pickle.dumps(item)) is item,
        )
    yield io.open is open, os.unlink in os.supports_dir_fd, len(os.supports_dir_fd), len(os.supports_fd)
    yield shutil.rmtree.avoids_symlink_attacks, sys.path[1:], sorted(errno.errorcode)[:3]
    with open("looked", "wb", buffering=0) as stream:
        yield isinstance(stream, io.FileIO), repr(stream), type(stream).__name__, type(stream).__module__
    yield repr(stream)


def tree():
    for folder, _, names in sorted(os.walk(".")):
        for name in sorted(names):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            data = None if os.path.islink(path) else pathlib.Path(path).read_bytes()
            yield path, oct(status.st_mode), data and (len(data), data[:60])


def main(folder, seed, count):
    os.chdir(folder)
    os.umask(0o022)
    draw = random.Random(seed)
    modules = sorted(
        name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).endswith(".py")
    )
    print("modules", modules)
    for look in looks():
        print(look)
    for number in range(count):
        which = draw.randrange(len(calls(random.Random(0))))
        own = random.Random(draw.random())
        print(number, which, attempt(calls(own)[which]))
        if number % 20 == 0:
            print(list(tree()))
    print(list(tree()))


if __name__ == "__main__":
    warnings.simplefilter("ignore", ResourceWarning)
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
