"""What people get: the setup program (NSIS), the MSI (wixl, or WiX on Windows) and the portable zip."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import sys
import time
import uuid
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape, quoteattr

import pefile

from winbuild import sign
from winbuild.common import HERE, NATIVE, ROOT, BuildFailed, digest, moment, run
from winbuild.freeze import NAME, about, icon

UPGRADE_CODE = uuid.UUID("0c4c7ab8-5f0f-4b5c-9a41-3f8b8a7d2e60")
"""Says for ever that an MSI is of this product, so that a newer one takes the place of an older one."""

INSTALLED = "linkage-gui-files.txt"
"""The list of what the setup program installed, in the program's folder."""

_LONGEST_PATH = 259
"""Characters in the whole name of a file, where Windows has not been told to allow for more."""

_MINIMUM_TOO, _MAXIMUM_TOO = 256, 512
"""Attributes of a range of versions in an MSI."""

_NEWER = (
    f"A newer version of {NAME} is installed. Nothing was changed. "
    "To go back to this version, remove the newer one first. The log of decisions is kept."
)
"""What somebody who installs an older MSI over a newer one reads."""

_OLDEST_WINDOWS = 17763
"""The build of Windows 10 version 1809, the first on which the program is said to run."""

_TOO_OLD = (
    f"{NAME} needs 64-bit Windows 10, version 1809 or later, or Windows 11. Nothing was changed. "
    "Update Windows first, or install it on another machine."
)
"""What somebody reads whose Windows is older."""

_SECURE = ("EARLIERDIR", "INSTALLDIR", "NEWERFOUND", "OLDERFOUND", "WINDOWSBUILD")
"""What Windows Installer hands from who asks for the installation to the service that carries it out."""

_SEQUENCES = {
    "AppSearch": 50, "SetInstallDir": 51, "LaunchConditions": 100, "CostInitialize": 800, "InstallInitialize": 1500,
    "RemoveExistingProducts": 1501, "ProcessComponents": 1600,
}  # fmt: skip
"""Where WiX puts the actions whose order counts here; wixl puts some of them at the end."""


def _files(folder: Path) -> list[Path]:
    """Every file of the frozen folder, relative to it, in an order that does not depend on the disk."""
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def numbers(version: str, count: int) -> str:
    """The version as Windows wants it: so many numbers, and nothing of what a version before its release has behind.

    :raises BuildFailed: for one that Windows Installer cannot compare.
    """
    begins = re.match(r"\d+(\.\d+)*", version)
    found = [int(number) for number in begins[0].split(".")] if begins else []
    if not found or max(found[:2]) > 255 or max(found) > 65535:
        raise BuildFailed(f"Windows Installer takes no version such as {version}")
    return ".".join(str(number) for number in (found + [0] * count)[:count])


