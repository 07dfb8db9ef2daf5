#!/usr/bin/env python3
"""Packs folders, one a layer, as a container image in the archive format that `ctr images import` reads.

usage: mkimage.py NAME[,NAME...] ENTRYPOINT OUT FOLDER...
"""
import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import tarfile

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def add(archive, name, content):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def main(names, entrypoint, out, *folders):
    layers = []
    for number, folder in enumerate(folders):
        layer = f"{out}.layer{number}"
        # In order, so that the same folder is the same layer in every image, which a node then unpacks once.
        subprocess.check_call(["tar", "-C", folder, "--sort=name", "--numeric-owner", "-cf", layer, "."])
        layers.append((f"layer{number}.tar", layer))
    config = json.dumps({
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Entrypoint": [entrypoint],
            "WorkingDir": "/",
        },
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(layer) for _, layer in layers]},
    }).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": config_name, "RepoTags": names.split(","), "Layers": [member for member, _ in layers]}]
    with tarfile.open(out, "w") as archive:
        add(archive, config_name, config)
        add(archive, "manifest.json", json.dumps(manifest).encode())
        for member, layer in layers:
            archive.add(layer, member)
            os.remove(layer)


if __name__ == "__main__":
    main(*sys.argv[1:])
