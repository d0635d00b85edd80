#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: validate_variables
short_description: Validate and read the variables of a role
version_added: 0.1.0
description:
  - Validates the variables of the role that contains the task, and returns their parsed values. It should be the first task of a role.
  - A variable with the role's prefix that the role's C(meta/argument_specs.yml) does not list is an error that suggests the closest name.
    Names that start with two underscores are ignored.
  - A blank text is unset, so the role's default applies. Lists, mappings and lists of mappings are parsed from text, as in AWX surveys.
    Items separated by commas or lines, JSON and YAML are supported.
  - It runs on the controller, sends nothing to Azure or to the managed host, and changes nothing, in check mode too.
author: privatelink.azure maintainers (@privatelink)
options:
  types:
    description:
      - The types of variables with the type V(raw) in C(meta/argument_specs.yml), in the format of argument specifications (C(type),
        C(elements), C(choices), C(options), C(required), C(default)). Ansible itself would reject texts there before this task runs.
      - With C(resource_types), a text, or each text of a list, must be the ID of a resource of one of these types.
      - Everything else is taken from C(meta/argument_specs.yml).
    type: dict
    default: {}
  prefixes:
    description: Prefixes of the role's variables, by default the role's name followed by an underscore. Results are named without the first
      one.
    type: list
    elements: str
    aliases: [prefix]
  results:
    description:
      - Shell patterns of names with a prefix that are set by the role itself, for example with C(register).
      - A prefix followed by V(result), or by a name that ends with V(_result), is included.
    type: list
    elements: str
    default: []
  only_near_misses:
    description: Whether to reject only names that look like a misspelling of a known one, for prefixes that are also used elsewhere.
    type: bool
    default: false
  entry_point:
    description: Entry point of the role to validate the variables of.
    type: str
    default: main
attributes:
  check_mode:
    description: Can run in check mode and return the same without changing anything.
    support: full
  diff_mode:
    description: Returns what changed, or in check mode would change, in diff mode.
    support: none
extends_documentation_fragment: []
seealso:
  - module: ansible.builtin.validate_argument_spec
"""

EXAMPLES = r"""
- name: Validate the variables
  privatelink.azure.validate_variables:
    types:
      private_vault_dns: {type: str, choices: [zone_group, a_record, policy, none]}
      private_vault_recover: {type: bool}
      private_vault_lock: {type: dict}
      private_vault_zone_id: {type: str, resource_types: [Microsoft.Network/privateDnsZones]}
  register: __private_vault
  tags: [always]

- name: Show the validated variables
  ansible.builtin.debug:
    msg: "DNS is left to {{ __private_vault.variables.dns }}"
"""

RETURN = r"""
check_mode:
  description: Whether the task runs in check mode, by C(--check) or by the keyword of a task, an include or a play. The variable
    C(ansible_check_mode) does not tell the keyword.
  type: bool
  returned: always
  sample: false
variables:
  description: All variables of the role by their names without the first prefix. An unset variable has its default, or null if it has none.
  type: dict
  returned: success
  sample: {dns: zone_group, recover: false, lock: null, linked_network_ids: []}
"""
