"""Chromium for the browser tests: there, or installed where allowed, or named as left out."""

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Where there is no network, say so soon.
PATIENCE = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10")


def main() -> int:
    """Never fails: the tests that need a browser say themselves that they were left out."""
    if shutil.which("chromium-headless-shell"):
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = "install -y --no-install-recommends chromium-headless-shell"
        for command in ("update", packages):
            subprocess.run(
                ["apt-get", "-qq", *PATIENCE, *command.split()],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                env=environment,
            )
    if not any(map(shutil.which, BROWSERS)):
        print("No Chromium here: the browser tests are left out.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
