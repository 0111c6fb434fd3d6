"""Claims about share links: what they hold comes back, what was cut or changed is noticed, and nothing hostile does anything."""

from __future__ import annotations

import ast
import json
import random
import re
import string
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import __version__, provenance
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.export.link.link_format import (
    BASE,
    HEADLINES,
    LONGEST,
    OWN,
    SAFE_LENGTH,
    Link,
    base_of,
    checksum,
    differs,
    headlines,
)
from model.export.link.link_reading import PARAMETERS_MOST, QUERY_LENGTH, Opened, decode
from model.export.link.link_writing import encode, parameters
from model.export.link.pins import (
    NAME_LENGTH,
    PINS_BYTES,
    PINS_LENGTH,
    PINS_MOST,
    Pin,
    clean_name,
    decode_pins,
    encode_pins,
)
from model.formulation import levers
from model.formulation.levers import AIMS, Choice, Lever
from model.provenance import digest, model_version
from tests.support.imports import leans_on

ALL = levers.levers()


def values(lever: Lever) -> st.SearchStrategy[object]:
    """Every value that a lever can take, off its steps too."""
    if lever.kind == "switch":
        return st.booleans()
    if lever.kind == "option":
        return st.sampled_from(lever.options)
    if lever.unit in ("year", "years"):
        return st.integers(int(lever.low), int(lever.high)).map(float)
    return st.floats(lever.low, lever.high).map(lambda x: min(lever.high, max(lever.low, round(x, 9) + 0.0)))


choices = st.fixed_dictionaries({lever.id: values(lever) for lever in ALL}).map(Choice.of)
names = st.text(max_size=60).map(clean_name).filter(bool)
numbers = st.floats(allow_nan=False, allow_infinity=False)
pins = st.builds(Pin, name=names, choice=choices, total_kusd=st.none() | numbers)
ids = st.from_regex(r"\A[a-z][a-z0-9_]{0,20}\Z")
links = st.builds(
    Link, choice=choices, page=ids, year=st.none() | st.integers(2026, 2035), story=ids,
    pins=st.lists(pins, min_size=1, max_size=3, unique_by=lambda pin: pin.name).map(tuple),
    compare=st.sampled_from([(), ("present", "today"), ("pin-0", "story-eu_65")]), beside=st.sampled_from(["", "pin-0"]),
    look=st.sampled_from(["", "map", "who_goes_short"]), step=st.none() | st.integers(1, 99), sides=st.tuples() | st.tuples(st.none() | numbers, numbers),
    data=st.from_regex(r"\A[0-9a-f]{12}\Z"), model=st.sampled_from(["0.1.0", "0.1.0+0123abcd"]),
    own=st.from_regex(r"\A[A-Za-z0-9_-]{0,40}\Z"), said=st.dictionaries(st.sampled_from(HEADLINES), numbers),
)  # fmt: skip


def opened(query: str) -> Opened:
    """What a query is read as, the way a server splits it."""
    return decode(parse_qs(query))


def made(**more: object) -> Link:
    """A link with everything in it and three pins."""
    three = tuple(Pin(f"Mix {i}", Choice(china_limit=40 + i), 5.4321e6 + i / 7) for i in range(3))
    base = {
        "choice": Choice(china_limit=42, aim="china", joint_venture=True), "page": "map", "year": 2033, "story": "eu_65", "pins": three,
        "compare": ("pin-0", "present"), "data": "d83fb25718d8", "model": "0.1.0", "said": dict.fromkeys(HEADLINES, 6545.951683176678),
    }  # fmt: skip
    return Link(**(base | more))  # type: ignore[arg-type]


# -- what goes in comes out --------------------------------------------------------------------------------------------


@given(links)
def test_a_link_gives_back_what_it_was_made_of(link: Link) -> None:
    """Every lever to the last digit, page, year, pins and the numbers that were seen."""
    found = opened(encode(link))
    assert found.shared
    assert found.whole
    assert found.levers_whole
    assert (found.bad, found.missing, found.unknown, found.lost) == ((), (), (), ())
    for name in (
        "choice", "page", "year", "story", "pins", "compare", "beside", "look", "step", "sides", "own", "data", "model", "said",
    ):  # fmt: skip
        assert getattr(found.link, name) == getattr(link, name), name


def test_a_link_holds_every_lever_with_its_value() -> None:
    """Also those at their defaults, so that it means the same when a default changes."""
    assert {lever.id for lever in ALL} <= set(parameters(Link(Choice())))


