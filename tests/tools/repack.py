#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Give a collection's tarball the same bytes wherever and whenever it is built: repack.py TARBALL.

ansible-galaxy lists the files in the order in which the file system names them, and keeps the time, the owner
and the mode of each. Here they are sorted, belong to nobody, and have the time of SOURCE_DATE_EPOCH (seconds
since 1970; 0 where it is not set). MANIFEST.json holds the checksum of FILES.json, which holds those of the
files, so both are written again.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import pathlib
import sys
import tarfile
import typing as t

FIRST = ("MANIFEST.json", "FILES.json")


def main() -> int:
    """Repack the tarball named on the command line, in its place."""
    path = pathlib.Path(sys.argv[1])
    path.write_bytes(repacked(path, int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))
    return 0


def repacked(path: pathlib.Path, epoch: int) -> bytes:
    """Return the tarball with sorted entries and nothing of the machine that built it; epoch: the time of every file, in seconds."""
    with tarfile.open(path) as archive:
        members = {member.name: member for member in archive}
        contents = {name: _content(archive, member) for name, member in members.items() if member.isfile()}
    files = json.loads(contents["FILES.json"])
    files["files"].sort(key=lambda file: file["name"])
    contents["FILES.json"] = _json(files)
    manifest = json.loads(contents["MANIFEST.json"])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents["FILES.json"]).hexdigest()
    contents["MANIFEST.json"] = _json(manifest)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=epoch) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name in sorted(members, key=lambda each: (FIRST.index(each) if each in FIRST else len(FIRST), each)):
            content = contents.get(name)
            archive.addfile(_entry(members[name], content, epoch), io.BytesIO(content) if content is not None else None)
    return packed.getvalue()


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""


def _json(document: t.Any) -> bytes:
    return json.dumps(document, indent=1).encode()


def _entry(member: tarfile.TarInfo, content: bytes | None, epoch: int) -> tarfile.TarInfo:
    """Return what the archive says of a file, directory or link: executable or not, and nothing else of its mode."""
    entry = tarfile.TarInfo(member.name)
    entry.type, entry.linkname, entry.mtime = member.type, member.linkname, epoch
    entry.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    entry.size = len(content) if content is not None else 0
    return entry


if __name__ == "__main__":
    sys.exit(main())
