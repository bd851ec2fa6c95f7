"""Secrets at rest: encryption of columns, blind indexes to find what is encrypted, digests of tokens.

Each purpose has a key of its own, derived from the installation's secret keys. The newest key encrypts; every key still
decrypts, so that keys can be rotated without a pause.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Vault:
    """Derives keys from the secret keys of an installation (newest first) and works with them."""

    def __init__(self, secret_keys: Sequence[bytes]) -> None:
        if not secret_keys:
            raise ValueError("A vault needs at least one secret key.")
        self._secret_keys = tuple(secret_keys)
        self._ciphers = [AESGCM(_derive(key, b"columns")) for key in secret_keys]
        self._index_key = _derive(secret_keys[-1], b"blind-index")

    def encrypt(self, text: str, *, binding: str) -> bytes:
        """Encrypt `text`; `binding` (table, column, row) must be told again to decrypt, so that cells cannot be swapped."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, text.encode(), binding.encode())

    def decrypt(self, sealed: bytes, *, binding: str) -> str:
        """The text that was encrypted under `binding`; raises ValueError when no key opens it."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(nonce, body, binding.encode()).decode()
            except InvalidTag:
                continue
        raise ValueError("No secret key of this installation opens this value.")

    def sign(self, text: str, *, purpose: str) -> str:
        """A signature of `text` that only this installation can make, with the newest key, for one purpose."""
        return _signature(self._secret_keys[0], text, purpose)

    def is_signed(self, text: str, signature: str, *, purpose: str) -> bool:
        """Whether a key of this installation signed `text` for this purpose; older keys count until they are dropped."""
        if not signature.isascii():
            return False
        made = [_signature(key, text, purpose) for key in self._secret_keys]
        return any(hmac.compare_digest(signature, each) for each in made)

    def blind_index(self, text: str) -> str:
        """A keyed digest that finds an encrypted value without telling it; the oldest key makes it, so it survives rotation."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()


def digest(token: str) -> str:
    """What is stored of a random token: enough to recognise it, useless to whoever reads the table."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signature(key: bytes, text: str, purpose: str) -> str:
    derived = _derive(key, b"signatures:" + purpose.encode())
    signed = hmac.new(derived, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"backoffice:" + purpose).derive(key)
