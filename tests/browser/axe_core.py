# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""axe-core, the accessibility rules, as npm publishes it: one release, known by its hash, kept in the cache."""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import tarfile
import urllib.request

VERSION = "4.14.1"
_ADDRESS = f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"
_SHA512 = "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5"


def axe(cache: pathlib.Path) -> str:
    """Return the script. Raises OSError where it is neither in the cache nor can be fetched."""
    kept = cache / f"axe-core-{VERSION}.tgz"
    package = kept.read_bytes() if kept.is_file() else b""
    if hashlib.sha512(package).hexdigest() != _SHA512:
        with urllib.request.urlopen(_ADDRESS, timeout=60) as answer:
            package = answer.read()
        if hashlib.sha512(package).hexdigest() != _SHA512:
            raise OSError(f"{_ADDRESS} has another hash than expected")
        cache.mkdir(parents=True, exist_ok=True)
        made = cache / f"{kept.name}.{os.getpid()}"
        made.write_bytes(package)
        made.replace(kept)
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member
        return member.read().decode("utf-8")