def setup(frozen: Path, out: Path, *, version: str = "", quick: bool = False) -> Path:
    """The setup program. For tests it may say another version, and be made quickly and large."""
    version = version or about()["version"]
    target = out / f"linkage-gui-{version}-setup.exe"
    files = _files(frozen)
    folders = sorted({parent for file in files for parent in file.parents if parent != Path()})
    lines = ["!macro WriteFiles FOLDER"]
    for folder in [Path(), *folders]:
        within = [file for file in files if file.parent == folder]
        if within:
            lines.append(f'  SetOutPath "${{FOLDER}}{_under(folder)}"')
            lines += [f'  File "{frozen / file}"' for file in within]
    lines += ["!macroend", "!macro EachPart DO"]
    parts = [*sorted({file.parts[0] for file in files}), INSTALLED, "uninstall.exe"]
    lines += [f'  !insertmacro ${{DO}} "{part}"' for part in parts]
    lines += ["!macroend"]
    if sign.asked():
        lines.append(f'!uninstfinalize `"{sys.executable}" -m winbuild.sign "%1"` = 0')
    longest = max(len(str(file)) for file in files)
    size = sum((frozen / file).stat().st_size for file in files) // 1024
    with TemporaryDirectory() as scratch:
        listed = Path(scratch) / "files.nsh"
        listed.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
        installed = Path(scratch) / INSTALLED
        installed.write_bytes(_installed(files, folders).encode("utf-16-le"))
        os.utime(installed, (moment(), moment()))  # NSIS packs a file with its time
        told = {
            "OUT": target, "VERSION": version, "VERSION4": numbers(version, 4), "PUBLISHER": about()["publisher"],
            "COPYRIGHT": about()["copyright"], "DESCRIPTION": about()["description"], "FILES": listed,
            "ICON": icon(Path(scratch) / "icon.ico"), "SIDE": _side(Path(scratch) / "side.bmp"), "SIZE_KB": size,
            "LONGEST_FOLDER": _LONGEST_PATH - longest, "LIST": INSTALLED, "LIST_FILE": installed,
        }  # fmt: skip
        if quick:
            told["QUICK"] = 1
        if NATIVE:
            told["TARGET"] = "x86-unicode"  # what NSIS has on Windows; it runs on 64-bit Windows too
        run(
            ["makensis", "-V2", "-WX", *(f"-D{name}={value}" for name, value in told.items()), HERE / "setup.nsi"],
            environment={"PYTHONPATH": str(HERE.parent)},  # for the signing of the uninstaller
        )
    sign.sign(target)
    return target


def _installed(files: Sequence[Path], folders: Sequence[Path]) -> str:
    """The list of what is installed: each file, then each folder with a backslash behind it, the deepest first.

    By it the next version's setup program takes away what that version no longer has, and the uninstaller what is
    there.
    """
    within = [str(PureWindowsPath(file)) for file in files]
    within += [str(PureWindowsPath(folder)) + "\\" for folder in reversed(folders)]
    return "".join(f"{one}\r\n" for one in within)


