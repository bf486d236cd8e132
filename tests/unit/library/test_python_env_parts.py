"""stress_environment, the parts of python_env: what requirements say, what a build may see, and what it leaves."""

import os

import pytest
from ansible.module_utils.stress_environment import (
    failure,
    local_sources,
    pip_environment,
    request,
    requirement_files,
    requirement_line,
)
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def read(folder, *leave_out, name="requirements.txt", optional=False):
    return requirement_files.read_requirements(folder, [name], leave_out, optional=optional)


def lines(file, *leave_out):
    return read(file.parent, *leave_out, name=file.name).lines


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("torch", "torch"),
        ("Torch_Vision.Extra==1", "torch-vision-extra"),
        ("torch[gpu]>=2,<3; python_version > '3'", "torch"),
        ("torch (>=2)", "torch"),
        ("torch @ https://example.org/torch.whl", "torch"),
        ("torch~=2.0 --hash=sha256:00", "torch"),
        ("git+https://example.org/x.git#egg=torch", "torch"),
        ("-e git+https://example.org/x.git#egg=torch", "torch"),
        ("https://example.org/torch-2.whl", ""),
        ("./torch", ""),
        ("--no-binary torch", ""),
    ],
)
def test_the_package_that_a_line_asks_for(line, name):
    assert requirement_line.requirement_name(line) == name


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "A.b_c--d",
        "a[x,y] >=1,<2 ; python_version > '3'",
        "a(>=2)",
        "a @ https://example.org/a.whl",
        "a!=1",
        "a===1",
    ],
)
def test_a_line_without_options_asks_for_what_packaging_says(line):
    assert requirement_line.requirement_name(line) == canonicalize_name(Requirement(line).name)


def test_comments_continuations_and_byte_order_marks(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_bytes(b"\xef\xbb\xbfa==1 # one\r\n\r\n  # two\r\nb==2 \\\r\n  --hash=sha256:00\r\nc#d\r\n")
    assert [" ".join(line.split()) for line in lines(file)] == ["a==1", "b==2 --hash=sha256:00", "c#d"]


def test_left_out_packages_are_left_out_of_nested_files_too(tmp_path):
    (tmp_path / "a.txt").write_text("-r sub/b.txt\nbig==1\nsmall\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.txt").write_text("--requirement=c.txt\nBIG>=2\n-c limits.txt\n")
    (tmp_path / "sub/c.txt").write_text("tiny\n")
    (tmp_path / "sub/limits.txt").write_text("-r more.txt\ntiny<3\n")
    (tmp_path / "sub/more.txt").write_text("small<2\n")
    asked = read(tmp_path, "Big", name="a.txt")
    assert (asked.lines, asked.constraints) == (["tiny", "small"], ["small<2", "tiny<3"])


@pytest.mark.parametrize("back", ["a.txt", "../here/a.txt", "./b.txt"])
def test_files_that_name_each_other_end(tmp_path, back):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "a.txt").write_text("-r b.txt\none\n")
    (folder / "b.txt").write_text(f"-r {back}\ntwo\n")
    assert read(tmp_path, name="here/a.txt").lines == ["two", "one"]


def test_addresses_are_left_to_pip(tmp_path):
    (tmp_path / "a.txt").write_text("-r https://example.org/b.txt\n-c https://example.org/c.txt\n")
    assert lines(tmp_path / "a.txt") == ["-r https://example.org/b.txt", "-c https://example.org/c.txt"]


def test_a_nested_file_that_is_missing_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("-r gone.txt\n")
    with pytest.raises(failure.EnvironmentFailed, match=r"gone\.txt: cannot be read"):
        read(tmp_path, name="a.txt", optional=True)


def test_the_key_knows_all_that_was_asked():
    base = request.Request("/usr/bin/python3", "3.11.2", ("a.whl",), ("b",), ("c",), ("d",))
    others = {"python": "/p", "version": "3.11.3", "wheels": ()}
    others |= {"requirements": ("b2",), "packages": ("c", "c2"), "constraints": ()}
    others |= {"sources": ("e",)}
    keys = {base.key, *(base._replace(**{name: value}).key for name, value in others.items())}
    assert len(keys) == 1 + len(others)


@pytest.mark.parametrize("place", ["version", "src/build/version", "build/version", "src/.git/version"])
def test_an_operators_package_is_known_by_its_content(tmp_path, place):
    file = tmp_path / "dep" / place
    file.parent.mkdir(parents=True)
    hashes = []
    for version in ("one", "two"):
        file.write_text(version)
        hashes += local_sources.hashes_of_packages(["./dep"], tmp_path)
    changed = place != "build/version"  # that is what a build leaves
    assert (hashes[0] != hashes[1]) == changed


