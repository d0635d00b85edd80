# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entra ID: discovery documents and the token endpoint, with the AADSTS errors that clients meet."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from emulator.access import Principal
from emulator.errors import Json
from emulator.tokens import LIFETIME, TokenError

if TYPE_CHECKING:
    from emulator.core import Emulator

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""The public client that user sign-ins use."""

_CHANGED = "Due to a configuration change made by your administrator, or because you moved to a new location, you must"
REFUSALS = {
    50055: "The password is expired.",
    50057: "The user account is disabled.",
    50076: f"{_CHANGED} use multi-factor authentication to access '{{resource}}'.",
    50079: f"{_CHANGED} enroll in multi-factor authentication to access '{{resource}}'.",
    53003: "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    65001: (
        "The user or administrator has not consented to use the application with ID '{client}' named '{client}'. "
        "Send an interactive authorization request for this user and resource."
    ),
}
"""Why a user is turned away whose password is right."""


class EntraError(Exception):
    """An error answer of the token endpoint."""

    def __init__(self, status: int, error: str, number: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.number = number


def error_body(emulator: Emulator, base: str, problem: EntraError, correlation: str) -> Json:
    trace, moment = str(uuid.uuid4()), emulator.clock.text().replace("T", " ")
    return {
        "error": problem.error,
        "error_description": f"AADSTS{problem.number}: {problem} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
        "error_codes": [problem.number],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"{base}/error?code={problem.number}",
    }


def openid_configuration(emulator: Emulator, base: str, tenant: str, version: str) -> Json:
    """The document under ``/<tenant>[/v2.0]/.well-known/openid-configuration``."""
    real = emulator.tenant_of(tenant)
    if real is None:
        raise _no_tenant(tenant)
    root = f"{base}/{real}"
    oauth = f"{root}/oauth2/v2.0" if version else f"{root}/oauth2"
    return {
        "token_endpoint": f"{oauth}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{root}/discovery/v2.0/keys" if version else f"{base}/common/discovery/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{root}/v2.0" if version else f"https://sts.windows.net/{real}/",
        "authorization_endpoint": f"{oauth}/authorize",
        "device_authorization_endpoint": f"{oauth}/devicecode",
        "end_session_endpoint": f"{oauth}/logout",
        "tenant_region_scope": "EU",
        "cloud_instance_name": base.split("//", 1)[1],
        "msgraph_host": "graph.microsoft.com",
    }


def instance_discovery(base: str, tenant: str) -> Json:
    host = base.split("//", 1)[1]
    return {
        "tenant_discovery_endpoint": f"{base}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }


def user_realm(username: str) -> Json:
    return {
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": username.partition("@")[2],
        "cloud_instance_name": "microsoftonline.com",
    }


def token(emulator: Emulator, base: str, tenant: str, form: Mapping[str, str], authorization: str | None) -> Json:
    """The answer of the token endpoint, for version 1 (``resource``) and version 2 (``scope``) alike."""
    real = emulator.tenant_of(tenant)
    if real is None:
        raise _no_tenant(tenant)
    grant = form.get("grant_type", "")
    if grant == "client_credentials":
        return _answer(emulator, base, _application(emulator, base, real, form, authorization), form, delegated=False)
    if grant == "password":
        return _answer(emulator, base, _user(emulator, real, form), form, delegated=True)
    if grant == "refresh_token":
        return _answer(emulator, base, _refreshed(emulator, real, form), form, delegated=True)
    raise EntraError(400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'.")


def _answer(emulator: Emulator, base: str, principal: Principal, form: Mapping[str, str], *, delegated: bool) -> Json:
    audience, scopes = _audience(form)
    answer: Json = {
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "ext_expires_in": LIFETIME,
        "access_token": emulator.tokens.access_token(principal, audience, delegated=delegated),
    }
    if "resource" in form:
        answer |= {"resource": audience, "expires_on": str(int(emulator.clock.now()) + LIFETIME), "expires_in": str(LIFETIME)}
    if delegated:
        answer |= _user_parts(emulator, base, principal, form, scopes)
    return answer


def _user_parts(emulator: Emulator, base: str, principal: Principal, form: Mapping[str, str], scopes: list[str]) -> Json:
    """What a signed-in user gets besides the token: id token, refresh token, client info."""
    now = int(emulator.clock.now())
    id_claims = {
        "aud": form.get("client_id", AZURE_CLI),
        "iss": f"{base}/{principal.tenant}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "name": principal.name,
        "oid": principal.object_id,
        "sub": principal.object_id,
        "tid": principal.tenant,
        "preferred_username": principal.username,
        "ver": "2.0",
    }
    refresh = {
        "typ": "refresh",
        "oid": principal.object_id,
        "tid": principal.tenant,
        "aud": "refresh",
        "iss": base,
        "nbf": now,
        "exp": now + 90 * 86400,
    }
    info = json.dumps({"uid": principal.object_id, "utid": principal.tenant}).encode()
    return {
        "scope": " ".join(each for each in scopes if each not in ("openid", "profile", "offline_access")),
        "id_token": emulator.tokens.sign(id_claims),
        "refresh_token": emulator.tokens.sign(refresh),
        "foci": "1",
        "client_info": base64.urlsafe_b64encode(info).rstrip(b"=").decode(),
    }


def _audience(form: Mapping[str, str]) -> tuple[str, list[str]]:
    """The audience asked for: ``resource`` as it is, of ``<audience>/.default`` the part before the last slash."""
    if form.get("resource"):
        return form["resource"], []
    scopes = form.get("scope", "").split()
    wanted = [each for each in scopes if each not in ("openid", "profile", "offline_access", "email")]
    if not wanted:
        raise EntraError(400, "invalid_request", 900144, "The request body must contain the following parameter: 'scope'.")
    audience, _unused, permission = wanted[0].rpartition("/")
    if not audience or (form.get("grant_type") == "client_credentials" and permission != ".default"):
        raise EntraError(
            400,
            "invalid_scope",
            1002012,
            f"The provided value for scope {wanted[0]} is not valid. Client credential flows "
            "must have a scope value with /.default suffixed to the "
            "resource identifier (application ID URI).",
        )
    return audience, scopes


def _no_tenant(tenant: str) -> EntraError:
    return EntraError(
        400,
        "invalid_request",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    )


def _no_application(tenant: str, client: str) -> EntraError:
    return EntraError(
        400,
        "unauthorized_client",
        700016,
        f"Application with identifier '{client}' was not found in the directory '{tenant}'. "
        "This can happen if the application has not been installed by "
        "the administrator of the tenant or consented to by any user in the tenant. You may "
        "have sent your authentication request to the wrong tenant.",
    )


def _application(emulator: Emulator, base: str, tenant: str, form: Mapping[str, str], authorization: str | None) -> Principal:
    client, secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret"))
    principal = emulator.principal(tenant, client)
    if principal is None:
        raise _no_application(tenant, client)
    if form.get("client_assertion"):
        _check_assertion(emulator, base, principal, form)
    elif secret is None:
        raise EntraError(
            401, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        )
    elif not (principal.secret and hmac.compare_digest(secret.encode(), principal.secret.encode())):
        raise EntraError(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request "
            "is the client secret value, not the client secret ID, "
            f"for a secret added to app '{client}'.",
        )
    return principal


def _basic(authorization: str | None) -> tuple[str, str] | None:
    """Client id and secret of HTTP basic authentication."""
    kind, _unused, value = (authorization or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client, _unused, secret = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return None
    return unquote_plus(client), unquote_plus(secret)


def _check_assertion(emulator: Emulator, base: str, principal: Principal, form: Mapping[str, str]) -> None:
    """A JWT signed with a certificate of the application, or one of an issuer that the application trusts."""
    assertion = form["client_assertion"]
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise EntraError(400, "invalid_request", 900144, "The request body must contain the following parameter: 'client_assertion_type'.")
    try:
        unverified = jwt.decode(assertion, options={"verify_signature": False})
        header = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError:
        raise EntraError(401, "invalid_client", 50027, "JWT token is invalid or malformed.") from None
    if unverified.get("iss") == principal.client_id:
        _check_certificate(emulator, base, principal, assertion, header)
    else:
        _check_federated(emulator, principal, assertion, unverified)


def _check_certificate(emulator: Emulator, base: str, principal: Principal, assertion: str, header: Json) -> None:
    for pem in principal.certificates:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        if not _thumbprint_matches(certificate, header):
            continue
        claims = _verified(emulator, assertion, certificate.public_key())
        audience = str(claims.get("aud", "")) if claims else ""
        if claims and claims.get("sub") == principal.client_id and audience.startswith(f"{base}/{principal.tenant}/"):
            return
        raise EntraError(
            401, "invalid_client", 700027, "Client assertion failed signature validation, has expired, or is meant for another audience."
        )
    raise EntraError(
        401,
        "invalid_client",
        700027,
        f"The certificate with identifier used to sign the client assertion is not registered on application '{principal.client_id}'.",
    )


def _thumbprint_matches(certificate: x509.Certificate, header: Json) -> bool:
    for name, digest in (("x5t", hashes.SHA1()), ("x5t#S256", hashes.SHA256())):
        value = base64.urlsafe_b64encode(certificate.fingerprint(digest)).rstrip(b"=").decode()
        if str(header.get(name, "")).rstrip("=") == value:
            return True
    return False


def _check_federated(emulator: Emulator, principal: Principal, assertion: str, unverified: Json) -> None:
    for trust in principal.federated:
        if trust["issuer"] == unverified.get("iss") and trust["subject"] == unverified.get("sub"):
            claims = _verified(emulator, assertion, serialization.load_pem_public_key(trust["key"].encode()))
            if claims and trust.get("audience", "api://AzureADTokenExchange") in (claims.get("aud"), *_list(claims.get("aud"))):
                return
            raise EntraError(
                401,
                "invalid_client",
                700024,
                "Client assertion is not within its valid time range, its signature or its audience is wrong.",
            )
    raise EntraError(
        401,
        "invalid_client",
        70021,
        f"No matching federated identity record found for presented assertion. Assertion Issuer: '{unverified.get('iss')}'. "
        f"Assertion Subject: '{unverified.get('sub')}'. Assertion Audience: '{unverified.get('aud')}'.",
    )


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _verified(emulator: Emulator, assertion: str, key: Any) -> Json | None:
    """The claims of an assertion, None unless its signature and times are right."""
    try:
        claims: Json = jwt.decode(
            assertion, key, algorithms=["RS256", "PS256", "ES256"], options={"verify_aud": False, "verify_exp": False, "verify_nbf": False}
        )
    except jwt.PyJWTError:
        return None
    now = emulator.clock.now()
    return claims if claims.get("exp", 0) > now and claims.get("nbf", 0) <= now + 300 else None


def _user(emulator: Emulator, tenant: str, form: Mapping[str, str]) -> Principal:
    name, client = form.get("username", "").lower(), form.get("client_id", "")
    if client.lower() != AZURE_CLI:
        application = emulator.principal(tenant, client)
        if application is None:
            raise _no_application(tenant, client)
        if not application.public and not form.get("client_secret"):
            raise EntraError(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
    for principal in emulator.principals:
        if principal.tenant == tenant and principal.username and principal.username.lower() == name:
            if not hmac.compare_digest(form.get("password", "").encode(), principal.password.encode()):
                raise EntraError(400, "invalid_grant", 50126, "Error validating credentials due to invalid username or password.")
            if principal.refusal:
                text = REFUSALS[principal.refusal].format(client=client, resource=_audience(form)[0])
                raise EntraError(400, "invalid_grant", principal.refusal, text)
            return principal
    raise EntraError(400, "invalid_grant", 50034, f"The user account {form.get('username')} does not exist in the {tenant} directory.")


def _refreshed(emulator: Emulator, tenant: str, form: Mapping[str, str]) -> Principal:
    try:
        claims = emulator.tokens.verify(form.get("refresh_token", ""), ("refresh",))
    except TokenError as problem:
        raise EntraError(400, "invalid_grant", 70000, "The provided value for the 'refresh_token' parameter is not valid.") from problem
    for principal in emulator.principals:
        if principal.tenant == tenant and principal.object_id == claims["oid"]:
            return principal
    raise EntraError(400, "invalid_grant", 700082, "The refresh token has expired due to inactivity.")


def thumbprint(pem: str) -> str:
    """The SHA-1 thumbprint that Azure shows for a certificate."""
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
