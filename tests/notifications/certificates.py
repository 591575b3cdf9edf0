"""Certificates that nobody has signed but themselves, for mail servers of tests."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from helpdesk.core import clock

HERE = "127.0.0.1"


def self_signed(place: Path, host: str = HERE, days: int = 1) -> Path:
    """A file with a key and its certificate, good for a host and (negative: until) some days."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    known = x509.IPAddress(ipaddress.ip_address(host)) if host == HERE else x509.DNSName(host)
    usage = {"digital_signature": True, "key_cert_sign": True}
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign",
              "encipher_only", "decipher_only")  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
    )
    for extension, critical in (
        (x509.SubjectAlternativeName([known]), False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(**usage, **dict.fromkeys(others, False)), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ):
        builder = builder.add_extension(extension, critical)
    file = place / f"{host}.{days}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return file


def server_side(file: Path) -> ssl.SSLContext:
    """How a server shows it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
