"""The workshop: rooms, their file, the facilitator's side and the participants' phones."""
