"""Tuning: scores as alerts have them, values in their bounds, the budget kept, the same answer twice."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from lindung_redflags import alerts
from lindung_redflags.catalogue import load, parameters_from
from lindung_redflags.catalogue.loading import own_files, read
from lindung_redflags.catalogue.model import CLASSES
from lindung_redflags.cli import app
from lindung_redflags.engines import duck
from lindung_redflags.errors import BadInput
from lindung_redflags.reference import Hit
from lindung_redflags.synth import command as synth
from lindung_redflags.tuning import candidates, scoring, search, weights
from lindung_redflags.tuning.worlds import open_world
from tests.test_found import CATALOGUE, ONE, hits_of

ALL = load()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuning") / "world"
    synth(folder, 20_000, 2_000, 5, 0.02)
    return folder


def test_scores_are_those_of_alerts(world: Path) -> None:
    opened = open_world(world)
    wanted = [one for one in ALL if one.computed]
    found = duck.hits(opened.connection, ALL, ALL.grids, wanted)
    made = scoring.score(dict(zip([one.id for one in wanted], opened.moments(ALL, wanted), strict=True)), ALL)
    held = made.held_back(20)
    mine = sorted(
        (int(a), CLASSES[c], int(first), int(last), int(score), bool(h))
        for a, c, first, last, score, h in zip(
            made.a, made.subject, made.first, made.last, made.score, held, strict=True
        )
    )
    theirs = sorted(
        (one.a, one.subject, one.first, one.last, one.score, one.held_back) for one in alerts.episodes(found, ALL, 20)
    )
    assert mine == theirs
    assert any(one[4] >= 20 for one in mine)
    opened.connection.close()


@settings(max_examples=150, deadline=None)
@given(st.lists(ONE, max_size=30).map(hits_of), st.sampled_from([15, 30, 45]))
def test_what_is_held_back_is_what_alerts_hold_back(hits: list[Hit], threshold: int) -> None:
    moments = {
        name: scoring.Moments(*(np.array([getattr(hit, what) for hit in hits if hit.indicator == name], dtype=np.int64)
            for what in ("a", "at")))
        for name in CATALOGUE.indicators
    }  # fmt: skip
    made = scoring.score(moments, CATALOGUE)
    columns = (made.a, made.subject, made.first, made.last, made.score, made.held_back(threshold))
    mine = [(int(a), CLASSES[c], *map(int, some), bool(h)) for a, c, *some, h in zip(*columns, strict=True)]
    assert sorted(mine) == sorted(
        (one.a, one.subject, one.first, one.last, one.score, one.held_back)
        for one in alerts.episodes(hits, CATALOGUE, threshold)
    )


def test_every_value_that_is_tried_lies_in_its_bounds() -> None:
    tried = 0
    for pk, name in candidates.places(ALL, set(ALL.indicators)):
        entry = ALL.indicators[pk].raw["parameters"][name]
        for value in candidates.around(ALL.indicators[pk], name):
            assert Fraction(str(entry.get("min", 0))) <= value
            assert "max" not in entry or value <= Fraction(str(entry["max"]))
            assert value != ALL.indicators[pk].parameters[name]
            tried += 1
    assert tried > 200


def test_tuning_finds_more_keeps_to_the_budget_and_says_the_same_twice(world: Path, tmp_path: Path) -> None:
    made = [search.tune([world], ALL, 1_000, only=["R01", "R04", "P04"], sweeps=1) for _ in range(2)]
    assert made[0] == made[1]
    one = made[0]
    assert one.given
    assert one.after.points > one.before.points
    assert one.after.suspects[0] <= 20
    path = tmp_path / "params.yaml"
    search.write(one, path, [world], 1_000, ALL.version)
    assert f"--threshold {one.threshold}" in path.read_text()
    again = load([], parameters_from(path))
    for (pk, name), value in one.given.items():
        assert again.indicators[pk].parameters[name] == value


def test_without_labels_only_the_threshold_is_chosen(world: Path) -> None:
    one = search.tune([world], ALL, 500, labelled=False)
    assert one.given == {}
    assert one.after.suspects[0] <= 10
    assert one.threshold > 0


def test_what_is_missing_is_named(world: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"transactions\.parquet"):
        search.tune([tmp_path], ALL, 100)
    with pytest.raises(BadInput, match="R99"):
        search.tune([world], ALL, 100, only=["R99"])


def test_an_empty_world_has_no_alerts() -> None:
    made = scoring.score({"R01": scoring.NONE}, ALL)
    assert len(made.a) == 0
    assert not np.any(made.held_back(1))


def _weighed(world: Path) -> weights.Weighed:
    return weights.tune([world], ALL, 1_000, starts=2)


def test_weights_are_worth_more_than_before_lie_in_their_bounds_and_come_out_the_same_twice(world: Path) -> None:
    one = _weighed(world)
    assert one == _weighed(world)
    assert sum(one.points) > sum(one.before)
    for name, weight in one.weights.items():
        indicator = ALL.indicators[name]
        assert weights.floor(indicator) <= weight <= weights.MOST
        assert name not in weights.NEVER_ALONE or weight < alerts.THRESHOLD
    assert set(one.weights) <= {each.id for each in ALL if each.computed}


def test_weights_are_counted_as_alerts_count_them(world: Path) -> None:
    opened = open_world(world)
    ran = sorted(one.id for one in ALL if one.computed and one.id != "R14")
    hits = duck.hits(opened.connection, ALL, ALL.grids, [ALL.indicators[name] for name in ran])
    right, wrong = set(), 0
    for one in alerts.episodes(hits, ALL, 15):
        if one.alerts:
            known = opened.known.get(one.a)
            if known and known.pattern and known.side == one.subject:
                right.add((one.a, one.subject))
            else:
                wrong += 1
    found = innocent = 0
    for victims in (False, True):
        made = weights.matrix([opened], ALL, ran, victims, 1_000)
        now = np.array([ALL.indicators[name].weight for name in made.names], dtype=np.int64)
        found += int(made.found(now, 15).sum())
        innocent += made.alerts(now, 15)[0]
    assert (found, innocent) == (len(right), wrong)
    assert found > 5
    assert innocent > 0
    opened.connection.close()


def test_weights_are_written_and_put_into_a_folder(world: Path, tmp_path: Path) -> None:
    for path in own_files():
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    out = tmp_path / "weights.txt"
    told = CliRunner().invoke(
        app,
        ["tune", str(world), f"--out={out}", "--budget=1000", "--weights", "--starts=1", f"--into={tmp_path}"],
    )
    assert told.exit_code == 0, told.output
    written = {name: int(weight) for name, weight in yaml.safe_load(out.read_text()).items()}
    assert all(read(tmp_path / f"{name}.yaml")[0]["weight"] == weight for name, weight in written.items())
    assert any(ALL.indicators[name].weight != weight for name, weight in written.items())
    refused = CliRunner().invoke(app, ["tune", str(world), "--out", str(out), "--weights", "--unlabelled"])
    assert refused.exit_code != 0
    assert isinstance(refused.exception, BadInput)
