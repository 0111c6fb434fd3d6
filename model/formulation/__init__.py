"""Evidence and a choice of levers to the linear program: levers, states, case, parameters, variables, constraints."""
