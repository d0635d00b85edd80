# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file is replaced in one step, keeps its permissions, and what is wrong is one sentence."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._files import read_text, require_writable, write_text


def test_written_and_read(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "vars.yml"
    assert read_text(str(file), "dest") is None
    write_text(str(file), "é\n", "dest")
    file.chmod(0o600)
    write_text(str(file), "two\n", "dest")
    assert read_text(str(file), "dest") == "two\n" and file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: pathlib.Path) -> None:
    (tmp_path / "real.yml").write_text("one\n", encoding="utf-8")
    (tmp_path / "link.yml").symlink_to(tmp_path / "real.yml")
    write_text(str(tmp_path / "link.yml"), "two\n", "dest")
    assert (tmp_path / "link.yml").is_symlink() and (tmp_path / "real.yml").read_text(encoding="utf-8") == "two\n"


def test_what_is_wrong_is_one_sentence(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OptionError, match=r"dest: '.*' cannot be written \(No such file or directory\); pass the path of a file"):
        write_text(str(tmp_path / "nowhere" / "vars.yml"), "", "dest")
    with pytest.raises(OptionError, match=r"dest: '.*' cannot be read \(it is a directory\); correct the path"):
        read_text(str(tmp_path), "dest")


def odd_paths(directory: pathlib.Path) -> dict[str, str]:
    """Return what is no file, and what can be none, by the reason."""
    (directory / "file").write_text("x", encoding="utf-8")
    os.mkfifo(directory / "pipe")
    (directory / "loop").symlink_to(directory / "loop")
    (directory / "to_null").symlink_to("/dev/null")
    return {
        str(directory): "it is a directory",
        f"{directory}/": "it is a directory",
        str(directory / "pipe"): "it is a device, a pipe or a socket",
        "/dev/null": "it is a device, a pipe or a socket",
        str(directory / "to_null"): "it is a device, a pipe or a socket",
        str(directory / "file" / "x"): "Not a directory",
        str(directory / "nowhere" / "x"): "No such file or directory",
        str(directory / ("x" * 300)): "File name too long",
    }


def test_what_is_no_file_is_neither_read_nor_replaced(tmp_path: pathlib.Path) -> None:
    for path, reason in odd_paths(tmp_path).items():
        for refuse in (lambda path: require_writable({"dest": path}), lambda path: write_text(path, "x", "dest")):
            with pytest.raises(OptionError) as caught:
                refuse(path)
            assert f"cannot be written ({reason}); " in caught.value.message, caught.value.message
        if reason == "No such file or directory":
            assert read_text(path, "compare") is None
            continue
        with pytest.raises(OptionError) as caught:
            read_text(path, "compare")
        assert f"cannot be read ({reason}); " in caught.value.message, caught.value.message
    with pytest.raises(OptionError, match="cannot be read"):
        read_text(str(tmp_path / "loop"), "compare")
    assert os.path.exists("/dev/null") and not os.path.isfile("/dev/null")


def test_two_options_do_not_name_one_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "same").symlink_to(tmp_path / "a")
    require_writable({"dest": str(tmp_path / "a"), "json_dest": str(tmp_path / "b"), "other": None})
    with pytest.raises(OptionError, match=r"json_dest: '.*' is the file of dest too"):
        require_writable({"dest": str(tmp_path / "a"), "json_dest": str(tmp_path / "same")})


def test_check_mode_spares_a_directory_that_an_earlier_task_creates(tmp_path: pathlib.Path) -> None:
    require_writable({"dest": str(tmp_path / "nowhere" / "x")}, check_mode=True)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OptionError, match="Not a directory"):
        require_writable({"dest": str(tmp_path / "file" / "x")}, check_mode=True)


def test_a_path_that_ends_as_a_directory_is_no_file(tmp_path: pathlib.Path) -> None:
    for path in (f"{tmp_path}/reports/", f"{tmp_path}/file/"):
        with pytest.raises(OptionError, match=r"dest: '.*/' cannot be written \(it names a directory\); pass the path of a file"):
            write_text(path, "x", "dest")
    assert not list(tmp_path.iterdir())
