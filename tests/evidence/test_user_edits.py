"""Own numbers: they change what they should, are marked, and travel whole; what cannot be is refused by name."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from model.__main__ import main
from model.engine.engine import Engine
from model.errors import EvidenceError
from model.evidence.loading import load_evidence
from model.evidence.overlay import Overlay
from model.evidence.schema import METHOD, REASON_LENGTH, Edit
from model.evidence.store import Evidence
from model.evidence.user_edits import MOST, NO_REASON, as_rows, from_table, read_edits, scenario_edits, table
from model.export.files import scenario_yaml
from model.export.link.link_format import OWN_LENGTH, Link
from model.export.link.link_reading import decode
from model.export.link.link_writing import left_out, parameters
from model.export.link.url_codec import squeezed
from model.export.link.user_edits_codec import packed, unpacked
from model.export.pack.pack import pack
from model.export.pack.verify import verify
from model.formulation.levers import Choice, read_scenario


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load_evidence()


def some_fact(evidence: Evidence) -> str:
    """A price of magnets that the mix rests on."""
    return next(iter(next(iter(evidence.routes["china_magnets"].price.values())).values()))


def edit_of(evidence: Evidence, name: str, times: float) -> Edit:
    return Edit(fact=name, value=evidence.value(name) * times, reason="a quote of this week")


def base_fact(evidence: Evidence) -> str:
    """The first fact behind that price that is not derived."""
    from model.evidence.formulas import names_in

    name = some_fact(evidence)
    while evidence.facts[name].formula:
        name = names_in(str(evidence.facts[name].formula))[0]
    return name


def test_an_own_number_changes_the_fact_its_version_and_what_is_derived_from_it(evidence: Evidence) -> None:
    name = base_fact(evidence)
    other = evidence.with_edits([edit_of(evidence, name, 1.3)])
    assert other.value(name) == pytest.approx(1.3 * evidence.value(name))
    assert other.version != evidence.version
    assert set(other.own) == {name}
    assert not evidence.own
    derived = [f.id for f in evidence.facts.values() if f.formula and name in f.formula]
    assert all(other.value(f) != evidence.value(f) for f in derived)
    fact = other.facts[name]
    assert fact.low is None or fact.low <= fact.value
    assert fact.high is None or fact.value <= fact.high


def test_no_own_number_is_the_evidence_itself(evidence: Evidence) -> None:
    assert evidence.with_edits([]).version == evidence.version


def test_a_dearer_price_makes_the_mix_dearer(evidence: Evidence) -> None:
    """Direction: the same levers, a higher Chinese price."""
    name = base_fact(evidence)
    before = Engine(evidence).cheapest(Choice()).total_kusd
    after = Engine(evidence.with_edits([edit_of(evidence, name, 1.2)])).cheapest(Choice()).total_kusd
    assert after > before


def test_the_table_gives_back_only_what_differs(evidence: Evidence) -> None:
    rows = table(evidence).to_dict("records")
    assert from_table(evidence, rows) == ()
    name = base_fact(evidence)
    for row in rows:
        if row["fact"] == name:
            row["value"] = 2 * row["value"]
            row["high"] = max(row["value"], row["high"]) if row["high"] == row["high"] else row["high"]
    [edit] = from_table(evidence, rows)
    assert edit.fact == name
    assert edit.reason == NO_REASON
    again = table(evidence, [edit])
    assert from_table(evidence, again.to_dict("records")) == (edit,)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"fact": "no_such", "value": 1, "reason": "x"}, "no_such"),
        ({"fact": "social_discount_rate", "value": "much", "reason": "x"}, "social_discount_rate"),
        ({"fact": "social_discount_rate", "value": None, "reason": "x"}, "value"),
        ({"fact": "social_discount_rate", "value": float("inf"), "reason": "x"}, "social_discount_rate"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_name(evidence: Evidence, row: dict, named: str) -> None:
    with pytest.raises(EvidenceError, match=named):
        from_table(evidence, [row])


@pytest.mark.parametrize(
    "rows",
    [
        [{"fact": "scenario_full_embargo", "value": 3.0, "reason": "no probability"}],
        [{"fact": "no_such_fact", "value": 3.0, "reason": "unknown"}],
        [{"fact": "social_discount_rate", "value": 0.1, "low": 0.2, "reason": "range without its value"}],
        [{"fact": "social_discount_rate", "value": 0.1, "reason": "twice"}] * 2,
    ],
)
def test_an_own_number_that_a_fact_cannot_have_is_refused_by_name(evidence: Evidence, rows: list) -> None:
    with pytest.raises(EvidenceError, match=rows[0]["fact"]):
        evidence.with_edits(read_edits(rows))


def test_a_derived_number_cannot_be_overwritten(evidence: Evidence) -> None:
    """It follows from its formula; overwriting it would break the visible way from fact to number."""
    name = next(f.id for f in evidence.facts.values() if f.formula)
    with pytest.raises(EvidenceError, match="derived"):
        evidence.with_edits([Edit(fact=name, value=1.0, reason="x")])


NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=30).filter(lambda t: t[0].isalpha())
NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)


@given(
    st.lists(st.tuples(NAMES, NUMBERS, st.text(min_size=1, max_size=200)), max_size=20, unique_by=lambda row: row[0])
)
def test_own_numbers_travel_whole(rows: list[tuple[str, float, str]]) -> None:
    """Through a link and through a file, to the last digit."""
    edits = read_edits([{"fact": f, "value": v, "reason": r} for f, v, r in rows])
    assert unpacked(packed(edits)) == edits
    assert read_edits(as_rows(edits)) == edits


def longest(evidence: Evidence) -> tuple[Edit, ...]:
    """As many own numbers as are kept, each with the longest reason, in letters that take most room and do not compress."""
    import random

    draw = random.Random(7)
    names = [fact.id for fact in evidence.facts.values() if not fact.formula][:MOST]
    reasons = ["".join(chr(draw.randrange(0x20000, 0x2A000)) for _ in range(REASON_LENGTH)) for _ in names]
    rows = zip(names, reasons, strict=True)
    return read_edits([{"fact": n, "value": evidence.value(n), "low": -1.0e-7, "reason": r} for n, r in rows])


def test_as_many_own_numbers_as_are_kept_always_come_back(evidence: Evidence) -> None:
    """What was accepted on a page must not be refused by the packing behind it, nor by the file that is taken away."""
    edits = longest(evidence)
    assert len(edits) == MOST
    assert unpacked(packed(edits)) == edits
    text = yaml.safe_dump({"levers": {}, "facts": as_rows(edits)}, allow_unicode=False)
    assert len(text.encode()) > 1 << 16
    assert scenario_edits(text) == edits
    assert read_scenario(text) == Choice()


def test_own_numbers_too_long_for_a_link_stay_out_of_it_and_are_named(evidence: Evidence) -> None:
    """Cut, they would spoil the whole link; left out without a word, the reader would see other numbers than the sender."""
    few, many = packed(longest(evidence)[:3]), packed(longest(evidence))
    assert len(few) < OWN_LENGTH < len(many)
    whole, short = Link(Choice(), own=few), Link(Choice(), own=many)
    assert (left_out(whole), left_out(short)) == ((), ("own",))
    for link, own in ((whole, few), (short, "")):
        found = decode({name: [value] for name, value in parameters(link).items()})
        assert found.whole
        assert found.lost == ()
        assert found.link.own == own


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[: len(text) // 2 // 4 * 4], "cut short"),
        (lambda text: text * 40_000, "too long"),
        (lambda text: squeezed([[" " * 300_000] * 5]), "too long"),
        (lambda text: "!" + text, "damaged"),
        (lambda text: squeezed({"a": 1}), "damaged"),
    ],
)
def test_what_is_wrong_with_own_numbers_in_a_link_is_said(evidence: Evidence, spoil: Callable, said: str) -> None:
    """A cut link is mended by sending it again, a damaged one is not."""
    edits = [edit_of(evidence, name, 1.1) for name in ("tail_share", "social_discount_rate", "reserve_holding_cost")]
    with pytest.raises(EvidenceError, match=f"facts in the link: they are {said}"):
        unpacked(spoil(packed(edits)))


def test_own_numbers_cut_anywhere_are_called_cut(evidence: Evidence) -> None:
    """Wherever a program cuts, also in the middle of a group of letters; one letter too many is damage, not a cut."""
    for names in (["tail_share"], ["tail_share", "reserve_holding_cost"], ["social_discount_rate", "tail_share"]):
        text = packed([edit_of(evidence, name, 1.1) for name in names])
        for length in range(1, len(text)):
            with pytest.raises(EvidenceError, match="they are cut short"):
                unpacked(text[:length])
        for more in ("A", "AA", "AAAAA"):
            with pytest.raises(EvidenceError, match="they are damaged"):
                unpacked(text + more)


@given(st.text(max_size=300))
def test_a_damaged_link_is_refused_in_words(text: str) -> None:
    with suppress(EvidenceError):
        unpacked(text)


def test_a_bomb_in_a_link_is_not_unpacked() -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" * 10_000_000, 9)).decode()
    with pytest.raises(EvidenceError, match="link"):
        unpacked(bomb)


def test_a_scenario_file_keeps_own_numbers(
    evidence: Evidence, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Written on the page, solved by the command line: the same digest and the same cost."""
    edits = (edit_of(evidence, base_fact(evidence), 1.2),)
    engine = Engine(evidence.with_edits(edits))
    mix = engine.answer(Choice()).mix
    text = scenario_yaml(mix, engine.evidence)
    assert scenario_edits(text) == edits
    assert read_scenario(text) == Choice()
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    assert main(["solve", "--scenario", str(file), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["data_version"] == engine.evidence.version != evidence.version
    assert result["objective_kusd"] == pytest.approx(mix.objective_kusd, rel=1e-9)


def test_a_pack_with_own_numbers_verifies(evidence: Evidence) -> None:
    """On the evidence alone, the pack brings its own numbers along."""
    edits = (edit_of(evidence, base_fact(evidence), 1.2),)
    own = Engine(evidence.with_edits(edits))
    content = pack(own, Choice())
    assert verify(Engine(evidence), content).holds


def test_own_numbers_of_a_scenario_that_cannot_be_are_named(evidence: Evidence) -> None:
    text = "levers: {china_limit: 50}\nfacts:\n- {fact: social_discount_rate, value: much, reason: x}\n"
    with pytest.raises(EvidenceError, match="facts, entry 1: value"):
        scenario_edits(text)


# -- own numbers on own numbers ---------------------------------------------------------------------------------------


def test_own_numbers_come_beside_those_that_are_there_already(evidence: Evidence) -> None:
    """Given one after the other or together, they are the same evidence: same numbers, same marks, same version."""
    first, second = (edit_of(evidence, name, 1.1) for name in ("social_discount_rate", "reserve_holding_cost"))
    other = edit_of(evidence, "social_discount_rate", 0.9)
    together = evidence.with_edits([second, other])
    steps = evidence.with_edits([first]).with_edits([second]).with_edits([other])
    assert steps.own == together.own
    assert steps.version == together.version
    assert steps.facts == together.facts
    assert steps.edits == together.edits
    assert steps.published is together.published is evidence
    assert together.with_edits([]) is together
    tried = evidence.with_edits([first]).with_values({"tail_share": 0.1})
    assert tried.published.version == evidence.with_values({"tail_share": 0.1}).version


@pytest.mark.parametrize("name", METHOD)
def test_a_convention_of_the_method_takes_no_own_number(evidence: Evidence, name: str) -> None:
    """Texts say 'worst 5 %' and '2027 to 2035' and must stay true: it is refused by its name, and not offered in the table."""
    with pytest.raises(EvidenceError, match=f"fact '{name}': it is a convention of the method"):
        evidence.with_edits([Edit(fact=name, value=evidence.value(name), low=0, reason="mine")])
    assert name not in set(table(evidence)["fact"])


def test_a_value_tried_on_own_numbers_stays_when_another_own_number_comes(evidence: Evidence) -> None:
    """Also for the fact that has an own number itself; an own number that comes later for the same fact stands in its place."""
    rate = "social_discount_rate"
    first, later = (Edit(fact=rate, value=value, reason="a quote") for value in (0.05, 0.06))
    other = edit_of(evidence, "reserve_holding_cost", 1.1)
    tried = evidence.with_edits([first]).with_values({rate: 0.08, "tail_share": 0.1})
    both = tried.with_edits([other])
    assert [both.value(name) for name in (rate, "tail_share", other.fact)] == [0.08, 0.1, other.value]
    assert set(both.own) == {rate, other.fact}
    assert both.version == evidence.with_edits([first, other]).with_values({rate: 0.08, "tail_share": 0.1}).version
    over = Overlay(evidence.with_edits([first])).at({rate: 0.08}).with_edits([other])
    assert over.value(rate) == 0.08
    replaced = tried.with_edits([later])
    assert [replaced.value(name) for name in (rate, "tail_share")] == [0.06, 0.1]
    assert both.published.value(rate) == 0.08
    assert both.published.value(other.fact) == evidence.value(other.fact)
    assert both.published.own == {}


def test_a_world_that_only_own_numbers_make_possible_is_a_world(evidence: Evidence) -> None:
    """Chances of a group sum to no more than 1 with the own number; that they would not with the published one is no matter, until
    what was published is asked for."""
    edit = Edit(fact="scenario_licence_squeeze", value=0.01, reason="a quote")
    values = {"scenario_october_rules_back": 0.92}
    with pytest.raises(EvidenceError, match="sum to"):
        evidence.with_values(values)
    world = evidence.with_edits([edit]).with_values(values)
    assert world.value("scenario_october_rules_back") == 0.92
    rate = "social_discount_rate"
    assert world.with_values({rate: 0.1}).with_edits([edit_of(evidence, rate, 1.1)]).own.keys() == {edit.fact, rate}
    with pytest.raises(EvidenceError, match="sum to"):
        _ = world.published
    less = evidence.with_edits([Edit(fact="scenario_october_rules_back", value=0.9, reason="x"), edit])
    squeezed_again = less.with_values({"scenario_october_rules_back": 0.02}).with_edits(
        [Edit(fact=edit.fact, value=0.5, reason="y")]
    )
    assert squeezed_again.value(edit.fact) == 0.5, "the own numbers alone cannot be, with the value tried they can"


def test_own_numbers_on_values_laid_over_evidence_keep_them(evidence: Evidence) -> None:
    """A sampled world with an own number is that world, not the world of the evidence."""
    edit = edit_of(evidence, "social_discount_rate", 1.1)
    found = Overlay(evidence).at({"tail_share": 0.1}).with_edits([edit])
    slow = evidence.with_values({"tail_share": 0.1}).with_edits([edit])
    assert found.value("tail_share") == 0.1
    assert (found.version, found.facts, found.own) == (slow.version, slow.facts, slow.own)
    over = Overlay(evidence.with_edits([edit])).at({"tail_share": 0.1})
    assert over.published.version == evidence.with_values({"tail_share": 0.1}).version


def test_a_version_does_not_depend_on_how_a_number_is_written(evidence: Evidence) -> None:
    """60 and 60.0 are one number; two versions would make two digests, and a pack that no longer holds."""
    name = base_fact(evidence)
    plain, pointed = ([Edit(fact=name, value=v, low=v, reason="x")] for v in (60, 60.0))
    assert evidence.with_edits(plain).version == evidence.with_edits(pointed).version
    versions = {evidence.with_values({name: v}).version for v in (60, 60.0, np.float64(60))}
    assert len(versions) == 1


def test_a_pack_made_on_own_numbers_holds_on_the_engine_that_made_it(evidence: Evidence) -> None:
    """And one made without any holds there too: a pack says itself which own numbers it stands on."""
    own = Engine(evidence.with_edits([edit_of(evidence, base_fact(evidence), 1.2)]))
    assert verify(own, pack(own, Choice())).holds
    assert verify(own, pack(Engine(evidence), Choice())).holds


def test_what_rests_on_an_own_number_through_others_is_marked(evidence: Evidence) -> None:
    """A derived fact of a derived fact moves as well, and must not pass for published."""
    own = evidence.with_edits(
        [Edit(fact="tb_oxide_china_sep_2025", value=1.1 * evidence.value("tb_oxide_china_sep_2025"), reason="a quote")]
    )
    assert {"dytb_oxide_price", "heavy_extra", "grade_light", "grade_heavy"} <= own.touched
    for name in own.touched:
        assert own.value(name) != evidence.value(name), name
    for name in {fact.id for fact in evidence.facts.values() if fact.formula} - own.touched:
        assert own.value(name) == evidence.value(name), name
