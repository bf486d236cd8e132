"""What one line of a requirements file says, by pip's own rules (pip/_internal/req/req_file.py, pip 25.3).

pip's reader is private to pip, and ``packaging`` reads no lines with options. pip judges every line afterwards.
"""

from __future__ import annotations

import optparse
import re
import shlex
from typing import NamedTuple, NoReturn
from urllib.parse import unquote

#: Options of a line, by how many words follow: as pip, optparse also takes the beginning of a name (``--requ=x``).
_WITH_VALUE = (
    *(
        ("-i", "--index-url", "--pypi-url"),
        ("--extra-index-url",),
        ("-f", "--find-links"),
        ("-e", "--editable"),
    ),
    *(
        ("-r", "--requirement"),
        ("-c", "--constraint"),
        ("--no-binary",),
        ("--only-binary",),
        ("--trusted-host",),
    ),
    *(("--use-feature",), ("--hash",), ("-C", "--config-setting", "--config-settings"), ("--global-option",)),
)
_WITHOUT = ("--no-index", "--prefer-binary", "--require-hashes", "--pre")
#: Files that pip installs although no slash is in their name (pip/_internal/utils/filetypes.py).
_ARCHIVES = (
    *(".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz"),
    *(".tlz", ".tar.lz", ".tar.lzma"),
)

#: Schemes that pip knows besides ``file``, also behind ``git+`` and the like; ``C:x`` is a path.
_ELSEWHERE_SCHEMES = frozenset(("http", "https", "ftp", "ssh", "git", "hg", "bzr", "lp", "sftp", "svn"))
#: What pip replaces before it reads a line (``expand_env_variables``).
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
#: An address whose server stands in it, whatever its variables hold; or the index that the operator has named.
_ELSEWHERE = re.compile(
    r"(?:[\w.\-\[\], ]+@\s*)?(?:\w+\+)?(?:https?|ssh|git)://[^/]|\$\{PIP_\w*URL\}", re.IGNORECASE
)


class NotUnderstood(Exception):
    """pip would not understand the line; the message says why."""


class Line(NamedTuple):
    """A line: what it ``requires`` (empty: it only has options), and the files and addresses that its options name."""

    requires: str
    editable: str
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    find_links: tuple[str, ...]
    indexes: tuple[str, ...]

    @property
    def sources(self) -> list[str]:
        """Places on this host that it installs from; pip counts them from its working folder."""
        named = [self.requires, *self.indexes]
        found = [*map(local_path, named), local_path(self.editable, bare=True)]
        return [path for path in found if path is not None]

    @property
    def with_variable(self) -> str:
        """A place that it installs from, or a name, that pip completes from its environment (``${HOME}``); empty: none.

        In an address elsewhere a variable is a user's or a password: that of the index is nobody's to write down.
        """
        named = (self.requires, self.editable, *self.find_links, *self.indexes)
        return next((text for text in named if _VARIABLE.search(text) and not _ELSEWHERE.match(text)), "")

    @property
    def is_linked(self) -> bool:
        """Whether it leaves a package where it is, and only links to it."""
        return local_path(self.editable, bare=True) is not None


class _Parser(optparse.OptionParser):
    def error(self, msg: str) -> NoReturn:
        raise NotUnderstood(msg)


def parsed(line: str) -> Line:
    """A line without comment. Raises NotUnderstood."""
    parser = _Parser(add_help_option=False)
    for names in _WITH_VALUE:
        parser.add_option(*names, action="append", dest=names[-1].strip("-").replace("-", "_"), default=[])
    for name in _WITHOUT:
        parser.add_option(name, action="store_true")
    words = line.split(" ")
    first = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    try:
        options, _ = parser.parse_args(shlex.split(" ".join(words[first:])))
    except ValueError as problem:
        raise NotUnderstood(str(problem)) from problem
    indexes = options.pypi_url + options.extra_index_url
    named = (options.requirement, options.constraint, options.find_links, indexes)
    editable = options.editable[0] if options.editable else ""
    return Line(" ".join(words[:first]).strip(), editable, *(tuple(values) for values in named))


def local_path(asked: str, *, bare: bool = False) -> str | None:
    """The place on this host that a requirement or an address leads to; None: a name, or an address elsewhere.

    ``bare``: where a word without a slash is a path too, as after ``-e``.
    """
    address = re.match(r"(?:[\w.\-\[\], ]+@\s*)?(?:\w+\+)?([a-z][\w.+-]*):(.*)", asked, re.IGNORECASE)
    if address and address[1].lower() in _ELSEWHERE_SCHEMES:
        return None
    if address and address[1].lower() == "file":
        path = re.split(r"[#?]|\s+;", address[2])[0].strip()
        return unquote(re.sub(r"^//(localhost)?(?=/)", "", path))
    text = re.sub(r"\[[^\]]*\]$", "", asked.split(";")[0].strip()).strip()
    name, at, rest = text.partition("@")
    if at and re.fullmatch(r"[\w.-]+\s*(\[[^\]]*\])?\s*", name) and not name.startswith("."):
        text = rest.strip()
    is_path = bare or "/" in text or text.startswith(".") or text.lower().endswith(_ARCHIVES)
    return text if text and is_path else None


def requirement_name(line: str) -> str:
    """The canonical name of the package that a line asks for; empty for options, paths and addresses."""
    egg = re.search(r"#egg=([\w.-]+)", line)
    named = egg or re.match(r"([A-Za-z0-9][\w.-]*?)\s*(?:$|[\[(<>=!~;@ ])", line)
    return canonical(named[1]) if named else ""


def canonical(name: str) -> str:
    """PEP 503: case and the kind of separator do not matter."""
    return re.sub(r"[-_.]+", "-", name).lower().strip()