def test_an_old_link_keeps_its_meaning_when_a_default_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made when the China limit started at 60, opened when it starts at 35: it is 60, and the link is whole."""
    query = encode(Link(Choice(), data="x", model="y"))
    start = Choice.__init__
    monkeypatch.setattr(start, "__defaults__", (35.0, *start.__defaults__[1:]))
    assert Choice().china_limit == 35.0
    found = opened(query)
    assert found.whole
    assert found.levers_whole
    assert found.link.choice.china_limit == 60.0


def test_levers_that_an_old_link_does_not_know_are_named() -> None:
    """Made before a lever existed: the rest stands, and the notice can say which default stands."""
    before = {name: value for name, value in parameters(made()).items() if name not in ("joint_venture", "sum")}
    found = opened(urlencode({**before, "sum": checksum(before)}))
    assert found.whole
    assert found.missing == ("joint_venture",)
    renamed = {("old_name" if name == "rupee" else name): value for name, value in before.items()}
    found = opened(urlencode({**renamed, "sum": checksum(renamed)}))
    assert (found.missing, found.unknown) == (("rupee", "joint_venture"), ("old_name",))


def test_the_digest_is_that_of_the_files_to_take_away(evidence: Evidence) -> None:
    """One digest for scenario files, the command line and links."""
    for model in (__version__, model_version()):
        link = Link(Choice(china_limit=42), data=evidence.version, model=model)
        assert digest(evidence, link.choice).startswith(parameters(link)["digest"])


def test_a_link_with_three_pins_survives_most_chat_programs() -> None:
    """Below 2,000 characters with three pins, and below what mail programs take with the most."""
    assert len(encode(made())) < SAFE_LENGTH
    many = tuple(
        Pin(f"{i} {'m' * NAME_LENGTH}"[:NAME_LENGTH], Choice(china_limit=i, rupee=80 + i % 40), 1e6 / 7 + i)
        for i in range(PINS_MOST)
    )
    assert len(encode(made(pins=many))) < LONGEST


def test_the_most_pins_that_differ_in_every_lever_can_be_read_again() -> None:
    """However much they differ: names in another script, every lever somewhere else."""
    draw = random.Random(3)
    many = [
        Pin(
            "".join(chr(draw.randint(0x905, 0x939)) for _ in range(NAME_LENGTH)),
            Choice.of({lever.id: _somewhere(lever, draw) for lever in ALL}),
            draw.uniform(1e6, 9e6),
        )
        for _ in range(PINS_MOST)
    ]
    text = encode_pins(many)
    assert len(text) <= PINS_LENGTH
    assert decode_pins(text) == (tuple(many), ())


def _somewhere(lever: Lever, draw: random.Random) -> object:
    """A value on one of the lever's steps."""
    if lever.kind == "switch":
        return draw.random() < 0.5
    if lever.kind == "option":
        return draw.choice(lever.options)
    return lever.low + lever.step * draw.randint(0, int((lever.high - lever.low) / lever.step))


def test_results_differ_from_a_millionth_on() -> None:
    """Numerical noise is no change of the data."""
    assert differs({"bill_crore": 6545.0}, {"bill_crore": 6545.0 * (1 + 9e-7)}) == {}
    assert differs({"bill_crore": 6545.0}, {"bill_crore": 6545.0 * (1 + 2e-6)}) == {
        "bill_crore": (6545.0, 6545.0 * (1 + 2e-6))
    }
    assert differs({"tail_shortfall": 0.0}, {"tail_shortfall": 1e-12}) == {}


def test_the_headlines_of_a_mix_are_found_again_by_another_engine(engine: Engine, evidence: Evidence) -> None:
    """What a link says is compared at a millionth; two servers agree far better than that."""
    choice = Choice(china_limit=57.5, reserve_days=90)
    assert differs(headlines(engine.mix(choice)), headlines(Engine(evidence).mix(choice))) == {}


# -- which code worked -------------------------------------------------------------------------------------------------


