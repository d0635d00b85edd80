// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Azure's guide with the SDK for JavaScript as it is published. The environment is what `env --client sdk` prints; what was done is printed as JSON.

import { KeyVaultManagementClient } from '@azure/arm-keyvault'
import { NetworkManagementClient } from '@azure/arm-network'
import { PrivateDnsManagementClient } from '@azure/arm-privatedns'
import { ClientSecretCredential } from '@azure/identity'

const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: id, AZURE_CLIENT_SECRET: secret, AZURE_SUBSCRIPTION_ID: subscription } = process.env
const url = process.env.AZURE_EMULATOR_URL
const scope = 'https://management.core.windows.net/.default'
const credential = new ClientSecretCredential(tenant, id, secret, { authorityHost: url, disableInstanceDiscovery: true })
// the clients of this SDK name the scope in two ways
const options = { endpoint: url, credentialScopes: [scope], credentials: { scopes: [scope] } }
const vaults = new KeyVaultManagementClient(credential, subscription, options)
const networks = new NetworkManagementClient(credential, subscription, options)
const dns = new PrivateDnsManagementClient(credential, subscription, options)

const group = 'js'
const location = 'westeurope'
const zone = 'privatelink.vaultcore.azure.net'
const done = {}

const every = async (items) => {
  const found = []
  for await (const each of items) found.push(each)
  return found
}

const wait = async (client, name, ...parameters) => {
  if (client[`${name}AndWait`]) return client[`${name}AndWait`](...parameters)
  return client[name](...parameters)
}

async function prepare () {
  // no client here makes groups or registers providers
  const { token } = await credential.getToken(scope)
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const ask = (method, path, body) => fetch(`${url}/subscriptions/${subscription}${path}?api-version=2024-11-01`, { method, headers, body })
  await ask('POST', '/providers/Microsoft.KeyVault/register')
  await ask('PUT', `/resourceGroups/${group}`, JSON.stringify({ location }))
}

async function vault () {
  const properties = { tenantId: tenant, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true }
  const made = await wait(vaults.vaults, 'createOrUpdate', group, 'js-vault', { location, properties })
  done.vault = made.properties.vaultUri
  const access = { properties: { networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny' } } }
  done.firewall = (await vaults.vaults.update(group, 'js-vault', access)).properties.networkAcls.defaultAction
  return made.id
}

async function network () {
  const subnets = [{ name: 'endpoints', addressPrefix: '10.1.0.0/24' }]
  const made = await wait(networks.virtualNetworks, 'beginCreateOrUpdate', group, 'js-net', {
    location, addressSpace: { addressPrefixes: ['10.1.0.0/16'] }, subnets
  })
  done.subnets = made.subnets.map(each => each.provisioningState)
  return made
}

async function privateZone (net) {
  const create = dns.privateZones.beginCreateOrUpdate ? 'beginCreateOrUpdate' : 'createOrUpdate'
  const made = await wait(dns.privateZones, create, group, zone, { location: 'global' })
  const link = await wait(dns.virtualNetworkLinks, create, group, zone, 'js-link', {
    location: 'global', virtualNetwork: { id: net.id }, registrationEnabled: false
  })
  done.link = link.virtualNetworkLinkState
  return made.id
}

async function endpoint (name, net, target, manual) {
  const connection = [{ name: `${name}-connection`, privateLinkServiceId: target, groupIds: ['vault'] }]
  const made = await wait(networks.privateEndpoints, 'beginCreateOrUpdate', group, name, {
    location, subnet: { id: net.subnets[0].id }, [manual ? 'manualPrivateLinkServiceConnections' : 'privateLinkServiceConnections']: connection
  })
  return [...made.privateLinkServiceConnections, ...made.manualPrivateLinkServiceConnections][0].privateLinkServiceConnectionState.status
}

async function decide (status) {
  const listed = await every(vaults.privateEndpointConnections.listByResource(group, 'js-vault'))
  const asked = listed.find(each => each.privateEndpoint.id.endsWith('/js-request'))
  const name = asked.id.split('/').pop()
  const body = { privateLinkServiceConnectionState: { status, description: 'By JavaScript' } }
  return (await vaults.privateEndpointConnections.put(group, 'js-vault', name, body)).privateLinkServiceConnectionState.status
}

async function records (zoneId) {
  const configs = [{ name: 'vault', privateDnsZoneId: zoneId }]
  await wait(networks.privateDnsZoneGroups, 'beginCreateOrUpdate', group, 'js-endpoint', 'default', { privateDnsZoneConfigs: configs })
  const found = await every(dns.recordSets.listByType(group, zone, 'A'))
  done.records = found.map(each => [each.name, each.aRecords[0].ipv4Address])
}

await prepare()
const target = await vault()
const net = await network()
const zoneId = await privateZone(net)
done.status = [await endpoint('js-endpoint', net, target, false), await endpoint('js-request', net, target, true)]
done.decided = await decide('Approved')
await records(zoneId)
await wait(networks.privateEndpoints, 'beginDelete', group, 'js-request')
await wait(networks.privateEndpoints, 'beginDelete', group, 'js-endpoint')
done.left = (await every(dns.recordSets.listByType(group, zone, 'A'))).length
await vaults.vaults.delete(group, 'js-vault')
done.deleted = (await every(vaults.vaults.listDeleted())).map(each => each.name)
console.log(JSON.stringify(done))
