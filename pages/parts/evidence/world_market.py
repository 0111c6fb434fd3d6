"""The world around India: rare-earth reserves and mine output by country, and world demand to 2050."""

from __future__ import annotations

from typing import Any

import pandas as pd

from model.evidence.store import Evidence

RESERVES, OUTPUT, DEMAND = "world_ree_reserves_", "world_ree_production_", "iea_demand_"
"""How the ids of the facts begin."""
AMOUNTS = ("Reserves, Mt of oxide", "Mine output, t/y of oxide")


def by_country(evidence: Evidence, prefix: str) -> list[dict[str, Any]]:
    """Reserves (Mt) or mine output (t/y) by country, largest first: country, value, what, year, id; the world's total left out."""
    rows = [
        {
            "country": fact.country,
            "value": float(fact.value),
            "what": f"{fact.what}, {fact.year}",
            "year": str(fact.year),
            "id": fact.id,
        }
        for fact in evidence.facts.values()
        if fact.id.startswith(prefix) and fact.country not in {None, "World"} and not fact.id.startswith(f"{OUTPUT}20")
    ]
    return sorted(rows, key=lambda row: -row["value"])


def country_table(evidence: Evidence) -> pd.DataFrame:
    """Country, reserves in Mt and yearly mine output in t of rare-earth oxide; a dash where no figure is known."""
    reserves = {row["country"]: row["value"] for row in by_country(evidence, RESERVES)}
    output = {row["country"]: row["value"] for row in by_country(evidence, OUTPUT)}
    notes_of = {
        fact.country: fact for fact in evidence.facts.values() if fact.id.startswith(OUTPUT) and fact.country in output
    }
    notes_of |= {fact.country: fact for fact in evidence.facts.values() if fact.id.startswith(RESERVES)}
    countries = sorted({*reserves, *output}, key=lambda name: (-reserves.get(name, 0), -output.get(name, 0), name))
    return pd.DataFrame(
        {
            "Country": countries,
            AMOUNTS[0]: [reserves.get(name) for name in countries],
            AMOUNTS[1]: [output.get(name) for name in countries],
            "Source": [notes_of[name].source.body for name in countries],
            "Remark": [notes_of[name].note for name in countries],
        }
    )


def country_chart(evidence: Evidence) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Reserves beside output by country, each as a share of the sum of the countries listed: data and Vega-Lite specification."""
    parts = []
    for prefix, name in ((RESERVES, "reserves"), (OUTPUT, "mine output")):
        rows = by_country(evidence, prefix)
        total = sum(row["value"] for row in rows) or 1.0
        parts += [
            {"country": r["country"], "of": name, "percent": 100 * r["value"] / total} for r in rows if r["value"] > 0
        ]
    spec = {
        "height": 520,
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "country", "type": "nominal", "sort": "-x", "title": None},
            "yOffset": {"field": "of", "sort": ["reserves", "mine output"]},
            "x": {"field": "percent", "type": "quantitative", "title": "% of the countries listed"},
            "color": {
                "field": "of",
                "title": None,
                "legend": {"orient": "top"},
                "scale": {"domain": ["reserves", "mine output"], "range": ["#E69F00", "#0072B2"]},
            },
            "tooltip": [{"field": "country"}, {"field": "of"}, {"field": "percent", "format": ".1f", "title": "%"}],
        },
    }
    return pd.DataFrame(parts), spec


def demand_chart(evidence: Evidence) -> tuple[pd.DataFrame, dict[str, Any]]:
    """World demand for magnet rare earths to 2050 in kt/y, value and range, with the supply announced for 2030 beside it."""
    rows = [
        {
            "year": int(fact.year), "kt": float(fact.value), "low": float(fact.value if fact.low is None else fact.low),
            "high": float(fact.value if fact.high is None else fact.high),
            "of": "demand" if fact.id.startswith(DEMAND) else "mine supply announced", "what": fact.what,
        }
        for fact in evidence.facts.values()
        if (fact.id.startswith(DEMAND) or fact.id == "iea_supply_2030") and str(fact.year).isdigit()
    ]  # fmt: skip
    x = {
        "field": "year",
        "type": "quantitative",
        "title": None,
        "axis": {"format": "d"},
        "scale": {"zero": False, "padding": 20},
    }
    colour = {"field": "of", "title": None, "legend": {"orient": "top"}}
    spec = {
        "height": 380,
        "encoding": {"x": x, "color": colour},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 9, "opacity": 0.4}, "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}},
            {"transform": [{"filter": "datum.of == 'demand'"}], "mark": {"type": "line", "strokeDash": [4, 3]},
             "encoding": {"y": {"field": "kt", "type": "quantitative"}}},
            {"mark": {"type": "point", "filled": True, "size": 110},
             "encoding": {"y": {"field": "kt", "type": "quantitative", "title": "kt a year"},
                          "shape": {"field": "of", "title": None},
                          "tooltip": [{"field": "what"}, {"field": "year"}, {"field": "kt"}, {"field": "low"}, {"field": "high"}]}},
            *(
                {
                    "transform": [{"filter": f"datum.of {sign} 'demand'"}], "mark": {"type": "text", "dy": dy, "fontSize": 13},
                    "encoding": {"y": {"field": "kt", "type": "quantitative"}, "text": {"field": "kt", "format": ".0f"}},
                }
                for sign, dy in (("==", -16), ("!=", 18))
            ),
        ],
    }  # fmt: skip
    return pd.DataFrame(rows), spec


def demand_table(evidence: Evidence) -> pd.DataFrame:
    """The same figures as a table, in kt a year."""
    rows = demand_chart(evidence)[0].sort_values(["year", "of"])
    names = {"what": "What", "year": "Year", "kt": "kt/y", "low": "Low", "high": "High"}
    return rows[list(names)].rename(columns=names)
