# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tarball of the collection has the same bytes whenever, wherever and by whomever it is built, and ansible-galaxy takes it."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILES = {
    "galaxy.yml": "namespace: example\nname: shop\nversion: 1.0.0\nreadme: README.md\nauthors: [nobody]\n",
    "README.md": "# Shop\n",
    "meta/runtime.yml": "requires_ansible: '>=2.16.0'\n",
    "docs/b.md": "b\n",
    "docs/a.md": "a\n",
}


def built(directory: pathlib.Path, names: list[str], age: int) -> pathlib.Path:
    """Build the collection from files that were written in an order of their own, at their own time, under another umask."""
    for name in names:
        path = directory / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[name], encoding="utf-8")
        path.chmod(0o644 if age else 0o600)
        os.utime(path, (1_700_000_000 + age,) * 2)
    galaxy("build", "--output-path", str(directory), str(directory / "source"))
    (tarball,) = directory.glob("*.tar.gz")
    subprocess.run([sys.executable, str(ROOT / "tests/tools/repack.py"), str(tarball)], check=True, env={"SOURCE_DATE_EPOCH": "1700000000"})
    return tarball


def galaxy(*arguments: str) -> None:
    """Run ansible-galaxy collection beside the interpreter of the tests."""
    command = [str(pathlib.Path(sys.executable).with_name("ansible-galaxy")), "collection", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_builds_have_the_same_bytes_and_install(tmp_path: pathlib.Path) -> None:
    one = built(tmp_path / "one", sorted(FILES), 0)
    two = built(tmp_path / "two", sorted(FILES, reverse=True), 1000)
    assert one.read_bytes() == two.read_bytes()
    with tarfile.open(one) as archive:
        assert {(member.mtime, member.uid, member.uname) for member in archive} == {(1_700_000_000, 0, "")}
    galaxy("install", "--offline", "-p", str(tmp_path / "collections"), str(one))
    galaxy("verify", "--offline", "-p", str(tmp_path / "collections"), "example.shop")
