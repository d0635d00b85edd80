# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key vaults with their private endpoints as hosts of an inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: keyvaults
short_description: Azure Key Vaults with their private endpoints as inventory hosts
version_added: 0.1.0
description:
  - Returns one host for each key vault of one or several subscriptions, with its private endpoints, connections, DNS and access as
    variables.
  - It reads lists, so 400 vaults cost about as many requests as one. A DNS zone group is read separately only if the records in the
    zones do not show what it wrote.
  - The file name must end with C(keyvaults.yml) or C(keyvaults.yaml).
  - "Every host has these variables: C(keyvault_id), C(keyvault_name), C(keyvault_uri), C(keyvault_tags), C(subscription_id),
    C(resource_group), C(location), C(sku), C(enable_rbac_authorization), C(public_network_access), C(default_action), C(connection_state)
    (the one that needs attention first: Pending, Rejected, Disconnected, Approved), C(connection_states), C(connections) (as in
    M(privatelink.azure.keyvault_connections_info)), C(endpoints), C(private_ip_addresses), C(dns), C(zone_ids) and
    C(linked_network_ids)."
  - "C(dns) is V(zone_group), V(a_record) (a record that no zone group wrote), V(none) (no record in the zones that were read), V(unknown)
    (the endpoint cannot be read), or V(mixed) if the endpoints of the vault differ. Each of C(endpoints) has C(id), C(name),
    C(resource_group), C(subscription_id), C(location), C(subnet_id), C(private_ip_addresses), C(state), C(manual_request), C(dns),
    C(zone_ids), C(linked_network_ids), and C(error), an error code if it cannot be read."
author: privatelink.azure maintainers (@privatelink)
options:
  plugin:
    description: Name of the plugin.
    type: str
    required: true
    choices: [privatelink.azure.keyvaults]
  subscription_ids:
    description: Subscriptions whose vaults are read. By default O(subscription_id).
    type: list
    elements: str
    default: []
  zone_ids:
    description:
      - Private DNS zones in other subscriptions whose records show the DNS of endpoints. The zones for key vaults in the subscriptions of
        the vaults and the endpoints are found, and so is every zone that a DNS zone group names.
    type: list
    elements: str
    default: []
  include_resource_groups:
    description: Only the vaults of these resource groups, by default all.
    type: list
    elements: str
    default: []
  exclude_resource_groups:
    description: No vaults of these resource groups.
    type: list
    elements: str
    default: []
  include_tags:
    description: Only vaults with all of these tags. A tag without a value (null) matches any value.
    type: dict
    default: {}
  exclude_tags:
    description: No vaults with one of these tags. A tag without a value (null) matches any value.
    type: dict
    default: {}
  include_filters:
    description: Only vaults for which at least one of these Jinja conditions on the host's variables is true, by default all.
    type: list
    elements: str
    default: []
  exclude_filters:
    description: No vaults for which one of these Jinja conditions on the host's variables is true.
    type: list
    elements: str
    default: []
  hostnames:
    description: Jinja expressions on the host's variables; the first that has a value is the name of the host.
    type: list
    elements: str
    default: [keyvault_name]
  hostvars_prefix:
    description: Prefix of the names of all variables that the plugin sets, except the connection variables.
    type: str
    default: ''
  local_connection:
    description:
      - Whether the hosts get C(ansible_connection=local) and C(ansible_python_interpreter={{ ansible_playbook_python }}). A vault is no
        machine to connect to, so tasks and roles for it run on the controller.
    type: bool
    default: true
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
  - privatelink.azure.azure.credentials
"""

EXAMPLES = r"""
# keyvaults.yml: ansible-inventory -i keyvaults.yml --graph
plugin: privatelink.azure.keyvaults
subscription_ids:
  - 00000000-0000-0000-0000-000000000000
  - 11111111-1111-1111-1111-111111111111
exclude_tags:
  decommissioned: null
keyed_groups:
  - key: location
    prefix: region
  - key: connection_state | default('none', true) | lower
    prefix: connection
  - key: dns
    prefix: dns
  - key: keyvault_tags.environment | default('other')
    prefix: environment
groups:
  open: public_network_access == 'Enabled' and default_action == 'Allow'
compose:
  status_vault_id: keyvault_id

