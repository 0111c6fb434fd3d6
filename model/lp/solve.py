"""One solve of a written program by a named solver."""

from __future__ import annotations

import importlib.util
import time
from typing import Literal

import numpy as np
import pulp

from model.errors import Infeasible, SolverFailed
from model.lp.model import Sheet
from model.lp.persistent import _SilentHiGHS
from model.lp.solution import Solution

HAS_HIGHS = importlib.util.find_spec("highspy") is not None


Solver = Literal["HiGHS", "HiGHS interior point", "CBC"]


def solve_once(sheet: Sheet, solver: Solver = "HiGHS", time_limit: float = 120.0) -> Solution:
    """Solve a sheet from nothing through PuLP. Raises `Infeasible` or `SolverFailed`."""
    begin = time.perf_counter()
    problem = sheet.problem
    if solver == "CBC":
        engine = pulp.PULP_CBC_CMD(msg=False, timeLimit=time_limit)
    else:
        method = "ipm" if solver == "HiGHS interior point" else "choose"
        engine = _SilentHiGHS(msg=False, threads=1, timeLimit=time_limit, solver=method)
    try:
        problem.solve(engine)
    except pulp.PulpSolverError as error:
        raise SolverFailed(f"{solver} could not be run ({error})") from None
    if problem.status == pulp.LpStatusInfeasible:
        raise Infeasible
    if problem.status != pulp.LpStatusOptimal or problem.sol_status != pulp.LpSolutionOptimal:
        raise SolverFailed(f"{solver} stopped without an optimum ({pulp.LpStatus[problem.status]})")
    rows = [problem.constraints[name] for name in sheet.row_names]
    return Solution(
        objective=float(pulp.value(problem.objective)),
        values=np.array([v.varValue or 0.0 for v in sheet.variables]),
        row_values=np.array([r.value() - r.constant for r in rows]),
        row_duals=np.array([r.pi or 0.0 for r in rows]),
        reduced_costs=np.array([v.dj or 0.0 for v in sheet.variables]),
        bounds=(
            np.array([-np.inf if v.lowBound is None else v.lowBound for v in sheet.variables]),
            np.array([np.inf if v.upBound is None else v.upBound for v in sheet.variables]),
            np.array([-np.inf if r.getLb() is None else r.getLb() for r in rows]),
            np.array([np.inf if r.getUb() is None else r.getUb() for r in rows]),
        ),
        iterations=0,
        seconds=time.perf_counter() - begin,
        solver=solver,
    )
