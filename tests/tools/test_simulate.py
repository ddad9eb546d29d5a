"""kwhisper simulate names every meter there is."""

from typer.testing import CliRunner

from kwhisper_tools import cli
from kwhisper_tools.meters import METERS, mep_meter


def test_every_list_of_meters_has_them_all():
    names = {*METERS, mep_meter.Nes.name}
    for arguments in ([], ["--list"], ["--help"], ["nobody"]):
        output = CliRunner().invoke(cli.make(["simulate"]), ["simulate", *arguments]).output
        words = set(output.replace(",", " ").replace("│", " ").split())
        assert names <= words, arguments
