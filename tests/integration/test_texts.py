# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What surveys return: texts for everything, and blank ones for what was left out; in both ways of execution."""

from __future__ import annotations

import json

import pytest

from integration.emulation import Json, reported
from integration.landscape import GROUP, Landscape
from integration.running import Controller, Run, is_sentence, task

WAYS = {"in process": {}, "module process": {"ansible_privatelink_direct": False}}
# What credentials and waits are where a survey asks for them and nobody answers.
NOTHING = {
    "subscription_id": "",
    "client_id": " ",
    "secret": "",
    "tenant": "",
    "auth_source": "",
    "cert_validation_mode": "",
    "auxiliary_tenant_ids": "",
}
HIDDEN = "s3cret~of~nobody"


def in_texts(landscape: Landscape) -> dict[str, tuple[str, Json]]:
    """Return tasks whose options are all texts."""
    acls = "{default_action: Deny, bypass: '', ip_rules: '203.0.113.0/24, 198.51.100.7', virtual_network_rules: ''}"
    return {
        "group": ("resource_group", {"name": GROUP, "location": "", "tags": '{"team": "payments", "note": ""}', "append_tags": ""}),
        "vault": (
            "keyvault",
            {"name": "shop-vault", "sku": "", "soft_delete_retention_in_days": "", "network_acls": acls, "tags": "a=b, c=d", "state": " "},
        ),
        "network": (
            "virtual_network",
            {"name": "shop-net", "address_prefixes": "10.1.0.0/16, 10.2.0.0/16", "dns_servers": "", "tags": "team: payments\n"},
        ),
        "rules": ("endpoint_connection_rules", {"vault_name": "shop-till", "rules": "- name: none\n  endpoint_names: 'x-*, y-*'\n"}),
        "endpoint": (
            "keyvault_private_endpoint",
            {"name": "shop-endpoint", "vault_id": landscape.vault, "subnet_id": landscape.subnet, "private_dns_zone_ids": landscape.zone},
        ),
    }


REFUSED: dict[str, tuple[str, Json, str, str]] = {
    "mapping": ("keyvault", {"name": "shop-vault", "network_acls": "Deny"}, "network_acls", "cannot be read as a mapping"),
    "list": (
        "keyvault",
        {"name": "shop-vault", "network_acls": {"ip_rules": "[203.0.113.0/24"}},
        "network_acls.ip_rules",
        "cannot be read as a list",
    ),
    "control": ("keyvault", {"name": "shop\u001b[31mvault"}, "name", "control character U+001B"),
    "lines": ("keyvault", {"name": "shop\nvault"}, "name", "line break"),
    "long": ("keyvault", {"name": "v" * 100_000}, "name", "100000 characters"),
    "name": ("keyvault", {"name": "v" * 5_000}, "name", "use 3 to 24"),
    "path": ("keyvault", {"name": "shop-vault", "x509_certificate_path": "/" * 5_000}, "x509_certificate_path", "5000 characters"),
    "secret": ("keyvault", {"name": "shop-vault", "tags": "x", "secret": HIDDEN}, "tags", "cannot be read as a mapping"),
}


@pytest.fixture(scope="module", params=["in process", pytest.param("module process", marks=pytest.mark.long)])
def run(request: pytest.FixtureRequest, controller: Controller, landscape: Landscape) -> Run:
    """All tasks in one run of a way of execution."""
    landscape.use()
    tasks = [task(module, name, **_placed(module, options), **NOTHING) for name, (module, options) in in_texts(landscape).items()]
    keywords = {"ignore_errors": True}
    tasks += [
        task(module, name, keywords=keywords, **_placed(module, options)) for name, (module, options, _option, _words) in REFUSED.items()
    ]
    tasks.append(task("keyvault", "required", keywords=keywords, resource_group=GROUP, name=" "))
    # a template inside of a text, and one that leaves an option out
    tags = {"owner": "{{ 'team' }}", "share": "100%", "empty": ""}
    tasks.append(
        task(
            "keyvault",
            "templates",
            resource_group=GROUP,
            name="shop-till",
            location="{{ omit }}",
            tags=tags,
            network_acls={"bypass": "{{ omit }}"},
        )
    )
    defaults = {
        "group/privatelink.azure.azure": {"wait_timeout": "{{ 70 + 7 }}", "resource_group": "elsewhere"},
        "privatelink.azure.keyvault_private_endpoint_info": {"resource_group": GROUP},
    }
    hidden = {"resource_group": "{{ omit }}", "wait_timeout": "", "subscription_id": "{{ None }}"}
    tasks.append(
        task("keyvault_private_endpoint_info", "defaults", keywords={"module_defaults": defaults}, vault_name="shop-vault", **hidden)
    )
    tasks.append(task("keyvault", "defaults give way", keywords={"module_defaults": defaults}, id=landscape.vault))
    return controller.tasks(*tasks, vars=WAYS[request.param], arguments=["-vvv"])


def _placed(module: str, options: Json) -> Json:
    return options if module == "resource_group" else {"resource_group": GROUP, **options}


def test_texts_are_read_and_blank_ones_unset(run: Run) -> None:
    assert run.rc == 0, run.output
    assert "Traceback" not in run.output
    assert run.task("group")["resource_group"]["tags"] == {"team": "payments", "note": ""}
    vault = run.task("vault")["keyvault"]
    assert [rule["value"] for rule in vault["network_acls"]["ip_rules"]] == ["203.0.113.0/24", "198.51.100.7/32"]
    assert (vault["network_acls"]["bypass"], vault["sku"]["name"], vault["tags"]) == ("AzureServices", "standard", {"a": "b", "c": "d"})
    network = run.task("network")["virtual_network"]
    assert (network["address_space"]["address_prefixes"], network["tags"]) == (["10.1.0.0/16", "10.2.0.0/16"], {"team": "payments"})
    assert len(run.task("rules")["pending"]) == 1
    assert run.task("endpoint").changed
    assert run.task("templates")["keyvault"]["tags"] == {"owner": "team", "share": "100%", "empty": ""}


def test_what_cannot_be_read_is_one_sentence_with_an_echo_that_is_short(run: Run) -> None:
    for name, (_module, _options, option, words) in REFUSED.items():
        done = run.task(name)
        assert (done.failed, done["code"], done["option"]) == (True, "InvalidOption", option), done.shown
        assert is_sentence(done["msg"]) and done["msg"].isprintable() and len(done["msg"]) < 500, done["msg"]
        assert words in done["msg"], done["msg"]
        assert not done.writes, reported(done.writes)


def test_a_required_option_that_is_blank_is_missing(run: Run) -> None:
    message = run.task("required")["msg"]
    assert "required" in message and "name" in message


def test_a_blank_or_omitted_option_does_not_hide_module_defaults(run: Run) -> None:
    assert run.task("defaults give way")["keyvault"]["name"] == "shop-vault"  # by its id, whatever resource group module_defaults name
    done = run.task("defaults")
    assert done["exists"], done.shown
    if "invocation" in done.result:  # Ansible removes that of a module process
        given = done["invocation"]["module_args"]
        assert (given["resource_group"], given["wait_timeout"], given["subscription_id"]) == (GROUP, 77, None)


def test_no_secret_is_shown(run: Run) -> None:
    assert HIDDEN not in run.output
    assert HIDDEN not in json.dumps([done.result for done in run.tasks])
