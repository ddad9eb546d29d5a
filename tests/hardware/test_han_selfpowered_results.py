"""han-selfpowered: its simulations, and what README, DESIGN and docs say of them."""

import hashlib
import json
import math
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
from bench import ALL, need, results, run, text  # noqa: E402
from board_rules import HARDWARE  # noqa: E402

NAME = "han-selfpowered"
DESIGN = ALL[NAME]
README, RESULTS = text(NAME, "README.md"), results(NAME)


def test_receiver_decoded_every_byte_at_every_level_and_threshold():
    rows = RESULTS["receiver"]
    assert {row["levels"] for row in rows} == {
        "24/12 V", "36/24 V", "26/16 V (Embriq)", "34/22 V (CII)",
    }  # fmt: skip
    assert {5.7, 8.2} <= {row["threshold"] for row in rows}
    assert any(row["noise_v"] >= 0.4 and row["edges_us"] >= 60 for row in rows)
    assert all(row["right"] == row["sent"] > 10 for row in rows)


def test_inrush_stays_within_the_meters_limits_in_every_corner():
    rows = RESULTS["inrush"]
    assert {row["temperature"] for row in rows} == {-25, 25, 60}
    assert {row["corner"] for row in rows} == {"low", "typical", "high"}
    assert {row["store"] for row in rows} == {"empty", "full"}
    for row in rows:
        assert row["steady_ma"] < row["limit_ma"] and row["over_30_us"] < 5


def test_store_carries_every_port_and_a_failed_wifi():
    ports = {row["port"] for row in RESULTS["energy"]}
    assert ports == {"Aidon", "Kaifa", "Landis+Gyr Embriq", "Kamstrup"}
    for row in RESULTS["energy"]:
        assert not row["en_fell"] and row["least_v"] >= 2.80
        steady = row["port"] != "Kamstrup" or row["plan"].startswith("sleep, publish")
        if "publish" in row["plan"]:
            assert (row["wifi_paused"] == 0) == steady, row
    for port in ports:
        plans = {row["plan"] for row in RESULTS["energy"] if row["port"] == port}
        assert {"publish every 2.5 s", "publish every 10 s", "no WiFi, retries"} <= plans
    assert max(RESULTS["smallest_store_f"].values()) <= 1.65 * 0.8
    assert RESULTS["kamstrup_period_s"] <= 60


def test_design_says_what_a_finer_limiter_would_bring():
    design = text(NAME, "DESIGN.md")
    rows = RESULTS["kamstrup_more"]
    assert len(rows) == 5 and rows[0]["period_s"] == RESULTS["kamstrup_period_s"]
    for row in rows:
        assert f"| {row['way']} | {row['supply_mw']} mW | {row['period_s']} s |" in design
    # a reference of 1.24 V in the limiter: what of the power a lock-out 1.5 V lower leaves
    left = 1 - 1.5 / (20.0 * rows[0]["supply_mw"] / rows[1]["supply_mw"])
    assert left == pytest.approx(0.91, abs=0.005)
    assert round(left * rows[3]["supply_mw"]) == 48 and "Kamstrup 48 mW" in design


def _of(ref):
    return board_rules.scaled(DESIGN.parts[ref]["value"])


def test_design_has_the_limiters_figures():
    """Usual: simulated; worst: 0.80 V at -25 degrees and 1 % resistors; 1.5 mA of the receiver,
    0.35 mA of R8."""
    design = text(NAME, "DESIGN.md")
    rows = {
        row["setting"]: row["steady_ma"] for row in RESULTS["inrush"]
        if (row["corner"], row["temperature"], row["store"]) == ("typical", 25, "full")
    }  # fmt: skip
    share, worsts = 0.0, []
    whys = {ref: DESIGN.parts[ref]["why"] for ref in ("R5", "R6", "R7")}
    for ref, setting, words in (
        ("R5", "open (Kamstrup)", "R5 | 200 Ω"), ("R6", "JP2 (Kaifa)", "R5 ∥ R6 | 43.8 Ω"),
        ("R7", "JP2+JP3 (Aidon)", "R5 ∥ R6 ∥ R7 | 32.1 Ω"),
    ):  # fmt: skip
        share += 1 / _of(ref)
        assert f" {580 * share:.1f} mA;" in whys[ref]
        assert float(words.split("| ")[1][:-2]) == pytest.approx(1 / share, rel=0.002)
        found = re.search(
            rf"\| {re.escape(words)} \| ([\d.]+) \+ 1.5 mA \| "
            r"([\d.]+) \+ 1.85 = ([\d.]+) mA \| (\d+) mA",
            design,
        )
        usual, sense, worst, allowed = map(float, found.groups())
        assert usual + 1.5 == pytest.approx(rows[setting], abs=0.12)
        assert sense == pytest.approx(800 * share / 0.99, abs=0.06)
        assert worst == pytest.approx(sense + 1.85, abs=0.06) and worst < allowed
        worsts.append(worst)
    assert worsts == sorted(worsts)


