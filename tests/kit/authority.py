"""A time stamp authority on this machine: openssl's, behind the loopback server."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.kit.loopback import Answer, Asked, Loopback

CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[stamping]
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """Answers at `path` of a server. `is_down`: it does not, as yet."""

    folder: Path
    server: Loopback
    is_down: bool = False
    path: str = "/tsa"

    @classmethod
    def make(cls, folder: Path, server: Loopback) -> Authority:
        """With a key, and a certificate that its own root has signed."""
        folder.mkdir()
        (folder / "openssl.cnf").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        new = ("req", "-new", "-newkey", "rsa:2048", "-nodes", "-config", "openssl.cnf")
        for words in (
            (*new, "-x509", "-days", "30", "-subj", "/CN=Akar", "-extensions", "ca", "-keyout", "ca.key", "-out", "ca.pem"),
            (*new, "-subj", "/CN=Stempel", "-keyout", "tsa.key", "-out", "tsa.csr"),
            ("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
             "-extfile", "openssl.cnf", "-extensions", "stamping", "-out", "tsa.pem"),
        ):  # fmt: skip
            subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
        made = cls(folder, server)
        server.pages[made.path] = made._answer
        return made

    @property
    def url(self) -> str:
        return self.server.url(self.path)

    @property
    def root(self) -> Path:
        """The certificate that whoever checks a stamp trusts."""
        return self.folder / "ca.pem"

    def _answer(self, asked: Asked) -> Answer:
        if self.is_down:
            return Answer(status=503)
        query, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
        query.write_bytes(asked.body)
        words = [
            "openssl",
            "ts",
            "-reply",
            "-config",
            "openssl.cnf",
            "-section",
            "here",
            "-queryfile",
            query.name,
            "-out",
            reply.name,
        ]
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True)
        return Answer(reply.read_bytes(), content_type="application/timestamp-reply")