# To list only what still needs work, from Ansible's own cache for an hour, add:
#
# include_filters:
#   - public_network_access == 'Enabled'
#   - connection_state == 'Pending'
# cache: true
# cache_plugin: ansible.builtin.jsonfile
# cache_connection: ~/.ansible/tmp/keyvaults
"""

import copy
import hashlib
import importlib
import json
import typing as t

from ansible import template as templates
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.privatelink.azure.plugins.module_utils import _options as options
from ansible_collections.privatelink.azure.plugins.module_utils import _texts as texts
from ansible_collections.privatelink.azure.plugins.module_utils import _values as values
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ZONE, group_scope, subscription_scope
from ansible_collections.privatelink.azure.plugins.module_utils._entry import forget_sessions, perform
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem, echoed
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module, Task
from ansible_collections.privatelink.azure.plugins.module_utils._variables import checked
from ansible_collections.privatelink.azure.plugins.module_utils._views.estate import estate_of, vault_facts
from ansible_collections.privatelink.azure.plugins.plugin_utils._rendering import not_rendered

# What decides which vaults are read, and from where; everything else is applied to what was read, also to what the cache keeps.
_READ: options.Spec = {
    "subscription_ids": {"type": "list", "elements": "str", "default": []},
    "zone_ids": {"type": "list", "elements": "str", "default": []},
    "include_resource_groups": {"type": "list", "elements": "str", "default": []},
}
# ansible-core from 2.19 on renders only texts that are trusted; before, all that are not marked as unsafe.
_TRUST = "trust_as_template"


def _read_vaults(task: Task) -> dict[str, t.Any]:
    """Read the vaults."""
    ids = [values.subscription(each, "subscription_ids") for each in task["subscription_ids"]] or [task.world.subscription_id]
    groups = [values.resource_group_name(each, "include_resource_groups") for each in task["include_resource_groups"]]
    zones = [values.resource_id(each, "zone_ids", ZONE) for each in task["zone_ids"]]
    scopes = [group_scope(each, group) for each in ids for group in groups] or [subscription_scope(each) for each in ids]
    return {"vaults": [vault_facts(vault) for vault in estate_of(task.world, scopes, zones)]}


MODULE = Module(options=_READ, read=_read_vaults)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The plugin as Ansible loads it."""

    NAME = "privatelink.azure.keyvaults"

    def verify_file(self, path: str) -> bool:
        """Return whether the file's name ends with keyvaults.yml or keyvaults.yaml."""
        return bool(super().verify_file(path)) and path.endswith(("keyvaults.yml", "keyvaults.yaml"))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Add the vaults as hosts. What goes wrong is an AnsibleParserError of one sentence with the next step."""
        super().parse(inventory, loader, path)
        self._read_config_data(path)
        for host, facts in self._hosts(self._vaults(path, cache)).items():
            self._add(host, facts)

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """Take the options, those of the file checked before Ansible does: its own refusals name neither the place nor what to do."""
        if direct is not None:
            self._set = self._read_set(direct)
            direct = {name: [value] if self._is_lone_item(name, value) else value for name, value in direct.items()}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _is_lone_item(self, name: str, value: t.Any) -> bool:
        wants_list = self.option_definitions.get(name, {}).get("type") == "list"
        return wants_list and value is not None and not isinstance(value, (str, list))

    def _read_set(self, config: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """
        Return what the file sets, read and checked as options of modules are, with defaults: Ansible takes any word for false,
        and any value for a list. A template is left out: it is read when it is rendered. Expressions are used as Ansible keeps them.
        """
        spec: texts.Spec = {**self.option_definitions, **MODULE.spec["argument_spec"]}
        given = {name: value for name, value in config.items() if not (name in MODULE.spec["argument_spec"] and self._is_template(value))}
        try:
            for name in config:
                if name not in spec:
                    raise texts.unknown_option(echoed(name), str(name), spec)
            found = checked(spec, given)
            self._refuse_wrong(config, found)
            return found
        except Problem as problem:
            raise AnsibleParserError(problem.message) from None

    def _refuse_wrong(self, config: t.Mapping[str, t.Any], found: t.Mapping[str, t.Any]) -> None:
        """Refuse what Ansible would refuse in its words: a text for a mapping of the file, and a prefix that no variable can have."""
        for name, value in config.items():
            if isinstance(value, str) and isinstance(found.get(name), dict):
                raise OptionError(name, f"'{echoed(value)}' is a text; pass a mapping like {{name: value}}.")
        prefix = found.get("hostvars_prefix") or ""
        if prefix and not (prefix.isidentifier() and prefix.isascii()):
            raise OptionError(
                "hostvars_prefix", f"'{prefix}' is not a valid prefix of variables; use letters, digits and '_', no digit first."
            )

    def _vaults(self, path: str, cache: bool) -> list[dict[str, t.Any]]:
        """Return the vaults, from the cache where the user wants it and it holds what these options ask for."""
        params = self._params()
        wanted = bool(self.get_option("cache"))
        # Another subscription or another account is another answer. No secret goes into the key.
        asked = {name: str(value) for name, value in params.items() if name not in ("secret", "password", "oidc_token", "wait_timeout")}
        key = f"{self.get_cache_key(path)}_{hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]}"
        if wanted and cache:
            try:
                return t.cast("list[dict[str, t.Any]]", copy.deepcopy(self._cache[key]["vaults"]))
            except (KeyError, TypeError):
                pass
        vaults = self._read(params)
        if wanted:
            self._cache[key] = {"vaults": copy.deepcopy(vaults)}
        return vaults

    def _params(self) -> dict[str, t.Any]:
        """Return the options of reading, templates in them rendered: a secret may come from a lookup."""
        given = {name: self._rendered(name) for name in (*options.AUTH, *options.WAIT, *_READ)}
        try:
            return checked(MODULE.spec["argument_spec"], given)
        except Problem as problem:
            raise AnsibleParserError(problem.message) from None

    def _rendered(self, name: str) -> t.Any:
        value = self.get_option(name)
        try:
            return self.templar.template(value) if self._is_template(value) else value
        except AnsibleError as error:
            raise AnsibleParserError(not_rendered(name, error).message) from None

    def _is_template(self, value: t.Any) -> bool:
        parts = value if isinstance(value, list) else [value]
        return any(isinstance(part, str) and self.templar.is_template(part) for part in parts)

    def _read(self, params: dict[str, t.Any]) -> list[dict[str, t.Any]]:
        try:
            result = perform(MODULE, params, check_mode=True, diff_mode=False)
        finally:
            forget_sessions()  # nothing of it crosses the fork of a worker
        for warning in result.get("warnings", []):
            self.display.warning(warning)
        if result.get("failed"):
            raise AnsibleParserError(result["msg"])
        return t.cast("list[dict[str, t.Any]]", result["vaults"])

    def _hosts(self, vaults: list[dict[str, t.Any]]) -> dict[str, dict[str, t.Any]]:
        """Return the variables of the vaults that pass the filters, by the name of the host."""
        hosts: dict[str, dict[str, t.Any]] = {}
        for facts in vaults:
            if not self._wanted(facts):
                continue
            host = self._hostname(facts)
            if host in hosts:
                both = f"'{hosts[host]['keyvault_id']}' and '{facts['keyvault_id']}'"
                raise AnsibleParserError(f"hostnames gives {both} the same name '{host}'; use expressions that differ for every vault.")
            hosts[host] = facts
        return hosts

    def _wanted(self, facts: dict[str, t.Any]) -> bool:
        excluded = {str(group).casefold() for group in self._set["exclude_resource_groups"]}
        if str(facts["resource_group"]).casefold() in excluded:
            return False
        tags = {str(name).casefold(): value for name, value in facts["keyvault_tags"].items()}
        include, exclude = self._set["include_tags"], self._set["exclude_tags"]
        if any(not _has(tags, *item) for item in include.items()) or any(_has(tags, *item) for item in exclude.items()):
            return False
        included = [self._is_true(condition, facts) for condition in self.get_option("include_filters")]
        return (not included or any(included)) and not any(
            self._is_true(condition, facts) for condition in self.get_option("exclude_filters")
        )

    def _is_true(self, condition: str, facts: dict[str, t.Any]) -> bool:
        """Return whether a condition holds; one that cannot be evaluated does not, and is an error with strict."""
        try:
            found = self._compose(condition, facts)
        except Exception as error:
            if self._set["strict"]:
                raise AnsibleParserError(f"the condition '{condition}' cannot be evaluated for '{facts['keyvault_id']}': {error}") from None
            return False
        return bool(boolean(found, strict=False)) if isinstance(found, str) else bool(found)

    def _hostname(self, facts: dict[str, t.Any]) -> str:
        for expression in self.get_option("hostnames"):
            try:
                found = self._compose(expression, facts)
            except Exception as error:
                if self._set["strict"]:
                    raise AnsibleParserError(
                        f"hostnames: '{expression}' cannot be evaluated for '{facts['keyvault_id']}': {error}"
                    ) from None
                continue
            if found:
                return str(found)
        raise AnsibleParserError(
            f"hostnames gives '{facts['keyvault_id']}' no name; add an expression that every vault has, like keyvault_name."
        )

    def _add(self, host: str, facts: dict[str, t.Any]) -> None:
        """Add a host with its variables and groups."""
        inventory: t.Any = self.inventory
        inventory.add_host(host)
        facts = _never_rendered(facts)
        prefix, strict = self._set["hostvars_prefix"] or "", self._set["strict"]
        for name, value in facts.items():
            inventory.set_variable(host, f"{prefix}{name}", value)
        if self._set["local_connection"]:
            inventory.set_variable(host, "ansible_connection", "local")
            trusted = getattr(templates, _TRUST, str)
            inventory.set_variable(host, "ansible_python_interpreter", trusted("{{ ansible_playbook_python }}"))
        try:
            self._set_composite_vars(self.get_option("compose"), facts, host, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), facts, host, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), facts, host, strict=strict)
        except AnsibleError as error:
            raise AnsibleParserError(str(error)) from None


def _never_rendered(facts: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return variables that Ansible takes as they are: a tag of a vault must not run as a template on the controller."""
    if hasattr(templates, _TRUST):
        return facts
    return t.cast("dict[str, t.Any]", importlib.import_module("ansible.utils.unsafe_proxy").wrap_var(facts))


def _has(tags: dict[str, t.Any], name: str, value: t.Any) -> bool:
    """Return whether there is a tag of that name, in any case as in Azure, with that value, or with any where it is None."""
    return str(name).casefold() in tags and value in (None, tags[str(name).casefold()])