class _NoDocstrings(ast.NodeTransformer):
    """Texts that stand alone become an ellipsis."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Expr(ast.Constant(...)) if alone else node


@pytest.mark.parametrize(
    "file", [file for _, file in provenance.code_files(*provenance.CODE)], ids=lambda file: file.name
)
def test_the_mark_of_the_code_sees_all_that_the_code_does(file: Path) -> None:
    """What is left of a file has the same syntax tree, docstrings apart; a comment more changes nothing, a number does."""
    text = file.read_text(encoding="utf-8")
    kept = provenance.bare(text)
    assert ast.dump(ast.parse(kept)) == ast.dump(_NoDocstrings().visit(ast.parse(text)))
    assert len(kept) < len(text)
    assert provenance.bare(f"{text}\n# a remark\n") == kept
    assert provenance.bare(f"{text}\nONE_MORE = 1\n") != kept


def test_the_mark_of_the_code_covers_what_an_answer_is_made_by() -> None:
    """The engine and every module of the model that it leans on, near or far."""
    marked = {f"model.{name[:-3].replace('/', '.')}" for name, _ in provenance.code_files(*provenance.CODE)}
    found = leans_on("model.engine.engine")
    assert len(found) > 20
    assert found <= marked | {"model.parallel.progress"}  # says how far work is; no figure comes from there
    assert re.fullmatch(rf"{re.escape(__version__)}\+[0-9a-f]{{8}}", model_version())


def test_the_mark_of_the_code_moves_no_digest(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which code worked, not which inputs: the same inputs keep their digest when the code is tidied."""
    before, link = digest(evidence, Choice()), Link(Choice(), data=evidence.version, model=f"{__version__}+00000000")
    monkeypatch.setattr(provenance, "_code_mark", lambda: "11111111")
    assert model_version().endswith("+11111111")
    assert digest(evidence, Choice()) == before
    assert before.startswith(parameters(link)["digest"])
    assert f"model={__version__}~00000000" in encode(link)


# -- links of before ---------------------------------------------------------------------------------------------------

BEFORE = json.loads((Path(__file__).parent / "links_0_1_0.json").read_text(encoding="utf-8"))
"""Links as the code of release 0.1.0 made them before a link said which code worked, with what they held."""


@pytest.mark.parametrize("name", BEFORE)
def test_a_link_of_before_keeps_its_meaning(name: str) -> None:
    """Whole, with every lever, pin and number that it held; what links hold since then is no damage."""
    found, holds = opened(BEFORE[name]["query"]), BEFORE[name]["holds"]
    assert found.whole
    assert found.levers_whole
    assert (found.bad, found.unknown, found.lost) == ((), (), ())
    assert set(found.missing) == {lever.id for lever in ALL} - set(holds["levers"])
    assert {lever: found.link.choice.values()[lever] for lever in holds["levers"]} == holds["levers"]
    for part in ("page", "year", "story", "own", "data", "model", "said"):
        assert getattr(found.link, part) == holds[part], part
    assert list(found.link.compare) == holds["compare"]
    assert [pin.total_kusd for pin in found.link.pins] == [total for _, total, _ in holds["pins"]]
    for pin, (label, _, stood) in zip(found.link.pins, holds["pins"], strict=True):
        assert pin.name.startswith(label)
        assert {lever: pin.choice.values()[lever] for lever in stood} == stood


@given(st.sampled_from(sorted(BEFORE)), st.integers(1, 900), st.sampled_from(["", "&twclid=x", "&_gl=1*a", "&page=1"]))
def test_a_cut_link_of_before_never_means_something_else(name: str, cut: int, hung: str) -> None:
    query, holds = BEFORE[name]["query"], BEFORE[name]["holds"]
    found = opened(query[: max(7, len(query) - cut)] + hung)
    assert "end" in found.lost
    read = found.link.choice.values()
    assert all(read[lever] == holds["levers"][lever] for lever in read if lever not in found.missing)


# -- cut and changed ---------------------------------------------------------------------------------------------------

WHOLE = encode(made())


@given(st.integers(1, len(WHOLE) - 1))
def test_a_cut_link_is_noticed_and_never_means_something_else(cut: int) -> None:
    """What is left stands as it was sent, what is gone is named, and the value that the cut went through is not believed."""
    found = opened(WHOLE[:-cut])
    assert not found.whole
    if found.shared:
        assert "end" in found.lost
        sent, read = made().choice.values(), found.link.choice.values()
        assert all(read[name] == sent[name] for name in sent if name not in found.missing)
        assert all(read[name] == Choice().values()[name] for name in found.missing)


