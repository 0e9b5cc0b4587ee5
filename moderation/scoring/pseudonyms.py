"""Replace authors by keyed hashes: the same author gets the same pseudonym, and without the key nobody can go back or guess and check.

A pseudonym is the first 128 bits of HMAC-SHA256 (RFC 2104) of the author's name in UTF-8, as 32 hexadecimal digits.
"""

import hashlib
import hmac
from pathlib import Path

from moderation.errors import InputError

__all__ = ["fingerprint", "pseudonym", "read_key"]

SHORTEST = 16


def read_key(path: Path) -> bytes:
    """The key in a file: its bytes without white space at the end.

    Raises InputError when the file cannot be read or holds fewer than 16 bytes.
    """
    remedy = "make one with: openssl rand -hex 32 > KEYFILE"
    try:
        key = path.read_bytes().rstrip()
    except OSError as error:
        raise InputError(f"the key file cannot be read ({error.strerror})", str(path), remedy) from None
    if len(key) < SHORTEST:
        raise InputError(f"the key has {len(key)} bytes, and needs at least {SHORTEST}", str(path), remedy)
    return key


def pseudonym(author: str, key: bytes) -> str:
    """The pseudonym of `author`.

    >>> pseudonym("Ann", b"sixteen bytes or more")
    '638b452334bb8bbf14b8089d078fdf7b'
    """
    return hmac.digest(key, author.encode("utf-8", "surrogatepass"), hashlib.sha256)[:16].hex()


def fingerprint(key: bytes) -> str:
    """A value that tells keys apart and does not give them away; a manifest keeps it."""
    return hmac.digest(key, b"moderation: fingerprint of this key", hashlib.sha256)[:8].hex()
