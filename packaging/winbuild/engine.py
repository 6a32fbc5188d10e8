"""The rule engine durable_rules, which has no wheel for Windows: a wheel of its own, with one fault mended.

Where ``long`` has 32 bits, as on Windows, the engine wraps whole numbers beyond 2 147 483 647 and so answers wrongly.
The two places are given 64 bits. On Linux that changes nothing.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import re
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from winbuild.common import HERE, NATIVE, ROOT, BuildFailed, digest, kept, run
from winbuild.runtime import COMPILER, SAME_TWICE, fetch

NAME = "durable_rules"
"""As its own metadata has it."""

_MENDED = {
    "src/rules/rete.h": ((r"\blong i;", "long long i;", 1),),
    "src/rules/rete.c": ((r"\batol\(", "atoll(", 2), (r"\blong lefti\b", "long long lefti", 1)),
}
"""By file: pattern, what takes its place, and how often it must be there."""

_SHIM = "#include <winsock2.h>\n"  # mingw's own has no capitals


def requirement() -> str:
    """The release that the product asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (found,) = [one for one in project["dependencies"] if re.match(r"durable[-_]rules\b", one)]
    return str(found)


def wheel(cache: Path, python: Path | None) -> Path:
    """The wheel for Windows. ``python`` is the Windows Python to compile against; None: the one that runs this."""
    archive = _archive(cache)
    key = digest(archive.name, HERE / "engine.py", HERE / "cross", str(python))
    made = kept(cache, "engine", key, lambda folder: _make(archive, python, folder))
    (found,) = made.glob("*.whl")
    return found


def patch(cache: Path) -> str:
    """What is changed in the engine's source, as a unified diff."""
    with TemporaryDirectory() as scratch:
        unpack(_archive(cache), Path(scratch))
        (source,) = Path(scratch).iterdir()
        before = _lines(source)
        mend(source)
        return "".join(
            line
            for name, lines in _lines(source).items()
            for line in difflib.unified_diff(before[name], lines, f"a/{name}", f"b/{name}")
        )


def _lines(source: Path) -> dict[str, list[str]]:
    return {name: (source / name).read_text(encoding="latin-1").splitlines(keepends=True) for name in _MENDED}


def _archive(cache: Path) -> Path:
    wanted = requirement()
    source = kept(
        cache, "engine-source", digest(wanted), lambda folder: fetch(wanted, folder, "--no-binary=durable-rules")
    )
    (archive,) = source.glob("*.tar.gz")
    return archive


def _make(archive: Path, python: Path | None, out: Path) -> None:
    with TemporaryDirectory() as scratch:
        unpack(archive, Path(scratch))
        (source,) = Path(scratch).iterdir()
        mend(source)
        if NATIVE or python is None:
            from winbuild.dependencies import pip  # noqa: PLC0415

            pip("wheel", "--no-deps", "--wheel-dir", out, source)
        else:
            _cross(source, python, out)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a package's source: files and folders within ``folder`` and nothing else.

    Debian 12's Python has no filter for that yet.

    :raises BuildFailed: when the archive holds anything besides.
    """
    with tarfile.open(archive) as packed:
        for member in packed.getmembers():
            path = PurePosixPath(member.name)
            if not (member.isreg() or member.isdir()) or path.is_absolute() or ".." in path.parts:
                raise BuildFailed(f"{archive.name} holds {member.name}, which has no place in a package's source")
            member.mode = 0o755 if member.isdir() else 0o644
        packed.extractall(folder)  # noqa: S202  (its members were looked at)


def mend(source: Path) -> None:
    """Give 64 bits to whole numbers in the engine's source.

    :raises BuildFailed: when the source is not the one that is known.
    """
    for name, changes in _MENDED.items():
        path = source / name
        text = path.read_text(encoding="latin-1")
        for pattern, to, times in changes:
            text, count = re.subn(pattern, to, text)
            if count != times:
                raise BuildFailed(
                    f"{name} of the engine is not as it was: {pattern} is there {count} times, not {times}"
                )
        path.write_text(text, encoding="latin-1")


def _cross(source: Path, python: Path, out: Path) -> None:
    shim = source / "shim"
    shim.mkdir()
    (shim / "WinSock2.h").write_text(_SHIM, encoding="ascii")
    module = source / "durable_rules_engine.pyd"
    parts = [source / "src" / "rules" / f"{name}.c" for name in ("json", "rete", "state", "events", "regex")]
    run(
        [COMPILER, "-shared", "-s", "-O2", "-std=gnu99", "-fcommon", "-w", SAME_TWICE,
         f"-ffile-prefix-map={source}=.", "-I", shim, "-I", python / "include", "-I", source / "src" / "rules",
         *parts, source / "src" / "rulespy" / "rules.c", "-o", module,
         "-L", python / "libs", "-lpython311", "-lws2_32", "-static-libgcc"],
    )  # fmt: skip
    _write_wheel(source, module, out)


def _write_wheel(source: Path, module: Path, out: Path) -> None:
    """A wheel by hand: setuptools cannot be told that the machine it compiles for is another one."""
    about = (source / "PKG-INFO").read_bytes()
    name, version = (
        re.search(rf"^{field}: (\S+)", about.decode(), re.MULTILINE).group(1)  # type: ignore[union-attr]
        for field in ("Name", "Version")
    )
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    tag = "cp311-cp311-win_amd64"
    files = {
        f"durable/{path.name}": path.read_bytes() for path in sorted((source / "libpy" / "durable").glob("*.py"))
    } | {
        module.name: module.read_bytes(),
        f"{folder}/METADATA": about,
        f"{folder}/WHEEL": f"Wheel-Version: 1.0\nGenerator: winbuild\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    for licence in sorted(source.glob("LICENSE*")):
        files[f"{folder}/{licence.name}"] = licence.read_bytes()
    rows = []
    for path, content in files.items():
        name_of = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={name_of},{len(content)}\n")
    files[f"{folder}/RECORD"] = ("".join(rows) + f"{folder}/RECORD,,\n").encode()
    with zipfile.ZipFile(out / f"{folder.removesuffix('.dist-info')}-{tag}.whl", "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in files.items():
            made.writestr(zipfile.ZipInfo(path), content)