def test_a_build_sees_the_way_to_its_index_and_nothing_else(tmp_path):
    ours = {
        "PIP_INDEX_URL": "https://example.org/simple",
        "https_proxy": "http://proxy:3128",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "PIP_TARGET": "/elsewhere",
        "PIP_USER": "1",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "PYTHONPATH": "/somewhere",
        "HOME": "/root",
    }
    seen = pip_environment.environment(ours, tmp_path)
    passed = {"PIP_INDEX_URL", "https_proxy", "NO_PROXY", "SSL_CERT_FILE"}
    assert set(seen) == passed | {"PATH", "HOME", "TMPDIR", "LANG", "FLEET_STRESS_RUN"}
    assert seen["HOME"] == seen["TMPDIR"] == str(tmp_path)

    (tmp_path / "pip.conf").touch()
    assert pip_environment.environment(ours, tmp_path)["PIP_CONFIG_FILE"] == f"{tmp_path}/pip.conf"
    assert pip_environment.environment({"PIP_CONFIG_FILE": "/mine"}, tmp_path)["PIP_CONFIG_FILE"] == "/mine"


@pytest.mark.parametrize(
    ("output", "todo"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "make room"),
        ("ERROR: Max retries exceeded with url: /simple", "bot_pip_environment"),
        ("ERROR: No matching distribution found for reqests", "correct the package's name"),
        ("ERROR: Cannot install a and b", "bot_constraints"),
    ],
)
def test_the_message_says_what_pip_said_and_what_to_do(tmp_path, output, todo):
    noise = "Collecting a\n  Downloading a.whl\n[notice] A new release of pip is available\n"
    message = failure.explain("it does not install", tmp_path, f"{noise}{output}\n  because\n{noise}")
    assert message.startswith(f"{tmp_path}: it does not install. pip said:\n  {output}\n    because")
    assert todo in message.splitlines()[-1]
    assert "notice" not in message and "Downloading" not in message


def test_a_link_is_switched_in_one_step(library, tmp_path):
    link = tmp_path / "current"
    for target in ("one", "two"):
        library("python_env").switch_link(link, target)
        assert link.readlink().name == target
    assert [path.name for path in tmp_path.iterdir()] == ["current"]


# ---- what a bot may ask for ----


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("thing", None),
        ("thing[all]>=1; python_version > '3'", None),
        ("https://example.org/thing.whl", None),
        ("git+ssh://git@example.org/thing.git", None),
        ("thing @ https://example.org/thing.whl", None),
        ("./dep", "./dep"),
        (".", "."),
        (".[test]", "."),
        ("dep/", "dep/"),
        ("dep.whl", "dep.whl"),
        ("./dep[a,b] ; python_version > '3'", "./dep"),
        ("thing @ ./dep", "./dep"),
        ("file:dep", "dep"),
        ("file:///srv/de%70", "/srv/dep"),
        ("file://localhost/srv/dep#egg=dep", "/srv/dep"),
        ("thing[x] @ FILE:///srv/dep ; python_version > '3'", "/srv/dep"),
        ("git+file:///srv/dep.git", "/srv/dep.git"),
        ("C:dep.whl", "C:dep.whl"),
        ("x:/dep", "x:/dep"),
    ],
)
def test_where_a_requirement_leads(asked, path):
    assert requirement_line.local_path(asked) == path
    if asked == "thing":
        assert requirement_line.local_path(asked, bare=True) == "thing"


def test_options_are_found_however_they_are_written():
    for text in (
        "-r x y",
        "-rx",
        "--requirement=x",
        "--requirem x",
        '--requirement "x"',
        "--pre -r x",
        "-r\tx",
    ):
        assert requirement_line.parsed(text).requirements[0] == "x", text
    for text in ("--frob", "-r", '-r "x'):
        with pytest.raises(requirement_line.NotUnderstood):
            requirement_line.parsed(text)


HOSTILE = [
    *(
        "-r /root/.vault_pass",
        "-r/root/.vault_pass",
        '--requirem="/root/.vault_pass"',
        "--pre -r /root/.vault_pass",
    ),
    *(
        "-r ../secret",
        "-r sub/../../secret",
        "-r file:///root/.vault_pass",
        "-c /root/.vault_pass",
        "-c ../secret",
    ),
    *("/root/dep", "../dep", "dep @ file:///root/dep", "file:///root/dep.whl", "git+file:///root/dep"),
    *(
        "-e /root/dep",
        "-e ..",
        "-e file:///root/dep",
        "--find-links /root",
        "-f ../wheels",
        "--find-links=file:///root",
    ),
    *("--index-url file:///root/simple", "--extra-index-url /root/simple", "./no-such-folder", "-f gone"),
]


