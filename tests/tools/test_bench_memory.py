"""`kwhisper bench memory`: every module counts once, at what it takes."""

import json

import pytest
from typer.testing import CliRunner

from kwhisper_tools import cli
from kwhisper_tools.bench import memory
from kwhisper_tools.build import tree
from kwhisper_tools.host import esp32_model


@pytest.fixture(scope="module")
def costs(micropython32):
    return memory.measure()


def test_every_module_of_the_tree_is_counted_once(costs):
    names = [row.module for row in costs.rows]
    assert len(names) == len(set(names))
    for path in tree.make(tree.CHIPS["esp32"]).files:
        if path.startswith(("kwhisper/", "lib/meterwire/")) and path.endswith(".mpy"):
            module = path.removesuffix(".mpy").removesuffix("/__init__").removeprefix("lib/")
            assert module.replace("/", ".") in names


def test_a_module_takes_about_what_its_file_holds(costs, tmp_path):
    made = tree.make(tree.CHIPS["esp32"]).files
    sizes = {row.module: row.heap for row in costs.rows}
    assert 0.5 < sizes["kwhisper.mqtt.client"] / len(made["kwhisper/mqtt/client.mpy"]) < 2
    groups = [group for group in costs.names if group != memory.WHEN_NEEDED]
    mine = sum(row.heap for row in costs.rows if row.group in groups)
    assert costs.heap(groups) == esp32_model.FIXED + mine + esp32_model.name_tables(
        costs.names[groups[-1]]
    )


def test_machine_code_is_that_of_the_chip(costs):
    told = sum(row.code for row in costs.rows)
    assert told == tree.make(tree.CHIPS["esp32"]).machine_code()


def test_the_tables_of_names_double():
    assert [esp32_model.name_tables(n) for n in (0, 1, 20, 21, 60, 61)] == [
        0,
        164,
        164,
        468,
        468,
        1052,
    ]


def test_the_command_tells_the_modules_of_the_set_up(micropython32):
    arguments = ["bench", "memory", "--mode", "setup", "--json"]
    done = CliRunner().invoke(cli.make(arguments), arguments)
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.output.splitlines()]
    assert "microdot" in {row["module"] for row in rows if row["group"] == "setup mode"}
