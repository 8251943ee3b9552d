"""Bounds on the expected risk, and its expected gap to the empirical risk, by the information between the sample and the output."""

from genbounds.bounds.information._evaluated_capacities import evaluated_by_conditional, evaluated_by_growth
from genbounds.bounds.information._finite_outputs import finite_outputs
from genbounds.bounds.information._harutyunyan2021 import harutyunyan2021
from genbounds.bounds.information._hellstrom_durisi2022 import hellstrom_durisi2022
from genbounds.bounds.information._interpolating import interpolating
from genbounds.bounds.information._steinke_zakynthinou2020 import steinke_zakynthinou2020
from genbounds.bounds.information._xu_raginsky2017 import xu_raginsky2017
from genbounds.bounds.information.tables import measured_information, mutual_information

__all__ = [
    "evaluated_by_conditional",
    "evaluated_by_growth",
    "finite_outputs",
    "harutyunyan2021",
    "hellstrom_durisi2022",
    "interpolating",
    "measured_information",
    "mutual_information",
    "steinke_zakynthinou2020",
    "xu_raginsky2017",
]