@given(
    st.integers(1, len(WHOLE) - 1), st.sampled_from(["twclid=x", "_gl=1*abc", "ttclid=", "page=2", "unheard=of&it=all"])
)
def test_names_hung_on_to_a_cut_link_vouch_for_nothing(cut: int, hung: str) -> None:
    """The cut goes through 42 and leaves 4; a tracker behind it does not make the 4 true, and is no matter for a notice."""
    found = opened(f"{WHOLE[:-cut]}&{hung}")
    if found.shared:
        sent, read = made().choice.values(), found.link.choice.values()
        assert not found.whole
        assert all(read[name] == sent[name] for name in sent if name not in found.missing)
        assert found.unknown == ()


def test_a_new_tracker_does_not_make_a_link_changed() -> None:
    """Other programs hang on names that nobody here has heard of; the link before them is whole, and they are not worth a word."""
    for query in (f"{WHOLE}&twclid=x&_gl=1*a", f"twclid=x&{WHOLE}"):
        found = opened(query)
        assert found.whole
        assert (found.unknown, found.lost) == ((), ())
        assert found.link == opened(WHOLE).link


@given(st.integers(0, len(WHOLE) - 1), st.sampled_from(string.printable + "é"))
def test_a_changed_character_is_noticed(place: int, instead: str) -> None:
    """Whatever one character becomes, the link is no longer whole, unless it still says exactly the same."""
    query = WHOLE[:place] + instead + WHOLE[place + 1 :]
    found = opened(query)
    same = dict(parse_qsl(query)) == dict(parse_qsl(WHOLE))
    assert found.whole == same or (found.whole and found.link == opened(WHOLE).link)


@pytest.mark.parametrize(
    "mangled",
    [
        WHOLE.replace("&", "&amp;"), WHOLE + ".", WHOLE + ").", WHOLE + ">", WHOLE + "&utm_source=chat&fbclid=IwAR0x",
        WHOLE.replace("&rupee", "%0A&rupee"), WHOLE[:300] + "%20" + WHOLE[300:], "&".join(reversed(WHOLE.split("&"))),
        WHOLE.replace("60", "6%E2%80%8B0"), WHOLE.replace("rupee=", "ru%C2%ADpee=%EF%BB%BF"), unescape(unquote(WHOLE)),
        quote(WHOLE, safe="") + "=", quote(quote(WHOLE, safe=""), safe="") + "=", WHOLE.replace("%", "%25"),
    ],
    ids=[
        "html", "full stop", "bracket", "angle", "trackers", "line end", "space", "order", "no width", "soft hyphen", "html signs",
        "encoded twice", "encoded three times", "names encoded twice",
    ],
)  # fmt: skip
def test_what_programs_do_to_links_without_harm_does_none(mangled: str) -> None:
    """Full stops, brackets, line ends, trackers, HTML's way to write &: the link is read as it was sent."""
    found = decode(parse_qs(mangled, keep_blank_values=True))
    assert found.whole, found
    assert found.link == opened(WHOLE).link


def test_html_finds_no_sign_in_a_link() -> None:
    """Read as HTML's text, as some programs do, it is the same text: no name begins as a sign does."""
    assert unescape(WHOLE) == WHOLE
    assert unescape(unquote(WHOLE)) != WHOLE
    assert "%63entral_asia_year=" in WHOLE


def test_a_link_whose_sender_had_no_numbers_does_not_say_that_there_was_no_mix() -> None:
    """When the solver gave up: neither numbers nor 'no mix'."""
    assert opened(encode(made(said={}, solved=False))).link.solved is False
    assert opened(encode(made(said={}))).link.solved
    assert opened(WHOLE).link.solved


def test_what_an_address_stands_on_follows_defaults_data_and_model() -> None:
    """Short, the same on any machine, and neither a lever nor unknown."""
    now = base_of("d83fb25718d8", "0.1.0+0123abcd")
    assert len({now, base_of("other", "0.1.0+0123abcd"), base_of("d83fb25718d8", "0.1.0+0123abce")}) == 3
    found = opened(f"china_limit=42&{BASE}={now}")
    assert (found.base, found.unknown, found.lost, found.named) == (now, (), (), ("china_limit",))
    assert not found.shared
    assert opened(f"{WHOLE}&{BASE}={now}").whole
    assert opened(f"china_limit=42&{BASE}={now[:5]}").lost == ("base",)


