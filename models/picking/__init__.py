"""Pick-to-learn: a network that is certified on the very examples that it was trained on, by how few of them it needed."""

from genbounds.models.picking._learner import pick_to_learn, replay
from genbounds.models.picking._picked import Picked
from genbounds.models.picking._settings import Picking, margin_loss

__all__ = ["Picked", "Picking", "margin_loss", "pick_to_learn", "replay"]