@pytest.mark.parametrize("line", HOSTILE)
def test_nothing_outside_the_bots_folder_is_asked_for(tmp_path, line):
    (tmp_path / "secret").write_text("hunter2")
    bot = tmp_path / "bot"
    (bot / "sub").mkdir(parents=True)
    (bot / "requirements.txt").write_text(f"thing\n{line}\n")
    with pytest.raises(failure.EnvironmentFailed, match="is not in the bot's folder") as refused:
        read(bot)
    assert line in str(refused.value) and "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "./${HOME}/../..",
            "dep @ file:${HOME}/..",
            "-e ${HOME}",
            "git+file:${TMPDIR}/../x",
            "-f ${HOME}/..",
        ),
        *("${HOME}", "dep @ git+${HOME}", "x${PATH}", "--index-url ${HOME}", "https:${HOME}"),
    ],
)
def test_nor_what_pip_makes_of_its_environment(tmp_path, line):
    """The folder ``${HOME}`` is there, inside; but that is not where pip would go."""
    (tmp_path / "${HOME}").mkdir()
    (tmp_path / "${TMPDIR}").mkdir()
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    with pytest.raises(failure.EnvironmentFailed, match="is not in the bot's folder"):
        read(tmp_path)


def test_a_password_in_an_address_may_be_a_variable_and_the_operators_index(tmp_path):
    asked = [
        "--extra-index-url ${PIP_INDEX_URL}",
        "--index-url https://${USER}:${TOKEN}@example.org/simple",
        "a @ git+https://${TOKEN}@example.org/a",
    ]
    (tmp_path / "requirements.txt").write_text("\n".join(asked))
    assert read(tmp_path).lines == asked


@pytest.mark.parametrize("line", ["-r {}", "-c {}", "{}/", "-e {}", "--find-links {}", "-r {}/file"])
@pytest.mark.parametrize("what", ["link", "pipe"])
def test_links_and_pipes_are_not_followed(tmp_path, line, what):
    bot = tmp_path / "bot"
    bot.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_text("hunter2")
    (bot / "link").symlink_to("../outside" if "/" in line or "-e" in line else "../outside/file")
    os.mkfifo(bot / "pipe")
    (bot / "requirements.txt").write_text(line.format(what) + "\n")
    with pytest.raises(failure.EnvironmentFailed, match="is a link, or neither a file nor a folder"):
        read(bot)


def test_a_byte_order_mark_hides_no_address(tmp_path):
    (tmp_path / "requirements.txt").write_text(" \ufefffile:%2Froot%2Fdep\n")
    with pytest.raises(failure.EnvironmentFailed, match="is not in the bot's folder"):
        read(tmp_path)


def test_requirements_are_bounded(tmp_path):
    (tmp_path / "requirements.txt").write_text("thing\n" * 100_000)
    with pytest.raises(failure.EnvironmentFailed, match="has more than 262144 bytes"):
        read(tmp_path)
    for number in range(40):  # each asks twice for the next: 2^40 in all
        (tmp_path / f"{number}.txt").write_text(f"-r {number + 1}.txt\n" * 2)
    (tmp_path / "40.txt").touch()
    with pytest.raises(failure.EnvironmentFailed, match="include more than 100 files"):
        read(tmp_path, name="0.txt")


def test_a_line_does_not_go_on_in_that_of_another_file(tmp_path):
    (tmp_path / "requirements.txt").write_text("-r one.txt\nthing\n")
    (tmp_path / "one.txt").write_text("one \\")
    assert read(tmp_path).lines == ["one", "thing"]


def test_paths_count_from_the_bots_folder_or_from_that_of_its_file(tmp_path):
    for place in ("dep", "sub/own", "sub/wheels"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "sub/requirements.txt").write_text("./dep\n--find-links wheels\n")
    asked = read(tmp_path, name="sub/requirements.txt")
    assert (asked.base, asked.installs_itself, asked.is_linked) == ("", True, False)
    assert asked.lines[-1] == '--find-links="sub/wheels"'

    (tmp_path / "sub/requirements.txt").write_text("-e own\n--find-links wheels\n")
    asked = read(tmp_path, name="sub/requirements.txt")
    assert (asked.base, asked.installs_itself, asked.is_linked) == ("sub", True, True)
    assert asked.lines[-1] == '--find-links="wheels"'

    (tmp_path / "sub/requirements.txt").write_text("-e ..\n")  # the bot itself, from a folder of requirements
    asked = read(tmp_path, name="sub/requirements.txt")
    assert (asked.base, asked.installs_itself, asked.is_linked) == ("sub", True, True)
