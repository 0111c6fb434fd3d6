"""The same optimum from a second solver, and the certificate of optimality in words."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from model.engine.engine import Answer, Engine
from model.engine.worker import needs_cheapest, steering_for
from model.errors import Infeasible, SolverFailed
from model.formulation.program import Program
from model.lp.solve import Solver, solve_once
from model.results.mix import Mix, arrays_of


def proof_in_words(mix: Mix) -> str:
    """One line: both objectives, the gap, the largest violation, the solver and the states covered."""
    p = mix.proof
    return (
        f"Proved optimal: primal {p.primal_kusd:,.1f} and dual {p.dual_kusd:,.1f} thousand USD, gap {p.gap:.0e}; largest violation"
        f" of any row or bound {p.violation:.0e}; {p.solver}; {p.states_kept} states of the world; {p.rows:,} rows,"
        f" {p.columns:,} columns."
    )


@dataclass(frozen=True)
class SecondOpinion:
    """The same case written down anew and solved by another solver: both objectives in kUSD, their relative difference, and the
    largest difference of any contracted volume, t/y."""

    solver: str
    objective_kusd: float
    own_kusd: float
    difference: float
    seconds: float
    plan_t: float

    @property
    def sentence(self) -> str:
        """The comparison in words."""
        verdict = "agrees" if self.difference < 1e-6 else "does not agree"
        return (
            f"{self.solver} {verdict}: {self.objective_kusd:,.1f} against {self.own_kusd:,.1f} thousand USD, a relative difference of"
            f" {self.difference:.0e}; no contracted volume differs by more than {self.plan_t:.1g} t ({self.seconds:.1f} s)."
        )


def second_opinion(engine: Engine, answer: Answer, solver: Solver = "CBC") -> SecondOpinion:
    """Solve the case of an answer again, from nothing, with another solver. Raises `SolverFailed`."""
    choice, mix = answer.mix.choice, answer.mix
    case = engine.assembler.case(choice)
    with engine.worker() as worker:
        steering = steering_for(worker, case, engine.cheapest(choice) if needs_cheapest(choice) else None)
    begin = time.perf_counter()
    program = Program(case, steering)
    try:
        solution = solve_once(program.sheet, solver)
    except Infeasible:
        raise SolverFailed(f"{solver} found no mix where {mix.proof.solver} found one") from None
    plan = arrays_of(program, solution.values)["plan"]
    return SecondOpinion(
        solver=solver,
        objective_kusd=solution.objective,
        own_kusd=mix.objective_kusd,
        difference=abs(solution.objective - mix.objective_kusd) / max(1.0, abs(mix.objective_kusd)),
        seconds=time.perf_counter() - begin,
        plan_t=float(np.abs(plan - mix.plan).max()),
    )
