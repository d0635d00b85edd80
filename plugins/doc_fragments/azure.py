# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of every module: who acts, in which cloud, and how long it may wait. The options are module_utils/_options.py, AUTH and WAIT."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.azure."""

    DOCUMENTATION = r"""
options:
  auth_source:
    description:
      - Where the credentials come from. Also set by E(ANSIBLE_AZURE_AUTH_SOURCE).
      - V(auto), which is also what happens when nothing is set, takes the first of task options, environment, credentials file and Azure CLI
        that proves an identity. A field that this source leaves out is taken from the next one.
      - V(msi) is the managed identity of the host; O(client_id) chooses a user-assigned one. V(cli) is who is signed in with C(az login).
    type: str
    choices: [auto, cli, credential_file, env, msi]
  profile:
    description:
      - Section of the credentials file C(~/.azure/credentials), whose lines are C(key=value); the keys are these options' names or their environment
        variables'. Without it, the section C(default). Also set by E(AZURE_PROFILE).
    type: str
  subscription_id:
    description:
      - Subscription to act in. Also set by E(AZURE_SUBSCRIPTION_ID); an empty variable counts as unset.
      - May be left out where the credentials see only one subscription.
    type: str
  client_id:
    description: Application (client) ID of the service principal or managed identity. Also set by E(AZURE_CLIENT_ID).
    type: str
  secret:
    description: Client secret of the service principal. Also set by E(AZURE_SECRET) or E(AZURE_CLIENT_SECRET).
    type: str
  tenant:
    description: Tenant (directory) ID. Also set by E(AZURE_TENANT) or E(AZURE_TENANT_ID).
    type: str
  auxiliary_tenant_ids:
    description:
      - Further tenants, up to three, whose resources a write may link to, such as a key vault, DNS zone or virtual network of another tenant. The same
        application (or user) must be known and have its rights in each of them. Azure Resource Manager then gets a token of each tenant with every write.
      - Not needed where the other side approves by hand, and not for acting in another tenant, which takes O(tenant) and credentials of that tenant.
      - Also set by E(AZURE_AUXILIARY_TENANT_IDS), separated by commas or semicolons. The tenant of O(tenant) itself may be among them.
    type: list
    elements: str
  ad_user:
    description:
      - Name of a user, for sign-in by name and password, which Microsoft Entra ID refuses wherever it asks for a second factor.
      - O(client_id) is then an application that allows public client flows, by default that of the Azure CLI; O(tenant) may be left out.
      - Also set by E(AZURE_AD_USER) or E(AZURE_USERNAME).
    type: str
  password:
    description: Password of O(ad_user). Also set by E(AZURE_PASSWORD).
    type: str
  x509_certificate_path:
    description:
      - PEM or PFX file with certificate and private key of the service principal, the key without a password.
      - Also set by E(AZURE_X509_CERTIFICATE_PATH) or E(AZURE_CLIENT_CERTIFICATE_PATH).
    type: path
  thumbprint:
    description: Thumbprint of the certificate. Accepted for playbooks that pass it; it is read from the file. Also set by E(AZURE_THUMBPRINT).
    type: str
  oidc_token:
    description: Federated (OIDC) token for workload identity. Also set by E(AZURE_FEDERATED_TOKEN).
    type: str
  oidc_token_file_path:
    description: File with the federated token, read anew for each sign-in. Also set by E(AZURE_FEDERATED_TOKEN_FILE).
    type: path
  cloud_environment:
    description:
      - Name of the cloud (V(AzureCloud), V(AzureUSGovernment), V(AzureChinaCloud)), or the https address of a cloud's Resource Manager or its metadata.
      - A cloud that is given by its address must name itself as the Resource Manager in its metadata. Tokens go to this host and its subdomains only,
        and where Entra ID issues them their audience must be the cloud's own, as it is for Azure Stack Hub.
      - Also set by E(AZURE_CLOUD_ENVIRONMENT). The default is V(AzureCloud).
    type: str
  adfs_authority_url:
    description: Address of the authority to sign in at, where it is not the cloud's own. Also set by E(AZURE_ADFS_AUTHORITY_URL) or E(AZURE_AUTHORITY_HOST).
    type: str
  cert_validation_mode:
    description:
      - V(ignore) accepts any certificate of Azure's servers, which is never right in production, and warns. The default is V(validate).
      - Also set by E(AZURE_CERT_VALIDATION_MODE) or E(AZURE_CERT_VALIDATION). To trust a private authority, set E(REQUESTS_CA_BUNDLE) instead.
    type: str
    choices: [ignore, validate]
  disable_instance_discovery:
    description:
      - Whether to trust the authority without asking Microsoft about it. Also set by E(AZURE_DISABLE_INSTANCE_DISCOVERY).
      - The default is V(false) for the named clouds and V(true) for a cloud given by its address.
    type: bool
  api_profile:
    description: Has no effect. Accepted so that C(module_defaults) can be shared with the collection azure.azcollection; every request names its API version.
    type: str
  log_path:
    description: Has no effect. Accepted so that C(module_defaults) can be shared with the collection azure.azcollection, which writes debug messages there.
    type: str
  log_mode:
    description: Has no effect, like O(log_path).
    type: str
  wait_timeout:
    description:
      - Maximum number of seconds to wait for Azure. It bounds everything that the task does over the network, signing in, every request and its body,
        operations, locks, throttling and the Azure CLI together.
      - The error of a task that timed out tells the last answer of Azure, with its status, code and request id. A throttle that asks for a longer pause
        than is left is told at once.
    type: int
    default: 1800
requirements:
  - python >= 3.10
  - azure-identity, azure-mgmt-keyvault, azure-mgmt-network, azure-mgmt-privatedns, azure-mgmt-resource (see C(requirements.txt) of the collection)
notes:
  - Tasks on C(localhost) run inside Ansible's own worker, where the Azure SDK is loaded once for the whole run. A task with C(become), C(async) or
    C(environment), or on another host, runs as an ordinary module process. Setting E(ANSIBLE_PRIVATELINK_DIRECT=0) or the variable
    C(ansible_privatelink_direct=false) makes every task do so.
  - A failure returns C(code), C(status), C(request_id), C(resource_id) and C(hint) beside C(msg), C(changed) and C(diff) for what was written before it,
    C(errors) where several resources are concerned, and C(lost) for what was deleted to be made again and was not.
  - What Azure accepts and does not keep, for example because of an Azure Policy with the effect Modify, is returned as C(not_kept) (C(path), C(asked),
    C(kept), C(resource_id)) with a warning, and does not count as C(changed) where nothing else changed. Check mode cannot know it.
"""
