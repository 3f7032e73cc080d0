"""Dated facts about people: absences, secondments, sanctions and the like."""
