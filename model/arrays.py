"""Names for types of arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Array = np.ndarray


Numbers = Mapping[str, Array]