def test_design_has_the_supplys_figures():
    design = " ".join(text(NAME, "DESIGN.md").split())
    on = 1.212 * (1 + _of("R9") / _of("R10"))
    off = 1.144 * (1 + _of("R9") / (_of("R10") + _of("R11")))
    assert f"R9/R10) = {on:.1f} V" in design and f"(R10 + R11)) = {off:.1f} V" in design
    rail = 1.223 * (1 + _of("R13") / _of("R14"))
    assert f"R13/R14) = {rail:.2f} V, {1.03 * rail:.2f} V at most" in design
    # LM5165's peak by 24.9 k: 156 to 206 mA, table 6.5
    assert f"half of it, {180 / 2:.0f} mA" in design
    assert f"({156 / 2:.0f} to {206 / 2:.0f} mA by the chip's spread" in design
    more = (rail**2 - 2.95**2) / (3.3**2 - 2.95**2)
    assert more == pytest.approx(1.5, abs=0.05) and "half as much again" in design
    spread = RESULTS["supervisor_spread_v"]
    assert "on at {:.2f} … {:.2f} V".format(*spread["on"]) in design
    assert "off at {:.2f} … {:.2f} V".format(*spread["off"]) in design
    least = RESULTS["smallest_store_f"]
    words = "{} F (Aidon, Embriq), {} F (Kaifa), {} F (Kamstrup".format(
        least["Aidon"], least["Kaifa"], least["Kamstrup"]
    )
    assert words in design and least["Aidon"] == least["Landis+Gyr Embriq"]
    store = 1 / (1 / _of("C7") + 1 / _of("C8"))
    assert f"{store:g} F at 5.4 V" in design
    # USB: 4.65 V behind D5, half an ohm of cells and regulator; R24's heat at first
    amps = 4.65 / (_of("R24") + 0.5)
    assert amps == pytest.approx(0.44, abs=0.005) and "4.65 V / 10.5 Ω = 440 mA" in design
    assert 0.44**2 * _of("R24") == pytest.approx(1.9, abs=0.05) and "1.9 W at first" in design
    old = [row["vbus_v"] for row in RESULTS["backfeed"] if row["revision"] == "A"]
    assert min(old) >= 2.5 and max(old) < 2.755 and "2.5 … 2.75 V" in design
    assert max(row["vbus_v"] for row in RESULTS["plugged"]) == pytest.approx(8.5, abs=0.05)


def test_power_fail_leaves_time_to_write_the_ledger():
    assert RESULTS["pf_delay_us"] < 20_000
    assert min(row["seconds"] for row in RESULTS["hold_up"]) > 4 * 1.2


def test_simulated_values_are_the_boards():
    """The results on file come from the values on the board: the limiter's ratio tells."""
    steady = {
        row["setting"]: row["steady_ma"]
        for row in RESULTS["inrush"]
        if (row["corner"], row["temperature"], row["store"]) == ("typical", 25, "full")
    }
    # What does not pass the sense resistor is the same in both: the difference goes through R7.
    more = steady["JP2+JP3 (Aidon)"] - steady["JP2 (Kaifa)"]
    volts = more * 1e-3 * board_rules.scaled(DESIGN.parts["R7"]["value"])
    assert 0.52 < volts < 0.68


def test_the_whole_chain_decodes_while_the_supply_runs_in_24_cases():
    rows = RESULTS["end_to_end"]
    assert len({(r["port"], r["threshold"], r["around"]) for r in rows}) == len(rows) == 24
    assert {r["threshold"] for r in rows} == {5.7, 8.2} and len({r["around"] for r in rows}) == 3
    for row in rows:
        assert row["right"] == row["sent"] == 11 and row["margin_bits"] > 0.2, row
        assert row["mark_ma"] < row["limit_ma"] and row["longest_over_30_us"] < 5, row
        assert row["least_bulk_v"] > 15.5 and row["delivered_ma"] > 5, row


def test_usb_unplugged_leaves_vbus_dead():
    """U4's enable hangs on VBUS: low below 0.5 V. Revision A's circuit is seen to fail."""
    rows = RESULTS["backfeed"]
    assert {row["temperature"] for row in rows} == {25, 60}
    assert all(row["vbus_v"] < 0.4 for row in rows if row["revision"] == "B")
    assert all(row["enable_v"] < 0.3 for row in rows if row["revision"] == "B")
    assert min(row["vbus_v"] for row in rows if row["revision"] == "A") > 1.4
    for row in RESULTS["plugged"]:
        assert row["enable_v"] < 6 and row["input_v"] < 6
    assert max(row["vbus_v"] for row in RESULTS["plugged"]) > 6  # what the divider is for


def _again(script):
    """What a script prints as JSON."""
    need("ngspice")
    done = run(script, board=NAME)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _alike(row, other):
    """The same words and integers, and figures within 5 %."""
    return all(
        math.isclose(value, other[name], rel_tol=0.05, abs_tol=0.2)
        if isinstance(value, float)
        else value == other[name]
        for name, value in row.items()
    )