def _side(out: Path) -> Path:
    """The picture beside the setup program's first and last page: the icon on a ground of its own colour."""
    from PIL import Image  # noqa: PLC0415

    width, height, icon_side = 164 * 2, 314 * 2, 96 * 2  # NSIS wants 164 by 314, and shrinks what is larger
    with Image.open(ROOT / "resources" / "icon.png") as picture:
        drawn = picture.convert("RGBA").resize((icon_side, icon_side), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", (width, height), drawn.getpixel((icon_side // 2, icon_side // 12)))
    ground.paste(drawn, ((width - icon_side) // 2, (width - icon_side) // 2), drawn)
    ground.save(out)
    os.utime(out, (moment(), moment()))  # NSIS packs a file with its time
    return out


def _under(path: Path) -> str:
    """A path below the installation folder, as NSIS writes it."""
    return "".join(f"\\{part}" for part in path.parts).replace("$", "$$")


def msi(frozen: Path, out: Path, *, version: str = "") -> Path:
    """The MSI: for all users of a machine, installed by an administrator or by what manages the machine.

    For tests it may say another version.
    """
    version = version or about()["version"]
    target = out / f"linkage-gui-{version}.msi"
    target.unlink(missing_ok=True)
    began = int(time.time())
    # Windows Installer takes two packages of one code for the same, so a code is of all that goes into a package.
    within = (frozen, HERE / "installers.py", ROOT / "resources" / "icon.png")
    content = digest(*within, json.dumps(about()), version, str(moment()))
    with TemporaryDirectory() as scratch:
        source = Path(scratch) / "linkage-gui.wxs"
        picture = Path(scratch) / "linkage-gui.ico"
        icon(picture)
        # wixl takes what it is given to be below the folder that it runs in; on Windows the two may be on two drives.
        shown = str(picture) if NATIVE else os.path.relpath(picture, frozen)
        source.write_text(wxs(frozen, shown, version, _guid("product " + content)), encoding="utf-8")
        if NATIVE:
            run(
                ["candle", "-nologo", "-arch", "x64", "-out", Path(scratch) / "linkage-gui.wixobj", source],
                folder=frozen,
            )
            run(["light", "-nologo", "-sval", "-b", frozen, "-out", target, Path(scratch) / "linkage-gui.wixobj"])
        else:
            run(["wixl", "-a", "x64", "-o", target, source], folder=frozen)
            _add_what_wixl_leaves_out(target, frozen, version)
            _settle(target, version, _guid("package " + content), began)
    sign.sign(target)
    return target


def _add_what_wixl_leaves_out(target: Path, frozen: Path, version: str) -> None:
    """Write what WiX takes from the source and the files by itself.

    A file's version and languages, by which Windows Installer decides whether what it has is newer than what is
    there; of a file without a version it compares the hash, which no other file may have. That the package's own
    version is among those whose place it takes, the order of actions, and which properties are secure.
    """
    found = {_id(file): told for file in _files(frozen) if (told := _resource_version(frozen / file))}
    code, highest, both = str(UPGRADE_CODE).upper(), numbers(version, 3), _MINIMUM_TOO | _MAXIMUM_TOO
    into = "`Upgrade` (`UpgradeCode`, `VersionMin`, `VersionMax`, `Attributes`, `ActionProperty`)"
    # msibuild takes no parameters; what stands here is numbers, hexadecimal digits and names of our own.
    changes = [
        "DELETE FROM `Upgrade` WHERE `ActionProperty` = 'OLDERFOUND'",
        f"INSERT INTO {into} VALUES ('{{{code}}}', '0.0.0', '{highest}', {both}, 'OLDERFOUND')",  # noqa: S608
        *(
            f"UPDATE `File` SET `Version` = '{numbered}', `Language` = '{languages}' WHERE `File` = 'f{file}'"  # noqa: S608
            for file, (numbered, languages) in found.items()
        ),
        *(
            f"UPDATE `{table}` SET `Sequence` = {number} WHERE `Action` = '{action}'"  # noqa: S608
            for table in ("InstallExecuteSequence", "InstallUISequence")
            for action, number in _SEQUENCES.items()
        ),
        "UPDATE `CustomAction` SET `Type` = 51 WHERE `Action` = 'SetInstallDir'",
        f"UPDATE `Property` SET `Value` = '{';'.join(_SECURE)}' WHERE `Property` = 'SecureCustomProperties'",  # noqa: S608
        *(f"DELETE FROM `MsiFileHash` WHERE `File_` = 'f{file}'" for file in found),  # noqa: S608
    ]
    run(["msibuild", target, *(part for change in changes for part in ("-q", change))])


def _resource_version(file: Path) -> tuple[str, str] | None:
    """A program file's version, four numbers, and its languages, as its resource says them; None without one."""
    try:
        program = pefile.PE(str(file), fast_load=True)
    except pefile.PEFormatError:  # no program file
        return None
    with program:
        program.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]])
        if not hasattr(program, "VS_FIXEDFILEINFO"):
            return None
        fixed = program.VS_FIXEDFILEINFO[0]
        halves = [half for both in (fixed.FileVersionMS, fixed.FileVersionLS) for half in (both >> 16, both & 0xFFFF)]
        languages = [
            str(int(value.split()[0], 16))
            for info in program.FileInfo[0]
            for var in getattr(info, "Var", [])
            for value in var.entry.values()
        ]
    return ".".join(map(str, halves)), ",".join(languages)


def _settle(target: Path, version: str, code: str, began: int) -> None:
    """Write the package's own code and time, which wixl takes from chance and the clock."""
    run(["msibuild", target, "-s", f"{NAME} {version}", about()["publisher"], "x64;2057", code])
    content = target.read_bytes()
    times = 0
    for second in range(began, int(time.time()) + 1):
        times += content.count(_filetime(second))
        content = content.replace(_filetime(second), _filetime(moment()))
    if times != 2:
        raise BuildFailed(f"The MSI holds {times} times where it was made, not 2 (made and saved)")
    target.write_bytes(content)


