"""What runs Kabar elsewhere: manifests and compose file against their schemas, the image's recipe against the package.

What the recipe copies, installs and starts is looked at one by one; `test_image.py` builds it where a builder is.
"""

from __future__ import annotations

import json
import re
import shlex
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

from tests.kit.running import CHECKOUT, FIXTURES, scrapy

DEPLOY = CHECKOUT / "deploy"
MANIFESTS = sorted(path for path in DEPLOY.glob("*.yaml") if path.name != "compose.yaml")
SCHEMAS = FIXTURES / "schemas"
OF_KIND = {
    "Job": "io.k8s.api.batch.v1.Job",
    "CronJob": "io.k8s.api.batch.v1.CronJob",
    "PersistentVolumeClaim": "io.k8s.api.core.v1.PersistentVolumeClaim",
}


@cache
def valid(kind: str) -> Any:
    """The check of one kind of a manifest, by Kubernetes' own schema, which allows no unknown key."""
    whole = json.loads((SCHEMAS / "kubernetes-1.37.json").read_text("utf-8"))
    return fastjsonschema.compile(whole | {"$ref": f"#/definitions/{OF_KIND[kind]}"})


def documents(path: Path) -> list[dict[str, Any]]:
    return [*yaml.safe_load_all(path.read_text("utf-8"))]


def pods() -> list[tuple[str, dict[str, Any]]]:
    """(File, the pod's spec) of all jobs."""
    found = []
    for path in MANIFESTS:
        for each in documents(path):
            spec = each["spec"]
            spec = spec["jobTemplate"]["spec"] if each["kind"] == "CronJob" else spec
            if "template" in spec:
                found.append((path.name, spec["template"]["spec"]))
    return found


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: str(path.name))
def test_a_manifest_is_what_kubernetes_takes(path: Path) -> None:
    """Every document in it, by the schema of its kind."""
    found = documents(path)
    assert found
    for each in found:
        valid(each["kind"])(each)


def test_a_misspelt_key_is_found() -> None:
    """The schemas are strict, or the test above would say nothing."""
    (job,) = documents(DEPLOY / "ingest-job.yaml")
    job["spec"]["completionsMode"] = job["spec"].pop("completionMode")
    with pytest.raises(fastjsonschema.JsonSchemaException, match="completionsMode"):
        valid("Job")(job)


def test_the_compose_file_is_one() -> None:
    """By the schema of the compose specification; a crawler, an explorer and an object store."""
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    fastjsonschema.compile(json.loads((SCHEMAS / "compose-spec.json").read_text("utf-8")))(found)
    assert [*found["services"]] == ["crawler", "explorer", "store"]


@pytest.mark.parametrize(("name", "pod"), pods(), ids=lambda value: value if isinstance(value, str) else "")
def test_pods_are_nobody_and_name_their_volumes(name: str, pod: dict[str, Any]) -> None:
    """Not root, no privileges, memory bounded, and every mount has its volume."""
    assert pod["securityContext"]["runAsNonRoot"] is True
    volumes = {each["name"] for each in pod["volumes"]}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert {each["name"] for each in container["volumeMounts"]} == volumes


def test_the_indexed_job_reads_every_part_once(tmp_path: Path) -> None:
    """Its indices from 0 are the parts from 1 of as many as it has; the command line is ours."""
    (job,) = documents(DEPLOY / "ingest-job.yaml")
    spec = job["spec"]
    (line,) = spec["template"]["spec"]["containers"][0]["args"]
    number, of = re.search(r"--shard \$\(\((.+)\)\)/(\d+)", line).groups()  # type: ignore[union-attr]
    indices = range(spec["completions"])
    parts = [eval(number, {"JOB_COMPLETION_INDEX": index}) for index in indices]
    assert parts == [*range(1, int(of) + 1)]
    (tmp_path / "berita.txt").write_text("Dermaga diperbaiki warga.", encoding="utf-8")
    words = shlex.split(re.sub(r"\$\(\(.+\)\)", "1", line).removeprefix("exec kabar "))
    words = [
        {"/parts": str(tmp_path / "bagian"), "/archives": str(tmp_path)}.get(word, word) for word in words
    ]
    assert "part 1 of 64" in scrapy(*words, DATA_DIR=tmp_path / "data").succeeded().out


# --- the image ----------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """(Instruction, the rest) of the recipe, lines joined."""
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_is_nobody_s_with_a_volume_and_a_health_check() -> None:
    """It harvests by default, and what comes after its name is another command of ours."""
    found = dict(instructions())
    assert found["USER"] == "10001"
    assert (found["VOLUME"], found["ENV"]) == ("/data", "KABAR_DATA_DIR=/data")
    assert json.loads(found["ENTRYPOINT"]) + json.loads(found["CMD"]) == ["kabar", "harvest"]
    assert json.loads(found["HEALTHCHECK"].partition("CMD ")[2]) == ["kabar", "doctor"]
    assert [name for name, _ in instructions()].index("USER") > [name for name, _ in instructions()].index(
        "RUN"
    )
    copied = [
        word for name, rest in instructions() if name == "COPY" for word in rest.split()[:-1] if word != "."
    ]
    assert copied == ["requirements.txt", "requirements-build.txt"]


def test_the_image_has_all_that_the_package_is_made_of() -> None:
    """And neither data nor an environment: what is left out is left out by name."""
    lines = (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    made_of = {"crawler", "pipelines", "storage", "LICENSE", "README.md", "pyproject.toml"}
    assert kept == made_of | {"requirements.txt", "requirements-build.txt"}
    assert all((CHECKOUT / name).exists() for name in kept)
    assert "*" in lines
    assert not any(fnmatch("data", name) for name in kept)