def test_what_an_address_stands_on_follows_every_default(monkeypatch: pytest.MonkeyPatch) -> None:
    before = base_of("x", "y")
    changed = tuple(replace(lever, default=88) if lever.id == "rupee" else lever for lever in ALL)
    monkeypatch.setattr("model.export.link.link_format.levers", lambda: changed)
    base_of.cache_clear()
    assert base_of("x", "y") != before
    base_of.cache_clear()


def test_the_levers_that_an_address_names_are_told_apart() -> None:
    """Also where a program wrote & in HTML; what cannot be used is not among them."""
    found = opened("rupee=90&amp;china_limit=42&oxide_price=x")
    assert set(found.named) == {"rupee", "china_limit"}
    assert found.bad == ("oxide_price",)


def test_a_link_of_another_format_says_so() -> None:
    """A later explorer may write links that this one half understands."""
    later = {**{name: value for name, value in parameters(made()).items() if name != "sum"}, "link": "7"}
    assert "format" in opened(urlencode({**later, "sum": checksum(later)})).lost


def test_levers_are_vouched_for_when_only_the_rest_was_changed() -> None:
    """The digest speaks for the levers alone."""
    found = opened(WHOLE.replace("page=map", "page=nap"))
    assert not found.whole
    assert found.levers_whole
    assert not opened(WHOLE.replace("china_limit=42", "china_limit=43")).levers_whole


# -- pins --------------------------------------------------------------------------------------------------------------


def packed(content: object) -> str:
    return urlsafe_b64encode(zlib.compress(json.dumps(content).encode())).decode().rstrip("=")


def test_pins_unpack_to_no_more_than_is_allowed() -> None:
    """A few kilobytes that unpack to gigabytes are refused unread."""
    bomb = urlsafe_b64encode(zlib.compress(b"[" + b"0," * (4 * PINS_BYTES) + b"0]", 9)).decode()
    assert decode_pins(bomb) == ((), ("pins",))


@pytest.mark.parametrize(
    "text",
    [
        "x", "????", "A" * 9000, packed({}), packed([1, ["china_limit"]]), packed([1, [7], []]), packed([1, ["china_limit"], {"a": 1}]),
        packed([1, ["a"] * 500, []]), packed("pins"), urlsafe_b64encode(zlib.compress(b"[" * 60000)).decode(),
    ],
)  # fmt: skip
def test_pins_that_are_none_are_lost_as_a_whole(text: str) -> None:
    assert decode_pins(text) == ((), ("pins",))


def test_each_bad_pin_is_dropped_alone() -> None:
    """Out of range, of the wrong kind, without a name, endless: the others stand."""
    bad: list[object] = [["a", 1, [140]], ["b", 1, ["x"]], ["c", 1, [True]], ["", 1, [50]], ["d", 1, []], 7, ["e", 1, [float("nan")]], ["f", 1, [10**400]]]  # fmt: skip
    found, lost = decode_pins(packed([1, ["china_limit"], [*bad, ["good", "much", [50]]]]))
    assert found[:-1] == (None,) * len(bad)
    assert found[-1] == Pin("good", Choice(china_limit=50), None)
    assert set(lost) == {"pin levers", "some pins"}


def test_no_more_pins_than_allowed_come_out() -> None:
    found, lost = decode_pins(encode_pins([Pin(str(i), Choice()) for i in range(PINS_MOST + 5)]))
    assert len(found) == PINS_MOST
    assert "some pins" in lost


def test_a_dropped_pin_does_not_move_what_is_compared() -> None:
    """Pins are compared by their place in the link; where the one named is gone, nothing is compared in its stead."""
    names, rows = (
        list(Choice().values()),
        [[f"Mix {i}", 1.0, list(Choice(china_limit=30 + i).values().values())] for i in range(3)],
    )
    rows[1][2][0] = 400  # type: ignore[index] - out of the lever's reach
    text = packed([1, names, rows])
    for compare, wanted in (
        ("pin-2~present", ("pin-1", "present")),
        ("pin-0~pin-2", ("pin-0", "pin-1")),
        ("pin-1~present", ()),
        ("pin-3~today", ()),
    ):
        found = opened(f"link=1&compare={compare}&beside=pin-2&pins={text}&sum=0000000000")
        assert [pin.name for pin in found.link.pins] == ["Mix 0", "Mix 2"]
        assert found.link.compare == wanted
        assert found.link.beside == "pin-1"
        assert ("compare" in found.lost) == (not wanted)
    assert "beside" in opened(f"link=1&beside=pin-1&pins={text}&sum=0000000000").lost


