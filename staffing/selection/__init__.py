"""A selection round (竞聘) end to end: the plan, nominations, eligibility, scores, decisions, notice, appointments."""
