# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of every module: credentials, cloud and timeout. The options are module_utils/_options.py, AUTH and WAIT.

.credentials is for what is no task, such as the inventory plugin.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment privatelink.azure.azure, and .credentials without the notes on tasks."""

    CREDENTIALS = r"""
options:
  auth_source:
    description:
      - Source of the credentials. Also set by E(ANSIBLE_AZURE_AUTH_SOURCE).
      - V(auto), the default, uses the first of task options, environment, credentials file and Azure CLI
        that contains an identity. Fields that this source does not set are taken from the next one.
      - V(msi) is the managed identity of the host; O(client_id) selects a user-assigned one. V(cli) is the user signed in with C(az login).
    type: str
    choices: [auto, cli, credential_file, env, msi]
  profile:
    description:
      - Section of the credentials file C(~/.azure/credentials), whose lines are C(key=value); the keys are these options' names or their
        environment variables'. Without it, the section C(default). Also set by E(AZURE_PROFILE).
    type: str
  subscription_id:
    description:
      - Subscription to use. Also set by E(AZURE_SUBSCRIPTION_ID); an empty variable counts as unset.
      - Can be left out if the credentials have access to only one subscription.
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
      - Up to three additional tenants with resources that a write links to, such as a key vault, DNS zone or virtual network. The same
        application (or user) must be registered and have permissions in each of them. Every write then sends a token of each tenant.
      - Not needed with manual approval by the other side. To manage resources in another tenant, use O(tenant) and credentials of that
        tenant.
      - Also set by E(AZURE_AUXILIARY_TENANT_IDS), separated by commas or semicolons. The list may include O(tenant).
    type: list
    elements: str
  ad_user:
    description:
      - User name for sign-in with name and password, which Microsoft Entra ID refuses if multi-factor authentication is required.
      - O(client_id) must be an application that allows public client flows, by default the Azure CLI; O(tenant) can be left out.
      - Also set by E(AZURE_AD_USER) or E(AZURE_USERNAME).
    type: str
  password:
    description: Password of O(ad_user). Also set by E(AZURE_PASSWORD).
    type: str
  x509_certificate_path:
    description:
      - PEM or PFX file with the certificate and the private key of the service principal, without a password.
      - Also set by E(AZURE_X509_CERTIFICATE_PATH) or E(AZURE_CLIENT_CERTIFICATE_PATH).
    type: path
  thumbprint:
    description: Thumbprint of the certificate. Accepted for compatibility; the thumbprint is read from the file. Also set by
      E(AZURE_THUMBPRINT).
    type: str
  oidc_token:
    description: Federated (OIDC) token for workload identity. Also set by E(AZURE_FEDERATED_TOKEN).
    type: str
  oidc_token_file_path:
    description: File with the federated token, read again for each sign-in. Also set by E(AZURE_FEDERATED_TOKEN_FILE).
    type: path
  cloud_environment:
    description:
      - Name of the cloud (V(AzureCloud), V(AzureUSGovernment), V(AzureChinaCloud)), or the https URL of a cloud's Resource Manager or its
        metadata.
      - The metadata of a cloud that is set by URL must contain the same Resource Manager. Tokens are sent only to this host and its
        subdomains, and with Entra ID their audience must be the cloud's own, as for Azure Stack Hub.
      - Also set by E(AZURE_CLOUD_ENVIRONMENT). The default is V(AzureCloud).
    type: str
  adfs_authority_url:
    description: URL of the sign-in authority, if it is not the authority of the cloud. Also set by E(AZURE_ADFS_AUTHORITY_URL) or
      E(AZURE_AUTHORITY_HOST).
    type: str
  cert_validation_mode:
    description:
      - V(ignore) disables TLS certificate validation, with a warning; do not use it in production. The default is V(validate).
      - Also set by E(AZURE_CERT_VALIDATION_MODE) or E(AZURE_CERT_VALIDATION). To trust a private certificate authority, set
        E(REQUESTS_CA_BUNDLE) instead.
    type: str
    choices: [ignore, validate]
  disable_instance_discovery:
    description:
      - Whether to trust the authority without instance discovery at Microsoft. Also set by E(AZURE_DISABLE_INSTANCE_DISCOVERY).
      - The default is V(true) for the authorities of the named clouds and for a cloud that is set by URL, and V(false) for any other
        address in O(adfs_authority_url).
    type: bool
  api_profile:
    description: Has no effect. Accepted so that C(module_defaults) can be shared with the collection azure.azcollection; every request sets
      its API version.
    type: str
  log_path:
    description: Has no effect. Accepted so that C(module_defaults) can be shared with the collection azure.azcollection, which writes debug
      messages there.
    type: str
  log_mode:
    description: Has no effect, like O(log_path).
    type: str
  wait_timeout:
    description:
      - Maximum number of seconds to wait for Azure. It limits everything that the task does over the network, including sign-in, requests,
        operations, locks, throttling and the Azure CLI together.
      - The error of a task that timed out contains the last response of Azure, with its status, code and request id. If throttling requires
        a longer pause than the remaining time, the task fails immediately.
    type: int
    default: 1800
requirements:
  - python >= 3.10
  - azure-identity, azure-mgmt-keyvault, azure-mgmt-network, azure-mgmt-privatedns, azure-mgmt-resource (see C(requirements.txt) of the
    collection)
"""

    # annotated because ansible-test's yamllint breaks off at a plain assignment of anything but one string
    DOCUMENTATION: str = (
        CREDENTIALS
        + r"""
notes:
  - Tasks on C(localhost) run inside Ansible's own worker, where the Azure SDK is loaded once for the whole run. A task with C(become),
    C(async) or C(environment), or on another host, runs as an ordinary module process. Setting E(ANSIBLE_PRIVATELINK_DIRECT=0) or the
    variable C(ansible_privatelink_direct=false) makes every task do so.
  - A task inside Ansible's own worker prints its progress, at least one line every 30 seconds. Setting
    E(ANSIBLE_PRIVATELINK_PROGRESS=0) or the variable C(ansible_privatelink_progress=false) switches that off; module processes and tasks
    with C(no_log) print none.
  - Each task signs in once. The items of a loop share the sign-in if they run inside Ansible's own worker. Tokens are kept in memory only.
  - A failure returns C(code), C(status), C(request_id), C(resource_id) and C(hint) in addition to C(msg), C(changed) and C(diff) for what
    was written before it, C(errors) if several resources are involved, and C(lost) for resources that were deleted to be recreated and were
    not.
  - Settings that Azure accepts but does not store, for example because of an Azure Policy with the effect Modify, are returned as
    C(not_kept) (C(path), C(asked), C(kept), C(resource_id)) with a warning, and do not count as C(changed) if nothing else changed. Check
    mode cannot detect this.
"""
    )
