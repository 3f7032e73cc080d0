"""Making the synthetic people of ``fixtures/yizheng``: nobody in it exists.

``python -m config.synthetic fixtures/yizheng`` writes posts, people, their
appointments, and the cards and lines they were assessed by, from the structure
beside them. One seed, no clock: run again, it writes the same bytes.
"""
