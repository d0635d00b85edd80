# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file is replaced in one step, keeps its permissions, and what is wrong is one sentence."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._files import read_text, write_text


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
    with pytest.raises(OptionError, match=r"dest: '.*' cannot be written \(No such file or directory\); correct the path"):
        write_text(str(tmp_path / "nowhere" / "vars.yml"), "", "dest")
    with pytest.raises(OptionError, match=r"dest: '.*' cannot be read \(IsADirectoryError\); correct the path"):
        read_text(str(tmp_path), "dest")
