# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups of options that modules share. A group's documentation is the doc fragment of its name."""

from __future__ import annotations

import typing as t

Spec = dict[str, dict[str, t.Any]]
# Option names and choices follow azure.azcollection; see auth.py for the environment variables.
AUTH: Spec = {
    "auth_source": {"type": "str", "choices": ["auto", "cli", "credential_file", "env", "msi"]},
    "profile": {"type": "str"},
    "subscription_id": {"type": "str"},
    "client_id": {"type": "str"},
    "secret": {"type": "str", "no_log": True},
    "tenant": {"type": "str"},
    "auxiliary_tenant_ids": {"type": "list", "elements": "str"},
    "ad_user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "x509_certificate_path": {"type": "path"},
    "thumbprint": {"type": "str"},
    "oidc_token": {"type": "str", "no_log": True},
    "oidc_token_file_path": {"type": "path", "no_log": False},
    "cloud_environment": {"type": "str"},
    "adfs_authority_url": {"type": "str"},
    "cert_validation_mode": {"type": "str", "choices": ["ignore", "validate"]},
    "disable_instance_discovery": {"type": "bool"},
    # What azure.azcollection takes in addition to these, so that both collections can share module_defaults; without effect here.
    "api_profile": {"type": "str"},
    "log_path": {"type": "str"},
    "log_mode": {"type": "str"},
}
WAIT: Spec = {"wait_timeout": {"type": "int", "default": 1800}}
STATE: Spec = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}
TAGS: Spec = {"tags": {"type": "dict"}, "append_tags": {"type": "bool", "default": True}}
