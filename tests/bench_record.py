"""Figures of a bench in the small format in which `cargo xtask bench` keeps and compares them."""

import json
import os
import platform
import statistics


def figure(name, unit, rounds, lower_is_better=True):
    """One thing that was measured in some rounds, or in one."""
    return {
        "name": name,
        "unit": unit,
        "median": statistics.median(rounds),
        "least": min(rounds),
        "most": max(rounds),
        "lower_is_better": lower_is_better,
    }


def record(bench, figures):
    """Writes them to the file that the command names; started by hand, nothing is written."""
    path = os.environ.get("BENCH_RECORD")
    if not path:
        return
    run = {
        "bench": bench,
        "machine": f"{platform.system().lower()} {platform.machine()}, {os.cpu_count()} cores",
        "load": f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "",
        "figures": figures,
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(run, file, indent=2)
        file.write("\n")