def _filetime(second: int) -> bytes:
    """A second of 1970 as Windows writes it: tenths of microseconds since 1601."""
    return struct.pack("<Q", (second + 11_644_473_600) * 10_000_000)


def wxs(frozen: Path, picture: str, version: str, code: str) -> str:
    """The MSI's source. A file's component has the same GUID in each version, as Windows Installer wants it.

    Every build is a product of its own that takes the place of each one installed which is not newer, its own version
    among them. The old one is removed within the same transaction, so that Windows puts it back where the new one
    fails. ``REINSTALLMODE`` has ``a`` since what is in place is decided on before the old one is gone: a file that is
    older in the newer version, such as a library gone back to, would otherwise be left out and then be missing.

    A search takes the place of what the command line says, so the folder of the installation before is searched for
    under a name of its own, and counts only where no ``INSTALLDIR`` is named. ``VersionNT`` is the same from Windows
    8.1 on, so the number of the build says which Windows it is.
    """
    dotted = numbers(version, 3)
    identity = {
        "Id": code,
        "Name": NAME, "Language": "2057", "Codepage": "1252", "Version": dotted,
        "Manufacturer": about()["publisher"],
        "UpgradeCode": f"{{{str(UPGRADE_CODE).upper()}}}",
    }  # fmt: skip
    components: list[str] = []
    tree = _tree(frozen, Path(), components)
    components.append("Links")
    new_enough = f"Installed OR (VersionNT64 AND WINDOWSBUILD >= {_OLDEST_WINDOWS})"
    links = (
        f'<Component Id="Links" Guid="{_guid("links")}" Win64="yes">'
        f'<Shortcut Id="StartMenu" Directory="ProgramMenuFolder" Name="{NAME}" Target="[INSTALLDIR]{NAME}.exe" '
        f'WorkingDirectory="INSTALLDIR" Description={quoteattr(about()["description"])}/>'
        '<RegistryValue Root="HKLM" Key="Software\\Microsoft\\Windows\\CurrentVersion\\App Paths\\linkage-gui.exe" '
        'Type="string" Value="[INSTALLDIR]linkage-gui.exe"/>'
        '<RegistryValue Root="HKLM" Key="Software\\Linkage GUI" Name="InstallDir" Type="string" Value="[INSTALLDIR]" '
        'KeyPath="yes"/></Component>'
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product {" ".join(f"{name}={quoteattr(value)}" for name, value in identity.items())}>
<Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"
 Description={quoteattr(NAME + " " + version)} Manufacturer={quoteattr(about()["publisher"])}
 Languages="2057"/>
<Upgrade Id="{identity["UpgradeCode"]}">
<UpgradeVersion Property="OLDERFOUND" Minimum="0.0.0" IncludeMinimum="yes" Maximum="{dotted}" IncludeMaximum="yes"/>
<UpgradeVersion Property="NEWERFOUND" Minimum="{dotted}" IncludeMinimum="no" OnlyDetect="yes"/>
</Upgrade>
<Property Id="EARLIERDIR" Secure="yes">
<RegistrySearch Id="EarlierDir" Root="HKLM" Key="Software\\Linkage GUI" Name="InstallDir" Type="raw" Win64="yes"/>
</Property>
<Property Id="INSTALLDIR" Secure="yes"/>
<Property Id="WINDOWSBUILD" Secure="yes">
<RegistrySearch Id="WindowsBuild" Root="HKLM" Key="SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
 Name="CurrentBuildNumber" Type="raw" Win64="yes"/>
</Property>
<CustomAction Id="SetInstallDir" Property="INSTALLDIR" Value="[EARLIERDIR]"/>
<InstallUISequence>
<Custom Action="SetInstallDir" After="AppSearch">EARLIERDIR AND NOT INSTALLDIR</Custom>
</InstallUISequence>
<InstallExecuteSequence>
<Custom Action="SetInstallDir" After="AppSearch">EARLIERDIR AND NOT INSTALLDIR</Custom>
<RemoveExistingProducts After="InstallInitialize"/>
</InstallExecuteSequence>
<Condition Message={quoteattr(_NEWER)}>NOT NEWERFOUND</Condition>
<Condition Message={quoteattr(_TOO_OLD)}>{escape(new_enough)}</Condition>
<Media Id="1" Cabinet="files.cab" EmbedCab="yes"/>
<Icon Id="Program.ico" SourceFile={quoteattr(picture)}/>
<Property Id="ARPPRODUCTICON" Value="Program.ico"/>
<Property Id="ARPNOMODIFY" Value="1"/>
<Property Id="REINSTALLMODE" Value="amus"/>
<Directory Id="TARGETDIR" Name="SourceDir">
<Directory Id="ProgramFiles64Folder"><Directory Id="INSTALLDIR" Name="{NAME}">
{links}
{tree}
</Directory></Directory>
<Directory Id="ProgramMenuFolder"/>
</Directory>
<Feature Id="Main" Level="1" Title="{NAME}">
{chr(10).join(f'<ComponentRef Id="{component}"/>' for component in components)}
</Feature>
</Product>
</Wix>
"""


def _guid(text: str) -> str:
    return f"{{{str(uuid.uuid5(UPGRADE_CODE, text)).upper()}}}"


def _id(relative: Path) -> str:
    """What a file or folder is called in the MSI's tables, the same in each version."""
    return uuid.uuid5(UPGRADE_CODE, relative.as_posix()).hex[:24]


def _tree(frozen: Path, folder: Path, components: list[str]) -> str:
    lines = []
    for path in sorted((frozen / folder).iterdir(), key=lambda found: (found.is_dir(), found.name)):
        relative = path.relative_to(frozen)
        name = _id(relative)
        if path.is_dir():
            lines.append(f'<Directory Id="d{name}" Name={quoteattr(path.name)}>')
            lines.append(_tree(frozen, relative, components))
            lines.append("</Directory>")
        else:
            components.append(f"c{name}")
            lines.append(
                f'<Component Id="c{name}" Guid="{_guid(relative.as_posix())}" Win64="yes"><File Id="f{name}" '
                f'Name={quoteattr(path.name)} Source={quoteattr(relative.as_posix())} KeyPath="yes"/></Component>'
            )
    return "\n".join(lines)


def portable(frozen: Path, out: Path) -> Path:
    """The zip for a stick: with the folder beside the program in which it then keeps its data."""
    target = out / f"linkage-gui-{about()['version']}-portable.zip"
    when = datetime.fromtimestamp(moment() // 2 * 2, UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "w") as packed:
        for file in _files(frozen):
            entry = zipfile.ZipInfo(f"{NAME}/{file.as_posix()}", when)
            entry.external_attr = 0o644 << 16
            with (frozen / file).open("rb") as read, packed.open(_deflated(entry), "w") as write:
                shutil.copyfileobj(read, write)
        note = zipfile.ZipInfo(f"{NAME}/linkage-gui-data/README.txt", when)
        packed.writestr(
            _deflated(note),
            "Linkage GUI keeps the log of decisions in this folder while it stands beside the program.\r\n"
            "Copy it away before you delete the program's folder.\r\n"
            "\r\n"
            "To update, close the program and delete all that is in the program's folder except\r\n"
            "linkage-gui-data and, if it is there, linkage-gui-policy.json. Then unpack the new zip to where\r\n"
            "the old one was. What is only replaced would keep files that the new version has no longer.\r\n",
        )
    return target


def _deflated(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = 9  # type: ignore[attr-defined]  # noqa: SLF001  (zipfile has no other way for streams)
    return entry


def check_size(made: Path, limit: int) -> None:
    """:raises BuildFailed: when the file is larger than it may be."""
    if made.stat().st_size > limit:
        raise BuildFailed(f"{made.name} has {made.stat().st_size} bytes, more than {limit}")
