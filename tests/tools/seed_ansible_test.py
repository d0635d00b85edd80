#!/usr/bin/env python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Let ansible-test make its virtual environments where only PyPI can be reached.

ansible-test fetches get-pip.py from ci-files.testing.ansible.com. It first looks
for ~/.ansible/test/cache/get_pip_<version>.py, so a stand-in is stored there that
takes the asked versions from PyPI: with uv where there is one, else with the pip
of the ensurepip of the interpreter.

ansible-test hides most variables from its children, so the ones that say how to
reach PyPI are stored in the stand-in, and for pip in ~/.config/pip/pip.conf.
Call it with a HOME of its own.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import sys

import ansible_test._internal

STAND_IN = '''\
"""Stand-in for get-pip.py, made by seed_ansible_test.py."""
import os
import subprocess
import sys

UV = {uv!r}
wanted = [arg for arg in sys.argv[1:] if not arg.startswith("-")]
env = {{key: value for key, value in os.environ.items() if key != "GET_PIP"}}
env.update({env!r})
if UV and subprocess.call([UV, "pip", "install", "-q", "-p", sys.executable] + wanted, env=env) == 0:
    sys.exit(0)
subprocess.check_call([sys.executable, "-m", "ensurepip"], env=env, stdout=subprocess.DEVNULL)
sys.exit(subprocess.call([sys.executable, "-m", "pip", "-q", "install"] + wanted, env=env))
'''
NETWORK = re.compile(r"(PIP|UV)_|SSL_CERT_(FILE|DIR)$|REQUESTS_CA_BUNDLE$|(https?|no|all)_proxy$", re.IGNORECASE)
PIP_CONF = ("cert", "index_url", "extra_index_url", "find_links", "trusted_host", "proxy", "default_timeout")


def main() -> int:
    """Store the stand-in for each version of pip that this ansible-test may ask for."""
    source = pathlib.Path(ansible_test._internal.__file__).with_name("python_requirements.py")
    versions = sorted(set(re.findall(r"\bpip='([0-9.]+)'", source.read_text(encoding="utf-8"))))
    if not versions:
        print(f"no version of pip found in {source}", file=sys.stderr)
        return 1
    beside = pathlib.Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    env = {key: value for key, value in os.environ.items() if NETWORK.match(key)}
    home = pathlib.Path("~").expanduser()
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in versions:
        path = cache / f"get_pip_{version.replace('.', '_')}.py"
        path.write_text(STAND_IN.format(uv=uv, env=env), encoding="utf-8")
        print(path)
    conf = home / ".config" / "pip" / "pip.conf"
    lines = [
        f"{name.replace('_', '-')} = {os.environ['PIP_' + name.upper()]}" for name in PIP_CONF if os.environ.get("PIP_" + name.upper())
    ]
    if lines and not conf.exists():
        conf.parent.mkdir(parents=True, exist_ok=True)
        conf.write_text("\n".join(["[global]", *lines, ""]), encoding="utf-8")
        print(conf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
