# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed tokens: the key pair of the emulated Entra ID, what it issues, and how ARM and the vaults check it."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from emulator.access import Principal
from emulator.errors import ArmError, Json
from emulator.operations import Clock

LIFETIME = 3599
MOST_AUXILIARY = 3
"""Tokens of further tenants that ARM takes with one request."""


class TokenError(Exception):
    """Why a token is not accepted; ``code`` is one of ARM's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def load_key(path: Path) -> rsa.RSAPrivateKey:
    """The private key kept in a file, made at the first start."""
    if path.exists():
        found = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(found, rsa.RSAPrivateKey):
            return found
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.touch(mode=0o600)
    path.write_bytes(pem)
    return key


class Tokens:
    """Issues and checks RS256 tokens."""

    def __init__(self, key: rsa.RSAPrivateKey, clock: Clock) -> None:
        self._key = key
        self._public = key.public_key()
        self._clock = clock
        numbers = self._public.public_numbers()
        self._n = _base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"))
        self._e = _base64url(numbers.e.to_bytes(3, "big"))
        thumb = json.dumps({"e": self._e, "kty": "RSA", "n": self._n}, separators=(",", ":"), sort_keys=True)
        self.kid = _base64url(hashlib.sha256(thumb.encode()).digest())[:27]
        self._seen: dict[str, Json] = {}

    def jwks(self, issuer: str) -> Json:
        return {"keys": [{"kty": "RSA", "use": "sig", "kid": self.kid, "x5t": self.kid, "n": self._n, "e": self._e, "issuer": issuer}]}

    def sign(self, claims: Json) -> str:
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.kid, "x5t": self.kid})

    def access_token(self, principal: Principal, audience: str, *, delegated: bool = False, lifetime: int = LIFETIME) -> str:
        """A token as Entra ID issues it for ARM: version 1.0, issued by ``sts.windows.net``."""
        now = int(self._clock.now())
        claims: Json = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{principal.tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "aio": _base64url(uuid.uuid4().bytes),
            "appid": principal.client_id,
            "oid": principal.object_id,
            "sub": principal.object_id,
            "tid": principal.tenant,
            "uti": _base64url(uuid.uuid4().bytes),
            "ver": "1.0",
        }
        if delegated:
            claims |= {
                "idtyp": "user",
                "scp": "user_impersonation",
                "upn": principal.username,
                "unique_name": principal.username,
                "appidacr": "0",
            }
        else:
            claims |= {"idtyp": "app", "appidacr": "1", "idp": claims["iss"]}
        return self.sign(claims)

    def verify(self, token: str, audiences: tuple[str, ...]) -> Json:
        """The claims of a token that was signed here, has begun, has not ended and is meant for this audience."""
        claims = self._seen.get(token)
        if claims is None:
            claims = self._decode(token)
            if len(self._seen) > 1000:
                self._seen.clear()
            self._seen[token] = claims
        now = self._clock.now()
        if claims["exp"] < now:
            raise TokenError(
                "ExpiredAuthenticationToken",
                f"The access token expiry UTC time '{self._clock.text(moment=claims['exp'])}' "
                f"is earlier than current UTC time '{self._clock.text()}'.",
            )
        if claims["nbf"] > now + 300:
            raise TokenError("InvalidAuthenticationToken", "The access token is not valid yet.")
        if claims["aud"] not in audiences:
            allowed = ",".join(f"'{each}'" for each in audiences)
            raise TokenError(
                "InvalidAuthenticationTokenAudience",
                f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. "
                f"It should exactly match with one of the allowed audiences {allowed}.",
            )
        return claims

    def _decode(self, token: str) -> Json:
        options: Any = {
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
            "verify_aud": False,
            "require": ["exp", "nbf", "aud", "iss", "tid"],
        }
        try:
            claims: Json = jwt.decode(token, self._public, algorithms=["RS256"], options=options)
        except jwt.PyJWTError:
            raise TokenError("InvalidAuthenticationToken", "The access token is invalid.") from None
        return claims


def bearer(header: str | None) -> str | None:
    """The token of an Authorization header."""
    kind, _unused, token = (header or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def auxiliary(header: str | None) -> list[str]:
    """The tokens of an ``x-ms-authorization-auxiliary`` header: up to three, each with its ``Bearer``.

    Clients separate them with commas, the documentation with semicolons. second-hand: the code, which is that of a request's own token
    that is not valid (azure-sdk-for-java#1714); the texts are this emulator's.
    """
    parts = [each.strip() for each in (header or "").replace(";", ",").split(",") if each.strip()]
    found = [token for token in map(bearer, parts) if token]
    if len(found) != len(parts):
        raise TokenError(
            "InvalidAuthenticationToken", "Authentication failed for auxiliary token: the scheme of each token has to be 'Bearer'."
        )
    if len(found) > MOST_AUXILIARY:
        text = (
            f"Authentication failed for auxiliary token: the request has '{len(found)}' "
            f"auxiliary tokens, and no more than {MOST_AUXILIARY} are allowed."
        )
        raise TokenError("InvalidAuthenticationToken", text)
    return found


def challenge(base: str, tenant: str, error: TokenError) -> ArmError:
    """ARM's 401."""
    header = f'Bearer authorization_uri="{base}/{tenant}", error="invalid_token", error_description="{error}"'
    return ArmError(401, error.code, str(error), headers={"WWW-Authenticate": header})