def test_pins_of_one_name_are_told_apart() -> None:
    """The explorer never makes such links, but others may: menus tell pins apart by name, and a press on Remove drops one."""
    long = "x" * NAME_LENGTH
    found, lost = decode_pins(encode_pins([Pin(name, Choice()) for name in ("A", "A", "A (2)", long, long)]))
    assert [pin and pin.name for pin in found] == ["A", "A (2)", "A (2) (2)", long, long[:-4] + " (2)"]
    assert lost == ()


@given(st.text())
def test_a_name_is_one_short_printable_line(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= NAME_LENGTH
    assert name == " ".join(name.split())
    assert all(character.isprintable() for character in name)
    assert clean_name(name) == name


# -- hostile -----------------------------------------------------------------------------------------------------------


def hostile(draw: random.Random) -> str:
    """A query that somebody made up to do harm: right names with wrong values, wrong names, endless, binary, nested, repeated."""
    atoms = [
        "<script>alert(1)</script>", "';DROP TABLE pins;--", "__import__('os').system('touch hacked')", "{{7*7}}", "${jndi:ldap://x}", "../../etc/passwd",
        "%00", "\x00\ufeff\u202e", "\ud800", "9" * 5000, "1e999", "nan", "-0", "inf", "0x10", "１２", "true", "[]", "null", "a~b~c~d", "~" * 300,
        "=" * 50, "eJw" + "A" * 3000, packed([1, [], []]), packed([1, ["__class__"], [["x", None, [{}]]]]), "pin-99~story-x", "💣" * 100,
    ]  # fmt: skip
    every = [
        *(lever.id for lever in ALL),
        *OWN,
        *(f"amp;{name}" for name in OWN),
        "__proto__",
        "constructor",
        "",
        "a[b][c]",
        "x" * 2000,
    ]
    pairs = [
        (draw.choice(every), draw.choice([*atoms, *AIMS, str(draw.uniform(-200, 40000))]))
        for _ in range(draw.randint(0, 40))
    ]
    if draw.random() < 0.3:
        pairs += parse_qsl(WHOLE)
        draw.shuffle(pairs)
    query = urlencode(pairs, errors="replace")
    return query if draw.random() < 0.7 else query[: draw.randint(0, len(query))] + draw.choice(atoms)


def test_five_thousand_hostile_addresses_do_nothing() -> None:
    """None raises, and each leads to a choice that the levers allow; what is read stays small."""
    draw = random.Random(7)
    for _ in range(5000):
        query = hostile(draw)
        found = decode(parse_qs(query, keep_blank_values=draw.random() < 0.5, errors="replace"))
        Choice.of(found.link.choice.values())
        assert len(found.link.pins) <= PINS_MOST
        assert set(found.link.said) <= set(HEADLINES)
        assert max((len(part) for part in (found.link.page, found.link.story, found.link.data)), default=0) <= 64


def test_endless_parameters_are_not_looked_at() -> None:
    found = decode({f"name{i}": ["1"] for i in range(10 * PARAMETERS_MOST)})
    assert len(found.unknown) <= PARAMETERS_MOST


def test_endless_names_are_not_taken_apart_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that holds a whole query may hold hundreds of thousands of parameters."""
    seen = []
    monkeypatch.setattr(
        "model.export.link.link_reading.parse_qsl",
        lambda text, **more: seen.append(len(text)) or parse_qsl(text, **more),
    )
    for raw in (
        {"a=1&" * 200_000: [""]},
        {"rupee": ["90" + "¢ral_asia_year=2030" * 50_000]},
        {"a=": ["b&c" * 100_000]},
        {f"a{i}": ["¢" * QUERY_LENGTH] for i in range(PARAMETERS_MOST)},
        {f"a{i}=1&b": ["c&" * QUERY_LENGTH] for i in range(PARAMETERS_MOST)},
    ):
        seen.clear()
        assert len(decode(raw).unknown) <= PARAMETERS_MOST
        assert 0 < sum(seen) <= 8 * QUERY_LENGTH


def test_the_same_lever_twice_is_no_value() -> None:
    assert opened("china_limit=40&china_limit=50").bad == ("china_limit",)


def test_pins_are_a_plain_word_of_an_address() -> None:
    """Nothing in them needs quoting, so that no program quotes them twice."""
    text = encode_pins(made().pins)
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")
    assert zlib.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
