"""Checks a bundle of `scrapy prove` with Python and openssl alone: python3 verify.py BUNDLE.wacz [CA.pem]

CA.pem: the certificates of the time stamp's authority, which you have from the authority itself."""

import json
import subprocess
import sys
import tempfile
import zipfile
from hashlib import sha256
from itertools import pairwise
from pathlib import Path


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"FALSE: {what}")


def main(bundle: str, authority: list[str]) -> None:
    with zipfile.ZipFile(bundle) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    for name in ("SHA256SUMS", "archive/data.warc.gz", "records.txt", "chain.txt", "proof.json", "row.json"):
        check(name in files, f"{name} is missing")
    sums = files.pop("SHA256SUMS").decode("utf-8", "replace").split("\n")[:-1]
    for name, data in files.items():
        check(f"{sha256(data).hexdigest()}  {name}" in sums, f"{name} was changed")
    check(len(sums) == len(files), "SHA256SUMS was changed, or names a file that is missing")
    proof = json.loads(files["proof.json"])
    check(bool(proof["records"]), "proof.json names no record")
    # 1. The records stand in the list of all records of their archive file.
    records, at = set(files["records.txt"].decode().splitlines()), 0
    for record in proof["records"]:
        piece = files["archive/data.warc.gz"][at : at + record["length"]]
        line = f"{record['offset']} {len(piece)} {sha256(piece).hexdigest()}"
        check(line in records, f"the record at byte {record['offset']} is none of {proof['segment']}")
        at += len(piece)
    check(at == len(files["archive/data.warc.gz"]), "archive/data.warc.gz has more than these records")
    # 2. The digest of that list stands in the file's line of the chain.
    chain = files["chain.txt"].decode().splitlines()
    number, _, _, listed, closed_at, segment = chain[0].split("\t")[:6]
    check(listed == sha256(files["records.txt"]).hexdigest(), "records.txt is not what the chain names")
    check(segment == proof["segment"], "the chain begins with another archive file")
    # 3. Each line of the chain holds the digest of the line before it.
    for before, line in pairwise(chain):
        follows = line.split("\t")[1] == sha256(f"{before}\n".encode()).hexdigest()
        check(follows, f"line {line.split(chr(9))[0]} of the chain does not follow from the one before")
    print(f"true: the records lay in {segment}, line {number} of the chain, written {closed_at}")
    # 4. The last line has a time stamp.
    if "stamp.tsr" not in files:
        print("not stamped: compare the last line of chain.txt with one that you know")
        return
    with tempfile.TemporaryDirectory() as folder:
        head, stamp = Path(folder, "head.txt"), Path(folder, "stamp.tsr")
        head.write_text(f"{chain[-1]}\n")
        stamp.write_bytes(files["stamp.tsr"])
        trust = ["-CAfile", *authority] if authority else ["-CApath", "/etc/ssl/certs"]
        ask = ["openssl", "ts", "-verify", "-data", str(head), "-in", str(stamp), *trust]
        done = subprocess.run(ask, capture_output=True, text=True, check=False)
        ask = ["openssl", "ts", "-reply", "-in", str(stamp), "-text"]
        told = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.splitlines()
    check(done.returncode == 0, f"stamp.tsr does not hold: {(done.stderr or done.stdout).strip()[-300:]}")
    print("true: stamped,", next((line for line in told if line.startswith("Time stamp:")), ""))


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:3])
    except Exception as error:
        sys.exit(f"FALSE: the bundle cannot be read: {error!r}")