def test_ngspice_repeats_one_end_to_end_case_and_the_back_feed():
    rows = _again(
        "import json, backfeed, endtoend\n"
        "cases = {('JP2+JP3 (Embriq)', 8.2, 'cold, noise, turned')}\n"
        "rows = endtoend.simulate(cases); endtoend.check(rows)\n"
        "back = backfeed.simulate(); backfeed.check(back)\n"
        "print(json.dumps(rows + back))"
    )
    known = RESULTS["end_to_end"] + RESULTS["backfeed"]
    for row in rows:
        assert any(_alike(row, k) for k in known if k.keys() == row.keys()), row


def test_ngspice_repeats_the_inrush_result():
    def key(row):
        return row["setting"], row["corner"], row["temperature"], row["store"]

    known = {key(row): row["steady_ma"] for row in RESULTS["inrush"]}
    for row in _again(
        "import json, inrush\n"
        "rows, _ = inrush.simulate(quick=True); inrush.check(rows); print(json.dumps(rows))"
    ):
        assert math.isclose(row["steady_ma"], known[key(row)], rel_tol=0.02), row


def test_only_the_circuit_names_parts():
    """In test_simulations.py every value is read from the table by it."""
    for file in (DESIGN.folder / "sim").glob("*.py"):
        if file.name != "circuit.py":
            literal = re.search(r"\"[RCL]\d+ \w+ \w+ [\d.]+", file.read_text(encoding="utf-8"))
            assert not literal, (file.name, literal)


def test_heat_stays_below_its_limit_on_every_bus():
    rows = RESULTS["thermal"]
    assert {row["bus_v"] for row in rows} >= {24, 36, 42}
    assert all(row["junction"] <= 135 for row in rows)


def test_readme_says_what_the_simulations_found():
    most = {}
    for row in RESULTS["inrush"]:
        most[row["limit_ma"]] = max(most.get(row["limit_ma"], 0), row["steady_ma"])
    words = "{:.1f} mA no jumper · {:.1f} mA JP2 · {:.1f} mA JP2 + JP3"
    assert words.format(most[6.0], most[21.0], most[30.0]) in README
    assert max(row["over_30_us"] for row in RESULTS["inrush"]) < 1
    first = {row["port"]: row["wifi_after_s"] for row in RESULTS["energy"]}
    minutes = f"{first['Kamstrup'] // 60:.0f} min {first['Kamstrup'] % 60:.0f} s"
    starts = (
        f"Landis+Gyr {first['Aidon']:.0f} s · Kaifa {first['Kaifa']:.0f} s · Kamstrup {minutes}"
    )
    assert starts in README
    power = text("..", "docs", "power.md")
    for words in (minutes, f"| {first['Aidon']:.0f} s |", f"| {first['Kaifa']:.0f} s |"):
        assert words in power
    for row in RESULTS["energy"]:
        assert f"{row['supply_mw']:.0f} mW" in power
    hot = {r["bus_v"]: r["junction"] for r in RESULTS["thermal"] if r["corner"] == "high"}
    assert (
        f"junction {hot[42]} °C at a bus of 42 V and 60 °C around, {hot[24]} °C at 24 V" in README
    )
    for name, value in RESULTS["thresholds"].items():
        if name.startswith("en_"):
            assert f"{value:.2f} V" in README
    case = json.loads(text(NAME, "case", "results.json"))
    assert f"| height | {case['tallest_mm']:.1f} mm (store)" in README
    # every name in the column of proofs is a script
    ratings = README.split("## Ratings")[1].split("## Safety")[0]
    for name in set(re.findall(r"`(\w+)`", ratings)):
        assert (DESIGN.folder / "sim" / f"{name}.py").exists(), name


def test_the_bring_up_table_says_what_the_simulations_found():
    currents = [r["steady_ma"] for r in RESULTS["inrush"] if r["setting"].startswith("open")
                and r["temperature"] == 25]  # fmt: skip
    assert min(currents) >= 4.0 and max(currents) <= 5.5 and "4 … 5.5 mA, never more" in README
    on = {row["port"]: row["en_after_s"] for row in RESULTS["energy"]}
    assert round(on["Kamstrup"] / 60) == 4 and round(on["Aidon"] / 60) == 1
    assert "after 4 min (JP2 + JP3: 1 min)" in README
    rows = RESULTS["backfeed"]
    cold = max(r["vbus_v"] for r in rows if r["revision"] == "B" and r["temperature"] == 25)
    assert cold < 0.1 and "below 0.1 V, hot below 0.4 V" in README


def test_the_whole_licence_lies_with_the_boards_word_for_word():
    """The SHA-256 is that of the SPDX licence list's text of CERN-OHL-P-2.0 ."""
    licence = (HARDWARE / "LICENSE").read_bytes()
    known = "eeecc593866fa1c3b80189c7e3dc0ceb77740557fa92f81771f891cc54c579cb"
    assert hashlib.sha256(licence).hexdigest() == known
    assert "CERN-OHL-P-2.0" in text("NOTICE")


def test_docs_name_the_thresholds_that_the_simulation_used():
    power = text("..", "docs", "power.md")
    for value in RESULTS["thresholds"].values():
        assert f"{value:.2f} V" in power
    assert f"{RESULTS['kamstrup_period_s']} s" in power
